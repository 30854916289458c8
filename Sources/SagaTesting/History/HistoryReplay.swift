import SagaCore
import SagaRuntime

extension GoldenHistory {
  /// Gives a history's inputs to a definition, in their order and at their times, and compares what it decides.
  ///
  /// Replies find the calls they answered even where the keys of calls are others now: the first `ChargePayment` stays the first. Ids and
  /// idempotency keys themselves are compared only with the very definition that the history was recorded with, where they must be the same
  /// for ever. A timer that would fire earlier than the recording has anything to say of fires, and is a difference.
  ///
  /// - Parameter definitions: among them one with the history's saga and role; of several versions the greatest.
  /// - Returns: the differences in the order of the history; none where the definition decides as recorded. After the first one everything
  ///   may be a consequence of it.
  /// - Throws: `GoldenHistoryError`, or what the engine throws.
  public func replay(against definitions: SagaDefinitions) throws -> [HistoryDifference] {
    let fitting = definitions.machines.filter {
      $0.identity.saga == address.saga && $0.identity.role == address.role
    }
    guard let machine = fitting.max(by: { $0.identity.version < $1.identity.version }) else {
      throw GoldenHistoryError.noDefinition(address)
    }
    return try HistoryReplay(self, machine).differences()
  }
}

/// One replay: an engine on a store in memory that is given the inputs of a history.
private final class HistoryReplay {
  let history: GoldenHistory
  let machine: Machine
  private let store: MemoryStore
  private let engine: ShardEngine
  private let isSameDefinition: Bool
  /// Rows that the engine has written so far.
  private var written = 0
  /// Commands that were taken out and whose fate the history tells later.
  private var undelivered: [String: OutgoingPosition] = [:]
  /// The keys of calls, by the command's type, in the order they were first sent: then and now.
  private var recordedKeys = CallKeys()
  private var newKeys = CallKeys()

  /// Timers that fire beside the recording; past it the definition is taken for one that never rests.
  static let maximumFirings = 10_000

  init(_ history: GoldenHistory, _ machine: Machine) throws {
    self.history = history
    self.machine = machine
    isSameDefinition = GoldenHistory.hexadecimal(machine.sourceHash) == history.definitionHash
    var contents = MemoryContents()
    contents.epoch = history.epoch
    store = MemoryStore(contents)
    var configuration = EngineConfiguration()
    // Each timer is an input of its own.
    configuration.maximumBatch = 1
    configuration.isPipelined = { _ in true }
    let start = history.rows.first.flatMap(RecordedInput.time) ?? Timestamp(milliseconds: 0)
    engine = try ShardEngine(store: store, machines: [machine], configuration: configuration, now: start)
  }

  func differences() throws -> [HistoryDifference] {
    var differences: [HistoryDifference] = []
    var recordedWake: Timestamp?
    for group in try RecordedInput.groups(history.rows) {
      differences += try fireBeside(before: group.number, at: group.at, recordedWake)
      try give(group)
      let rows = try newRows()
      recordedKeys.note(group.rows)
      newKeys.note(rows)
      let difference = HistoryDifference(
        row: group.number, at: group.at, input: group.text, recorded: group.rows, now: rows,
        withIDs: isSameDefinition)
      if let difference { differences.append(difference) }
      recordedWake = group.rows.last?["after"]?["wakeAt"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
    }
    return differences
  }

  /// Timers that are due before the next recorded input, and were not so in the recording.
  private func fireBeside(before row: Int, at end: Timestamp, _ recordedWake: Timestamp?) throws -> [HistoryDifference]
  {
    var differences: [HistoryDifference] = []
    while let wake = try engine.view(history.address)?.wakeAt, wake < end, wake != recordedWake {
      guard differences.count < HistoryReplay.maximumFirings else {
        let reason = "before it more than \(HistoryReplay.maximumFirings) timers fire that it does not have"
        throw GoldenHistoryError.notReplayable(row: row, reason: reason)
      }
      try fire(at: wake)
      let rows = try newRows()
      newKeys.note(rows)
      let difference = HistoryDifference(
        row: nil, at: wake, input: "a timer", recorded: [], now: rows, withIDs: isSameDefinition)
      // Nothing was due after all: the timer waits for something else.
      guard let difference else { break }
      differences.append(difference)
    }
    return differences
  }

  private func give(_ group: RecordedInput) throws {
    switch group.cause {
    case .message(var event):
      event.correlationid = event.correlationid.map(translated)
      _ = try engine.offer([IncomingMessage(bytes: event.encode())], now: group.at)
    case .timer: try fire(at: group.at)
    case .operation(let operation):
      _ = try engine.operate(.instance(history.address, operation), now: group.at)
    case .undeliverable(let key, let reason, let isPermanent):
      let position = undelivered[newKeys.key(at: recordedKeys.place(of: key)) ?? key]
      guard let position else { break }
      let result = DeliveryResult(position: position, outcome: .refused(reason: reason, isPermanent: isPermanent))
      try engine.confirm(lane: "output", [result], now: group.at)
    }
    try takeOutgoing(at: group.at)
  }

  /// A call's correlation of the recording as that of the same call now. It is the slot of the saga's key, which stays, and the call's key.
  private func translated(_ correlation: String) -> String {
    let slot = correlation.dropLast(32)
    let place = recordedKeys.place(of: String(correlation.dropFirst(slot.count)))
    return newKeys.key(at: place).map { slot + $0 } ?? correlation
  }

  private func fire(at time: Timestamp) throws {
    _ = try engine.tick(now: time)
    try takeOutgoing(at: time)
  }

  /// What the saga sends to itself comes in as recorded; what cannot be delivered stays out until the recording says so.
  private func takeOutgoing(at time: Timestamp) throws {
    for lane in [localLane, "output"] {
      while true {
        let taken = try engine.takeOutgoing(lane: lane, limit: 100, now: time)
        if taken.isEmpty { break }
        var confirmed: [DeliveryResult] = []
        for delivery in taken {
          let key = try CloudEvent.decode(delivery.bytes).idempotencykey
          if lane == "output", delivery.kind == .command, let key, hasUndeliverable {
            undelivered[key] = delivery.position
          } else {
            confirmed.append(DeliveryResult(position: delivery.position, outcome: .confirmed))
          }
        }
        try engine.confirm(lane: lane, confirmed, now: time)
      }
    }
  }

  private lazy var hasUndeliverable = history.rows.contains { $0["cause"]?["kind"]?.stringValue == "undeliverable" }

  private func newRows() throws -> [JSON] {
    let reader = try ShardReader(store: store)
    guard let view = try reader.instance(history.address) else { return [] }
    let stages = try reader.evolution(of: view.id)
    defer { written = stages.count }
    return stages.dropFirst(written).map(GoldenHistory.row)
  }
}

/// The idempotency keys of calls by the command's type, in the order in which they were first sent.
private struct CallKeys {
  struct Place: Hashable {
    var type: String
    var number: Int
  }
  private var keys: [String: [String]] = [:]
  private var places: [String: Place] = [:]

  mutating func note(_ rows: [JSON]) {
    for message in rows.flatMap({ $0["outgoing"]?.arrayValue ?? [] }) {
      guard let type = message["type"]?.stringValue, let key = message["idempotencykey"]?.stringValue,
        places[key] == nil
      else { continue }
      places[key] = Place(type: type, number: keys[type]?.count ?? 0)
      keys[type, default: []].append(key)
    }
  }

  func place(of key: String) -> Place? { places[key] }

  func key(at place: Place?) -> String? {
    guard let place, let keys = keys[place.type], place.number < keys.count else { return nil }
    return keys[place.number]
  }
}
