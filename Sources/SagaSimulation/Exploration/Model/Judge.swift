import CEL
import SagaCore

/// The components of a state, to be looked at.
struct WorldView {
  let services: [NodeModel]
  let participants: [ParticipantsModel]
  let serviceTuples: TupleTable
  let ledgerTuples: TupleTable

  func instances(of tuple: UInt32) -> [(machine: Machine?, instance: Instance)] {
    services.indices.flatMap { services[$0].instances(of: serviceTuples.component($0, of: tuple)) }
  }

  /// Whether an instance that is stuck is so again as soon as an operator has it tried again.
  func staysStuck(_ instance: Instance, of machine: Machine, in tuple: UInt32) throws -> Bool {
    for index in services.indices {
      guard services[index].engine.machines.contains(where: { $0.identity == machine.identity }) else { continue }
      let contents = services[index][serviceTuples.component(index, of: tuple)].contents
      return try services[index].engine.staysStuck(instance, of: machine.identity, in: contents)
    }
    return false
  }

  /// Services at which a dead letter waits for an operator.
  func servicesWithDeadLetters(of tuple: UInt32) -> [String] {
    services.indices.filter { index in
      !services[index][serviceTuples.component(index, of: tuple)].unresolved.isEmpty
    }.map { services[$0].name }
  }

  func entries(of tuple: UInt32) -> [ParticipantLedger.Entry] {
    participants.indices.flatMap { index in
      participants[index].ledgers[ledgerTuples.component(index, of: tuple)].entries
    }
  }
}

/// Says what is wrong with states, by the participants' ledgers: what really happened, whatever the engine believes.
struct Judge {
  let traits: DefinitionTraits
  /// By ledger tuple: whether it was looked at and is right.
  private var right: [Bool] = []
  private var judgedEnds: [End: String?] = [:]
  /// The user's own: what must hold in every state, and what must come about in some.
  let invariants: [SimulationScenario.Property]
  private var toReach: [SimulationScenario.Property]
  /// Names of those that came about.
  private(set) var cameAbout: [String] = []
  private var judgedStates: Set<UInt64> = []
  /// How instances ended: names of states by role.
  private(set) var reached: Set<String> = []

  struct End: Hashable {
    var services: UInt32
    var ledgers: UInt32
    /// Something that is waited for will still come from outside, or a dead letter may be replayed.
    var mayContinue: Bool
  }

  /// Types of which a saga may be given more than one: whoever takes them may wait for the next, which does not come here.
  private let givenRepeatedly: Set<String>
  /// Those of them for which some role that has come to rest may wait.
  private(set) var typesToCome: Set<String> = []

  init(_ traits: DefinitionTraits, _ scenario: SimulationScenario, givenRepeatedly: Set<String>) {
    self.traits = traits
    self.givenRepeatedly = givenRepeatedly
    invariants = scenario.invariants
    toReach = scenario.reach
  }

  var hasProperties: Bool { !invariants.isEmpty || !toReach.isEmpty }

  /// The first of the user's properties that does not hold.
  ///
  /// - Throws: `ExplorationError.property` when a property cannot be evaluated.
  mutating func broken(services: UInt32, ledgers: UInt32, _ view: WorldView) throws -> String? {
    guard judgedStates.insert(UInt64(services) << 32 | UInt64(ledgers)).inserted else { return nil }
    let activation = try view.properties(services: services, ledgers: ledgers)
    for property in invariants where try !property.holds(activation) {
      return "the invariant \(property.name) does not hold: \(property.text)"
    }
    for property in toReach where try property.holds(activation) { cameAbout.append(property.name) }
    toReach.removeAll { cameAbout.contains($0.name) }
    return nil
  }

  /// What is wrong with ledgers whatever comes.
  mutating func fault(
    in tuple: UInt32, _ participants: [ParticipantsModel], _ tuples: TupleTable
  ) -> String? {
    if Int(tuple) < right.count, right[Int(tuple)] { return nil }
    var done: [ParticipantLedger.Entry] = []
    for index in participants.indices {
      for entry in participants[index].ledgers[tuples.component(index, of: tuple)].entries
      where entry.effect == .done || entry.effect == .undone {
        guard !traits.repeatable.contains(entry.command), entry.undoes == nil else { continue }
        let double = done.contains { $0.command == entry.command && $0.source == entry.source && $0.data == entry.data }
        if double { return "\(entry.command) took effect twice, under two idempotency keys" }
        done.append(entry)
      }
    }
    while right.count <= Int(tuple) { right.append(false) }
    right[Int(tuple)] = true
    return nil
  }

  /// What is wrong with a state where nothing is on its way and no timer is armed.
  ///
  /// - Throws: what the engine throws when it is asked.
  mutating func faultAtEnd(_ end: End, _ view: WorldView) throws -> String? {
    if let known = judgedEnds[end] { return known }
    let fault = try judge(end, view)
    judgedEnds[end] = .some(fault)
    return fault
  }

  private mutating func judge(_ end: End, _ view: WorldView) throws -> String? {
    let instances = view.instances(of: end.services)
    for name in view.servicesWithDeadLetters(of: end.services) { reached.insert("\(name): a dead letter waits") }
    for (machine, instance) in instances {
      let name = machine.map { $0.identity.role.isEmpty ? $0.identity.saga : $0.identity.role } ?? "?"
      let state = machine?.stateName(of: instance) ?? "?"
      reached.insert("\(name): \(state) (\(instance.status.name))")
      if !instance.status.isFinal, instance.status != .stuck, !instance.isPaused, !end.mayContinue {
        let more = machine?.takenTypes.filter(givenRepeatedly.contains) ?? []
        typesToCome.formUnion(more)
        if !more.isEmpty { continue }
        return "\(name) hangs in the state \(state): nothing is on its way and no timer is armed"
      }
      // Stuck in the open is an end that a person mends; one that `saga retry` only leads back to is none.
      if instance.status == .stuck, !instance.isPaused, !end.mayContinue, let machine,
        try view.staysStuck(instance, of: machine, in: end.services)
      {
        let problem = machine.problem(of: instance)
        return "\(name) stays stuck in the state \(state) at \(problem?.step ?? "?"), also when it is tried again: "
          + (problem?.reason ?? "?")
      }
    }
    if let first = instances.first(where: { $0.instance.status == .completed }),
      let second = instances.first(where: {
        $0.instance.status == .compensated && $0.instance.key == first.instance.key
      })
    {
      return
        "\(first.machine?.identity.role ?? "?") has completed and \(second.machine?.identity.role ?? "?") has compensated"
    }
    for (machine, instance) in instances {
      guard let machine, instance.status.isFinal else { continue }
      let source = machine.sourceURI(key: instance.key)
      for entry in view.entries(of: end.ledgers) where entry.source == source && entry.undoes == nil {
        if let fault = fault(entry, instance, machine) { return fault }
      }
    }
    return nil
  }

  private func fault(_ entry: ParticipantLedger.Entry, _ instance: Instance, _ machine: Machine) -> String? {
    switch (instance.status, entry.effect) {
    case (.compensated, .done):
      guard traits.undoable.contains(entry.command), !traits.pivots.contains(entry.command) else { return nil }
      return "the saga is compensated and \(entry.command) is not undone"
    case (.completed, .undone):
      return traits.undoesAndCompletes.contains(machine.identity.saga)
        ? nil : "the saga is completed and \(entry.command) is undone"
    default: return nil
    }
  }
}
