import SagaCore
import SagaRuntime

/// The states of one service and what its engine makes of inputs in them, each computed once.
struct NodeModel {
  /// A service's store and what follows from it.
  struct State {
    var contents: MemoryContents
    /// When the next timer may fire: on time, or late, when a later one is due already. Ascending.
    var firings: [Timestamp]
    /// The milliseconds from now to the first; nil where no timer is armed.
    var delay: Int64?
    /// The next timer, for people.
    var timer: String
    /// Letters that were taken on the way to this state, ascending; kept where it is tracked.
    var taken: [UInt32]
    /// Keys of calls whose answers may still have an effect.
    var openCalls: Set<Hash128>
    /// The rows of dead letters that wait for people.
    var unresolved: [JournalSequence]
    /// The state that this one was first reached from, and the set of letters that were sent on the way.
    var parent: UInt32
    var sent: UInt32
  }

  /// What an input leads to.
  struct Outcome: Hashable {
    var next: UInt32
    /// A set of letters.
    var sent: UInt32
  }

  struct Transition {
    var outcome: Outcome
    /// The engine does not recognise the same message when it comes again.
    var isForgotten: Bool
    /// Some crash leads elsewhere: to one of `crashes`.
    var hasCrashes: Bool
    /// An instance has no longer seen what it had before: what comes again would be handled again.
    var forgets: Bool
  }

  let number: Int
  let name: String
  let engine: NodeEngine
  let form: InstanceForm
  let names: MessageNames
  let withCrashes: Bool
  private(set) var states: [State] = []
  /// By state: `State.delay`, or -1; and how many `firings` there are. Apart, because every step looks at them.
  private var delays: [Int64] = []
  private var firingCounts: [Int] = []
  /// By the SHA-256 of the form, cut to 128 bits.
  private var numbers: [Hash128: UInt32] = [:]
  private var known = WordTable()
  private(set) var transitions: [Transition] = []
  /// By transition: what crashes lead to that is anything else.
  private(set) var crashes: [UInt32: [Outcome]] = [:]
  /// By state: what it is after so many milliseconds in which nothing happens to it.
  private var later: [Passing: UInt32] = [:]
  /// Whether states in which different letters were taken are different.
  let tracksTaken: Bool

  private struct Passing: Hashable {
    var state: UInt32
    var milliseconds: Int64
  }

  init(
    number: Int, name: String, machines: [Machine], form: InstanceForm, names: MessageNames, withCrashes: Bool,
    tracksTaken: Bool
  ) {
    self.number = number
    self.name = name
    engine = NodeEngine(machines: machines)
    self.form = form
    self.names = names
    self.withCrashes = withCrashes
    self.tracksTaken = tracksTaken
  }

  /// The state of an empty store.
  mutating func initialState(at now: Timestamp) throws -> UInt32 {
    let form = try NodeForm(of: try engine.start(at: now), form)
    return try number(of: form, from: 0, taken: [], sent: LetterSets.empty)
  }

  subscript(state: UInt32) -> State { states[Int(state)] }

  /// The instances of a state with their machines.
  func instances(of state: UInt32) -> [(machine: Machine?, instance: Instance)] {
    let contents = states[Int(state)].contents
    return contents.instances.sorted { $0.key < $1.key }.compactMap { _, stored in
      guard let instance = stored.state.flatMap({ try? Instance(decoding: $0) }) else { return nil }
      return (engine.machine(of: stored.machine, in: contents), instance)
    }
  }

  func delay(of state: UInt32) -> Int64? { delays[Int(state)] < 0 ? nil : delays[Int(state)] }

  func firingCount(of state: UInt32) -> Int { firingCounts[Int(state)] }

  /// Whether the engine has taken a letter before and would only say so; known where it is tracked.
  func hasTaken(_ letter: UInt32, in state: UInt32) -> Bool {
    // A few dozen letters at most.
    states[Int(state)].taken.contains(letter)
  }

  func knownTransition(_ key: UInt64) -> UInt32? { known[key] }

  static func key(state: UInt32, letter: UInt32) -> UInt64 { UInt64(state) << 32 | UInt64(letter) }
  static func key(state: UInt32, firing: Int) -> UInt64 { UInt64(state) << 32 | 0x8000_0000 | UInt64(firing) }
  private static func key(state: UInt32, replayed: Int) -> UInt64 {
    UInt64(state) << 32 | 0xC000_0000 | UInt64(replayed)
  }

