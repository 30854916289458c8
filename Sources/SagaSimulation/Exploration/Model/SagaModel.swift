import SagaCore
import SagaRuntime

/// The world of a saga as a transition system: services, participants' ledgers and letters on their way.
///
/// A state is four numbers: the tuple of service states, the tuple of ledgers, the set of letters, and what is left of the
/// bounds. What an input does to a service is computed once, by the engine that production runs, on a store with that
/// state's contents (`NodeModel`); after that a step of the whole is a few looks into tables.
///
/// What is left out, and why nothing is lost by it, is in `docs/decisions/0012-how-exploration-stays-small.md`.
struct SagaModel: TransitionSystem {
  let world: ExploredWorld
  let bounds: ExplorationBounds
  var services: [NodeModel] = []
  var participants: [ParticipantsModel] = []
  var post: PostOffice
  var serviceTuples: TupleTable
  var ledgerTuples: TupleTable
  var judge: Judge
  var overdue: OverdueLetters
  private var undoJudge: UndoJudge
  /// Types of the messages that the scenario gives.
  private let given: Set<String>
  /// The set of letters that each message from outside is, by how many more may come: each is a message of its own.
  private var outsideSets: [[UInt32]] = []

  /// Whether a state says which letters its services have taken. Only where letters may come again does it matter: a
  /// letter that was taken and can never come again leads to the same future as one that was not sent.
  let tracksTaken: Bool

  init(_ world: ExploredWorld, bounds: ExplorationBounds, tracksTaken: Bool = false) throws {
    self.tracksTaken = tracksTaken
    self.world = world
    self.bounds = bounds
    given = Set(world.scenario.start.map(\.type))
    let time = world.reads.time ? nil : ExploredWorld.beginning
    let form = InstanceForm(
      now: time, anonymises: world.renames,
      forgetsAnswers: !world.services.contains { $0.machine.names("saga.contradiction") },
      keepsRevisions: !world.renames)
    let names = MessageNames(time: time, renames: world.renames)
    guard world.services.count <= 32, world.ledgerCount <= 32 else {
      throw ExplorationError.tooLarge("\(world.services.count) services and \(world.ledgerCount) participants")
    }
    for (number, service) in world.services.enumerated() {
      services.append(
        NodeModel(
          number: number, name: service.name, machines: [service.machine], form: form, names: names,
          withCrashes: bounds.crashes > 0,
          tracksTaken: tracksTaken))
    }
    for number in 0..<world.ledgerCount {
      participants.append(
        ParticipantsModel(
          number: number, model: world.participants, decisive: world.reads.decisive,
          renames: world.renames && !tracksTaken))
    }
    post = PostOffice(
      services: world.services.map { Set($0.machine.takenTypes) }, participants: world.ledgers)
    serviceTuples = TupleTable(width: services.count)
    ledgerTuples = TupleTable(width: participants.count)
    judge = Judge(world.traits, world.scenario, givenRepeatedly: world.givenRepeatedly)
    overdue = OverdueLetters(services: services.count)
    undoJudge = UndoJudge(world.traits, ledgers: participants.count)
    for outside in world.outsides {
      outsideSets.append(
        (0...max(0, bounds.externals)).map { left in
          var event = outside.event
          event.id += "-\(left)"
          return post.post([SentMessage(event: event)], from: nil)
        })
    }
  }

  var allowance: UInt64 { coversByAllowance ? UInt64(Allowance.counters) : 0 }
  /// Whether states with less left are passed over; off only to test that this loses nothing.
  var coversByAllowance = true
  /// Whether letters that are too late for anything are taken out; off only to test that this loses nothing.
  var removesOverdue = true

  mutating func initialStates() throws -> [PackedState] {
    var nodes: [UInt32] = []
    for index in services.indices { nodes.append(try services[index].initialState(at: ExploredWorld.beginning)) }
    let place = Place(
      services: serviceTuples.number(of: nodes),
      ledgers: ledgerTuples.number(of: [UInt32](repeating: 0, count: participants.count)),
      letters: LetterSets.empty, allowance: Allowance(bounds))
    return world.starts.map { start in
      var first = place
      first.letters = post.post([SentMessage(event: start.event)], from: nil)
      if let awaited = start.awaited { first.allowance = first.allowance.coming(awaited) }
      return first.packed
    }
  }

