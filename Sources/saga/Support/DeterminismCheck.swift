import SagaCore

/// Compares what two processes say of the same seeds, and finds where they part.
enum DeterminismCheck {
  /// What a process says of one seed.
  struct Run: Sendable, Hashable {
    var seed: UInt64
    /// Of every choice and every commit.
    var hash: UInt64
    var events: Int
    /// The rolling hash after each event, where it was asked for.
    var steps: [UInt32]?
  }

  /// Where two runs of a seed part.
  struct Difference: Sendable, Hashable {
    var seed: UInt64
    /// The last event after which both are the same; 0 where they begin in different ways.
    var event: Int
    /// Events of the first of the two runs.
    var events: Int
  }

  /// How many elements both lists begin with; nil when the lists are equal.
  static func firstDifference<Element: Equatable>(_ elements: [Element], _ others: [Element]) -> Int? {
    for (index, (element, other)) in zip(elements, others).enumerated() where element != other { return index }
    return elements.count == others.count ? nil : min(elements.count, others.count)
  }

  /// Where two runs of a seed part; nil when they are the same.
  static func difference(_ run: Run, _ other: Run) -> Difference? {
    if run == other { return nil }
    let steps = run.steps ?? []
    // Where all steps agree, what differs is done after the last event.
    let event = firstDifference(steps, other.steps ?? []) ?? steps.count
    return Difference(seed: run.seed, event: event, events: run.events)
  }
}

extension DeterminismCheck.Run {
  /// What `saga simulate --hashes` has printed; nil for anything else.
  init?(_ json: JSON) {
    guard let seed = json["seed"]?.stringValue.flatMap({ UInt64($0) }),
      let hash = json["hash"]?.stringValue.flatMap({ UInt64($0, radix: 16) }),
      let events = json["events"]?.intValue
    else { return nil }
    self.init(seed: seed, hash: hash, events: Int(events), steps: nil)
    guard let written = json["steps"]?.arrayValue else { return }
    let steps = written.compactMap { step in step.stringValue.flatMap { UInt32($0, radix: 16) } }
    guard steps.count == written.count else { return nil }
    self.steps = steps
  }

  /// One line of `saga simulate --hashes`.
  var json: JSON {
    var members: JSONObject = [
      "seed": .string(String(seed)), "hash": .string(String(hash, radix: 16)), "events": .int(Int64(events)),
    ]
    if let steps { members["steps"] = .array(steps.map { .string(String($0, radix: 16)) }) }
    return .object(members)
  }
}