  /// Computes what a letter that was not taken before leads to.
  mutating func deliver(_ letter: UInt32, in state: UInt32, _ post: inout PostOffice) throws -> UInt32 {
    let message = post.letters.message(letter)
    var contents = states[Int(state)].contents
    // On the first way to this state it may have been taken, with no effect that lasted; on this way it was not.
    if !tracksTaken { contents = try NodeForm.forgetting(post.letters.identity(letter), in: contents) }
    return try compute(
      .message(message), on: contents, in: state, cause: post.letters.event(letter).id, letter,
      NodeModel.key(state: state, letter: letter), &post)
  }

  /// Computes what firing the next timer at one of `firings` leads to.
  mutating func fire(_ firing: Int, in state: UInt32, _ post: inout PostOffice) throws -> UInt32 {
    let from = states[Int(state)]
    return try compute(
      .firing(at: from.firings[firing]), on: from.contents, in: state, cause: from.timer, nil,
      NodeModel.key(state: state, firing: firing), &post)
  }

  /// The dead letters whose replay moves an instance or sends something, and the transitions that these are: what is refused again, or
  /// waits in vain once more, helps nobody.
  mutating func replays(
    in state: UInt32, _ post: inout PostOffice
  ) throws -> [(transition: UInt32, letter: Int)] {
    var found: [(transition: UInt32, letter: Int)] = []
    for (index, letter) in states[Int(state)].unresolved.enumerated() {
      let key = NodeModel.key(state: state, replayed: index)
      let number =
        try known[key]
        ?? compute(
          .replay(letter), on: states[Int(state)].contents, in: state, cause: "replay-\(state)-\(index)", nil, key,
          &post)
      let outcome = transitions[Int(number)].outcome
      if outcome.sent != LetterSets.empty || !hasSameInstances(outcome.next, state) { found.append((number, index)) }
    }
    return found
  }

  private func hasSameInstances(_ left: UInt32, _ right: UInt32) -> Bool {
    let (left, right) = (states[Int(left)].contents.instances, states[Int(right)].contents.instances)
    return left.count == right.count && left.allSatisfy { right[$0.key]?.state == $0.value.state }
  }

  /// The type of a state's dead letter, for people.
  func type(ofLetter index: Int, in state: UInt32) -> String {
    let entry = states[Int(state)]
    let bytes = entry.contents.row(entry.unresolved[index])?.input ?? []
    return (try? CloudEvent.decode(bytes).type) ?? "what is no message"
  }

  /// What a state is after a time in which nothing happens to it: what waits comes nearer.
  ///
  /// - Parameter milliseconds: no more than until the state's first timer.
  mutating func waiting(_ milliseconds: Int64, in state: UInt32) throws -> UInt32 {
    // Where no expression reads times, one without timers is the same at any time.
    if milliseconds <= 0 || (form.now != nil && states[Int(state)].delay == nil) { return state }
    let passing = Passing(state: state, milliseconds: milliseconds)
    if let known = later[passing] { return known }
    let before = states[Int(state)]
    var contents = before.contents
    contents.clock = contents.clock.advanced(byMilliseconds: milliseconds)
    let next = try number(of: NodeForm(of: contents, form), from: state, taken: before.taken, sent: LetterSets.empty)
    later[passing] = next
    return next
  }

  private mutating func compute(
    _ input: NodeEngine.Input, on contents: MemoryContents, in state: UInt32, cause: String, _ letter: UInt32?,
    _ key: UInt64, _ post: inout PostOffice
  ) throws -> UInt32 {
    let (result, crashes) = try engine.run(input, on: contents, withCrashes: withCrashes)
    let (outcome, seen) = try self.outcome(of: result, in: state, cause: cause, letter, &post)
    var others: [Outcome] = []
    for crash in crashes where !crash.isSame(as: result) {
      let (other, otherSeen) = try self.outcome(of: crash, in: state, cause: cause, letter, &post)
      if other != outcome || otherSeen != seen, !others.contains(other) { others.append(other) }
    }
    let number = UInt32(transitions.count)
    let forgets = try ([result] + crashes).contains { try NodeForm.forgets($0.contents, from: contents) }
    transitions.append(
      Transition(
        outcome: outcome, isForgotten: result.isForgotten, hasCrashes: !others.isEmpty, forgets: forgets))
    if !others.isEmpty { self.crashes[number] = others }
    known.add(key, number)
    return number
  }