  /// A state, unpacked.
  struct Place {
    var services: UInt32
    var ledgers: UInt32
    var letters: UInt32
    var allowance: Allowance

    init(services: UInt32, ledgers: UInt32, letters: UInt32, allowance: Allowance) {
      self.services = services
      self.ledgers = ledgers
      self.letters = letters
      self.allowance = allowance
    }

    @inline(__always)
    init(_ packed: PackedState) {
      services = UInt32(truncatingIfNeeded: packed.low >> 32)
      ledgers = UInt32(truncatingIfNeeded: packed.low)
      letters = UInt32(truncatingIfNeeded: packed.high >> 32)
      allowance = Allowance(word: UInt32(truncatingIfNeeded: packed.high))
    }

    @inline(__always)
    var packed: PackedState {
      PackedState(
        low: UInt64(services) << 32 | UInt64(ledgers), high: UInt64(letters) << 32 | UInt64(allowance.word))
    }
  }

  mutating func appendSteps(from state: PackedState, to steps: inout [Step<SagaAction>]) throws {
    let place = Place(state)
    if place.allowance.fault != nil { return }
    for letter in post.sets[place.letters] { try appendSteps(with: letter, from: place, to: &steps) }
    try appendFirings(from: place, to: &steps)
    try appendOutsides(from: place, to: &steps)
    try appendReplays(from: place, to: &steps)
  }

  private mutating func appendSteps(
    with letter: UInt32, from place: Place, to steps: inout [Step<SagaAction>]
  ) throws {
    let rest = post.sets.removing(letter, from: place.letters)
    switch post.letters.receiver(letter) {
    case .node(let service):
      let action = SagaAction(kind: .deliver, service: UInt8(service), letter: letter)
      try appendDeliveries(action, of: letter, rest: rest, again: place.letters, from: place, &steps)
    case .participants(let ledger): try appendAnswers(to: letter, by: ledger, rest, from: place, &steps)
    }
    if post.letters.canBeLost[Int(letter)], place.allowance.has(.losses) {
      var next = place
      next.letters = rest
      next.allowance = place.allowance.spending(.losses)
      steps.append(Step(SagaAction(kind: .lose, letter: letter), to: next.packed))
    }
  }

  /// - Parameters:
  ///   - rest: what else is on its way.
  ///   - again: the same with the letter, which comes again.
  private mutating func appendDeliveries(
    _ action: SagaAction, of letter: UInt32, rest: UInt32, again: UInt32, from place: Place,
    _ steps: inout [Step<SagaAction>]
  ) throws {
    let service = Int(action.service)
    let node = serviceTuples.component(service, of: place.services)
    let key = NodeModel.key(state: node, letter: letter)
    let number = try services[service].knownTransition(key) ?? services[service].deliver(letter, in: node, &post)
    let transition = services[service].transitions[Int(number)]
    var next = place
    if transition.forgets { next.allowance = place.allowance.with(.forgotten) }
    next.services = serviceTuples.replacing(service, of: place.services, by: transition.outcome.next)
    next.letters = post.sets.adding(transition.outcome.sent, to: rest)
    try removeOverdue(of: service, in: &next)
    steps.append(Step(action, to: next.packed))
    if place.allowance.has(.duplicates), try comesAgain(letter, to: service, in: transition) {
      next.letters = post.sets.adding(transition.outcome.sent, to: again)
      next.allowance = place.allowance.spending(.duplicates)
      steps.append(Step(action.with(.twice), to: next.packed))
    }
    guard transition.hasCrashes, place.allowance.has(.crashes) else { return }
    for (index, crash) in try crashes(of: number, at: service).enumerated() {
      var crashed = place
      crashed.services = serviceTuples.replacing(service, of: place.services, by: crash.next)
      // Nothing was acknowledged: the letter comes again, unless the engine would only say that it had it.
      let left = services[service].hasTaken(letter, in: crash.next) ? rest : again
      crashed.letters = post.sets.adding(unseen(crash.sent, by: crashed.services), to: left)
      crashed.allowance = place.allowance.spending(.crashes)
      steps.append(Step(action.with(.crash(index)), to: crashed.packed))
    }
  }