  private mutating func outcome(
    of result: NodeEngine.Result, in state: UInt32, cause: String, _ letter: UInt32?, _ post: inout PostOffice
  ) throws -> (Outcome, seen: [UInt8]) {
    let form = try NodeForm(of: result.contents, form)
    // The same message sent twice is one letter.
    var distinct: [NodeEngine.Sent] = []
    for message in result.sent where !distinct.contains(message) { distinct.append(message) }
    let messages = try distinct.map {
      SentMessage(event: try CloudEvent.decode($0.bytes), destination: $0.destination)
    }
    let named = names.named(messages, instances: form.instances, cause: cause)
    let sent = post.post(named, from: number)
    // Where crashes send messages again, the same letter is meant to come of it.
    if !tracksTaken, sent != LetterSets.empty,
      let double = post.sets[sent].first(where: { hasSent($0, before: state, post.sets) })
    {
      throw ExplorationError.ambiguousName(type: post.letters.event(double).type, service: name)
    }
    var taken = states[Int(state)].taken
    if tracksTaken, let letter, !result.isForgotten, !taken.contains(letter) { taken = (taken + [letter]).sorted() }
    let next = try number(of: form, from: state, taken: taken, sent: sent)
    return (Outcome(next: next, sent: sent), form.seen)
  }

  private func hasSent(_ letter: UInt32, before state: UInt32, _ sets: LetterSets) -> Bool {
    var current = state
    while true {
      let entry = states[Int(current)]
      if sets[entry.sent].contains(letter) { return true }
      if entry.parent == current { return false }
      current = entry.parent
    }
  }

  /// The number of a form.
  private mutating func number(
    of form: NodeForm, from parent: UInt32, taken: [UInt32], sent: UInt32
  ) throws -> UInt32 {
    var builder = HashBuilder()
    builder.append(form.bytes)
    if tracksTaken { builder.append(form.seen) }
    let hash = builder.finalize()
    if let known = numbers[hash] { return known }
    let number = UInt32(states.count)
    var state = State(
      contents: form.contents, firings: [], delay: nil, timer: "", taken: taken,
      openCalls: Set(form.instances.flatMap(\.keysOfCallsNotOver)),
      unresolved: form.contents.deadLetters.values.filter { $0.resolution == nil }.map(\.sequence).sorted(),
      parent: states.isEmpty ? number : parent, sent: sent)
    arm(&state, form)
    numbers[hash] = number
    states.append(state)
    delays.append(state.delay ?? -1)
    firingCounts.append(state.firings.count)
    return number
  }

  private func arm(_ state: inout State, _ form: NodeForm) {
    var times: [Timestamp] = []
    var first: (due: Timestamp, name: String)?
    for (index, instance) in form.instances.enumerated() {
      for timer in instance.activeTimers { times.append(timer.due) }
      guard let next = instance.dueTimer(now: Timestamp(milliseconds: .max)) else { continue }
      if first == nil || next.due < first!.due {
        let machine = engine.machine(of: form.machines[index], in: state.contents)
        first = (next.due, machine?.timerName(next.firing.timer, in: instance) ?? "timer")
      }
    }
    for list in state.contents.parked.values {
      for parked in list {
        times.append(parked.expiresAt)
        if first == nil || parked.expiresAt < first!.due {
          first = (parked.expiresAt, "the end of waiting for an instance")
        }
      }
    }
    let clock = state.contents.clock
    guard let first else { return }
    state.timer = first.name
    state.delay = max(0, first.due.milliseconds(since: clock))
    state.firings = Array(Set(times.map { max($0, clock) })).sorted()
  }

  /// About what the states take.
  var bytes: Int {
    known.bytes + transitions.count * 12
      + states.reduce(0) {
        $0 + 1200 + $1.contents.instances.values.reduce(0) { $0 + ($1.state?.count ?? 0) + $1.seen.count }
      }
  }
}

extension NodeEngine {
  /// The machine with a number in a store.
  func machine(of id: MachineID, in contents: MemoryContents) -> Machine? {
    guard let stored = contents.machines.first(where: { $0.id == id }) else { return nil }
    return machines.first { $0.identity.saga == stored.saga && $0.identity.role == stored.role }
  }
}