  private mutating func appendAnswers(
    to letter: UInt32, by ledger: Int, _ rest: UInt32, from place: Place, _ steps: inout [Step<SagaAction>]
  ) throws {
    let state = ledgerTuples.component(ledger, of: place.ledgers)
    let number = try participants[ledger].deliver(letter, in: state, &post)
    for (index, outcome) in participants[ledger].outcomes[Int(number)].enumerated() {
      var next = place
      next.ledgers = ledgerTuples.replacing(ledger, of: place.ledgers, by: outcome.next)
      next.letters = post.sets.adding(unseen(outcome.sent, by: place.services), to: rest)
      if outcome.undoes, let fault = undoJudge.fault(by: ledger, from: state, to: next.ledgers, view) {
        next.allowance = next.allowance.with(fault)
      }
      if let owner = owner(of: letter) { try removeOverdue(of: owner, in: &next) }
      steps.append(
        Step(
          SagaAction(kind: .answer, service: UInt8(ledger), detail: UInt16(index), letter: letter), to: next.packed))
    }
  }

  /// What crashes lead to, if that is elsewhere. Then messages may leave twice, and what was taken matters.
  private func crashes(of transition: UInt32, at service: Int) throws -> [NodeModel.Outcome] {
    guard tracksTaken else { throw TakenMatters() }
    return services[service].crashes[transition] ?? []
  }

  /// Letters without those that their receivers have taken before.
  private mutating func unseen(_ set: UInt32, by tuple: UInt32) -> UInt32 {
    // Every letter is sent once, unless a crash sends it again.
    if !tracksTaken || set == LetterSets.empty { return set }
    let letters = post.sets[set]
    let fresh = letters.filter { letter in
      guard case .node(let service) = post.letters.receiver(letter) else { return true }
      return !services[service].hasTaken(letter, in: serviceTuples.component(service, of: tuple))
    }
    return fresh.count == letters.count ? set : post.sets.number(of: fresh)
  }

  /// Timers: free for the earliest when nothing is on its way, otherwise a fault of time.
  private mutating func appendFirings(from place: Place, to steps: inout [Step<SagaAction>]) throws {
    let isQuiet = place.letters == LetterSets.empty
    guard isQuiet || place.allowance.has(.timeouts) else { return }
    let earliest = isQuiet ? earliestDelay(place.services) : nil
    for service in services.indices {
      let node = serviceTuples.component(service, of: place.services)
      guard let delay = services[service].delay(of: node) else { continue }
      for firing in 0..<services[service].firingCount(of: node) {
        var next = place
        if firing == 0, delay == earliest {
          next.services = try waiting(delay, butFor: service, from: place.services)
        } else {
          guard place.allowance.has(.timeouts) else { break }
          next.allowance = place.allowance.spending(.timeouts)
        }
        let key = NodeModel.key(state: node, firing: firing)
        let number = try services[service].knownTransition(key) ?? services[service].fire(firing, in: node, &post)
        let transition = services[service].transitions[Int(number)]
        if transition.forgets { next.allowance = next.allowance.with(.forgotten) }
        let others = next.services
        next.services = serviceTuples.replacing(service, of: others, by: transition.outcome.next)
        next.letters = post.sets.adding(transition.outcome.sent, to: place.letters)
        try removeOverdue(of: service, in: &next)
        let action = SagaAction(kind: .fire, service: UInt8(service), detail: UInt16(firing))
        steps.append(Step(action, to: next.packed))
        next.services = others
        next.letters = place.letters
        try appendCrashes(action, number, from: next, to: &steps)
      }
    }
  }

  /// Steps in which a service stops after it has decided something that was no letter.
  ///
  /// - Parameter place: with what the decision has spent, and without what it has led to.
  private mutating func appendCrashes(
    _ action: SagaAction, _ transition: UInt32, from place: Place, to steps: inout [Step<SagaAction>]
  ) throws {
    let service = Int(action.service)
    guard services[service].transitions[Int(transition)].hasCrashes, place.allowance.has(.crashes) else { return }
    for (index, crash) in try crashes(of: transition, at: service).enumerated() {
      var crashed = place
      crashed.services = serviceTuples.replacing(service, of: place.services, by: crash.next)
      crashed.letters = post.sets.adding(unseen(crash.sent, by: crashed.services), to: place.letters)
      crashed.allowance = place.allowance.spending(.crashes)
      steps.append(Step(action.with(.crash(index)), to: crashed.packed))
    }
  }

  /// The tuple after a time in which one service waits for its timer and the others for nothing.
  private mutating func waiting(_ milliseconds: Int64, butFor service: Int, from tuple: UInt32) throws -> UInt32 {
    var tuple = tuple
    for other in services.indices where other != service {
      let before = serviceTuples.component(other, of: tuple)
      let after = try services[other].waiting(milliseconds, in: before)
      if after != before { tuple = serviceTuples.replacing(other, of: tuple, by: after) }
    }
    return tuple
  }

  private func earliestDelay(_ tuple: UInt32) -> Int64? {
    var earliest: Int64?
    for service in services.indices {
      guard let delay = services[service].delay(of: serviceTuples.component(service, of: tuple)) else { continue }
      earliest = min(earliest ?? delay, delay)
    }
    return earliest
  }

  /// Messages from outside. One that goes to a single service is there at once: that it comes later is another step.
  private mutating func appendOutsides(from place: Place, to steps: inout [Step<SagaAction>]) throws {
    for (index, outside) in world.outsides.enumerated() {
      var next = place
      if let awaited = outside.awaited {
        if place.allowance.hasCome(awaited) { continue }
        next.allowance = place.allowance.coming(awaited)
      } else {
        guard place.allowance.has(.externals) else { continue }
        next.allowance = place.allowance.spending(.externals)
      }
      let set = outsideSets[index][outside.awaited == nil ? place.allowance.left(.externals) : 0]
      let letters = post.sets[set]
      var action = SagaAction(kind: .outside, detail: UInt16(index))
      if letters.count == 1, case .node(let service) = post.letters.receiver(letters[0]) {
        action.service = UInt8(service)
        let again = post.sets.adding(set, to: place.letters)
        try appendDeliveries(action, of: letters[0], rest: place.letters, again: again, from: next, &steps)
      } else {
        next.letters = post.sets.adding(set, to: place.letters)
        steps.append(Step(action, to: next.packed))
      }
    }
  }

  /// When nothing else happens any more, people look after what was refused.
  private mutating func appendReplays(from place: Place, to steps: inout [Step<SagaAction>]) throws {
    guard isAtRest(place) else { return }
    for service in services.indices {
      let node = serviceTuples.component(service, of: place.services)
      for (number, letter) in try services[service].replays(in: node, &post) {
        let transition = services[service].transitions[Int(number)]
        var next = place
        if transition.forgets { next.allowance = place.allowance.with(.forgotten) }
        next.services = serviceTuples.replacing(service, of: place.services, by: transition.outcome.next)
        next.letters = transition.outcome.sent
        try removeOverdue(of: service, in: &next)
        let action = SagaAction(kind: .replay, service: UInt8(service), detail: UInt16(letter))
        steps.append(Step(action, to: next.packed))
        try appendCrashes(action, number, from: place, to: &steps)
      }
    }
  }

  /// Nothing is on its way, and no timer is armed.
  private func isAtRest(_ place: Place) -> Bool {
    place.letters == LetterSets.empty && earliestDelay(place.services) == nil
  }

  private mutating func hasReplays(_ tuple: UInt32) throws -> Bool {
    for service in services.indices
    where try !services[service].replays(in: serviceTuples.component(service, of: tuple), &post).isEmpty { return true }
    return false
  }

  mutating func violation(in state: PackedState) throws -> String? {
    let place = Place(state)
    if let fault = place.allowance.fault { return fault.text }
    if let fault = judge.fault(in: place.ledgers, participants, ledgerTuples) { return fault }
    if judge.hasProperties,
      let fault = try judge.broken(services: place.services, ledgers: place.ledgers, view)
    {
      return fault
    }
    guard isAtRest(place) else { return nil }
    let mayContinue = try isAwaiting(place.allowance) || hasReplays(place.services)
    return try judge.faultAtEnd(
      Judge.End(services: place.services, ledgers: place.ledgers, mayContinue: mayContinue), view)
  }

  /// Whether a message from outside that something waits for has not come yet and will, as the scenario gives it. Others may stay away,
  /// as in a simulation.
  private func isAwaiting(_ allowance: Allowance) -> Bool {
    world.outsides.contains { outside in
      outside.awaited.map { !allowance.hasCome($0) && given.contains(outside.event.type) } ?? false
    }
  }

  private var view: WorldView {
    WorldView(services: services, participants: participants, serviceTuples: serviceTuples, ledgerTuples: ledgerTuples)
  }
}

/// A crash leads elsewhere than going on does, so that states must say which letters were taken.
struct TakenMatters: Error {}
