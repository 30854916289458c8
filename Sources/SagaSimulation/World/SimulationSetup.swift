import SagaCore
import SagaRuntime

/// What is simulated: definitions, their participants, and who runs which role. Made once, used by every run.
public struct SimulationSetup: Sendable {
  /// One process with its own store.
  public struct Service: Sendable {
    /// What stories call it.
    public var name: String
    /// The roles that it runs.
    public var machines: [Machine]
    /// The same roles in a version that is one higher.
    public var upgraded: [Machine]
    /// Types that some machine of the service names.
    public var takes: Set<String>
    /// Types that its roles publish or give as commands.
    public var sends: Set<String>
    /// Participants that its roles give commands to.
    public var destinations: Set<String>
  }

  /// What the machines were compiled from.
  public let definitions: [Definition]
  /// What participants may do.
  public let participants: ParticipantModel
  /// The user's own participants, messages and properties.
  public let scenario: SimulationScenario
  /// Each role with a store of its own.
  public let services: [Service]
  /// Who may run which roles; the first is `services`.
  public let topologies: [[Service]]
  /// Types that start sagas and that no role publishes: they come from outside.
  let starts: [String]
  /// Other types that come from outside, in the order of the file.
  let externals: [External]
  let traits: DefinitionTraits
  /// How long the sagas may take, for all their definitions say.
  let budget: TimeBudget
  /// When something may come in between, in milliseconds after a saga's start: at moments of all sizes, and where its own
  /// timers fire.
  let moments: [Int64]
  /// What the definitions say about time.
  let delays: [RoleName: RoleDelays]
  /// Roles as their text has them.
  let writtenRoles: [RoleName: WrittenRole]

  /// A type that only the outside sends.
  struct External: Sendable {
    var type: String
    /// Nothing in the definition goes on without it; others (a cancel) only come now and then.
    var isAwaited: Bool
  }

  /// A saga that the scenario's `start` begins.
  struct GivenSaga: Sendable {
    var key: String
    /// Milliseconds from the beginning of the world.
    var delay: Int64
  }

  /// The sagas that the scenario's `start` begins, each once, in its order.
  private(set) var givenSagas: [GivenSaga] = []

  /// - Throws: `SimulationError` when the definitions cannot be simulated.
  public init(_ loaded: [LoadedDefinition], scenario: SimulationScenario) throws(SimulationError) {
    definitions = loaded.compactMap(\.definition)
    guard !definitions.isEmpty, !loaded.contains(where: \.hasErrors) else { throw .invalidDefinition }
    self.scenario = scenario
    participants = ParticipantModel(definitions, scenario: scenario.participants)
    var services: [Service] = []
    for one in loaded {
      guard let definition = one.definition else { continue }
      let upgraded = SimulationSetup.upgrade(definition)
      for machine in one.machines {
        let newer = upgraded.filter { $0.identity.role == machine.identity.role }
        services.append(Service(machine, upgraded: newer, of: definition))
      }
    }
    self.services = services
    topologies = SimulationSetup.topologies(services)
    traits = DefinitionTraits(definitions)
    budget = TimeBudget(definitions)
    moments =
      [10, 100, 300, 1_000, 5_000, 31_000, 90_000, 600_000, 7_200_000, 90_000_000]
      // At the same moment as the timer, and while what it led to is under way.
      + budget.afters.flatMap { [$0, $0 &+ 1_000] }
    var delays: [RoleName: RoleDelays] = [:]
    var writtenRoles: [RoleName: WrittenRole] = [:]
    for definition in definitions {
      for role in definition.roles {
        let name = RoleName(saga: definition.name, role: role.name)
        delays[name] = RoleDelays(role)
        writtenRoles[name] = WrittenRole(role, data: definition.data)
      }
    }
    self.delays = delays
    self.writtenRoles = writtenRoles
    let published = traits.published
    var starts: [String] = []
    var externals: [External] = []
    for definition in definitions {
      for message in definition.messages {
        let type = message.type
        guard services.contains(where: { $0.takes.contains(type) }), !published.contains(type),
          !traits.replies.contains(type), !traits.commands.contains(type)
        else { continue }
        if services.contains(where: { $0.machines.contains { $0.starts(type) } }) {
          if !starts.contains(type) { starts.append(type) }
        } else if !externals.contains(where: { $0.type == type }) {
          externals.append(External(type: type, isAwaited: traits.awaited.contains(type)))
        }
      }
    }
    self.starts = starts
    self.externals = externals
    guard !starts.isEmpty || !scenario.start.isEmpty else { throw .nothingStarts }
    for type in starts + externals.map(\.type) {
      if case .computed(let text)? = participants.shapes[type].key, !scenario.start.contains(where: { $0.type == type })
      {
        throw .keyNotInvertible(type: type, key: text)
      }
    }
    addGivenSagas()
    try requireMessagesThatFit()
  }

  /// A world whose own messages are refused for their form shows nothing: it looks at none of the sagas.
  private func requireMessagesThatFit() throws(SimulationError) {
    let shapes = participants.shapes
    for type in starts where !scenario.start.contains(where: { $0.type == type }) {
      guard case .primary(let path)? = shapes[type].key, let schema = shapes[type].schema else { continue }
      let isText = if case .string = shapes.keyValue("1", type: type, path: path) { true } else { false }
      let data = shapes.data(of: type, key: isText ? "s-1" : "1", echo: nil, .recorded([]), 0)
      if let misfit = schema.validate(schema.normalise(data)).first { throw .noFittingMessage(type: type, "\(misfit)") }
    }
  }

  /// Whether all messages find their sagas by the same field: then whoever waits for another has its key.
  var hasOneKey: Bool {
    guard definitions.count == 1 else { return false }
    var fields: Set<String> = []
    for message in definitions[0].messages {
      switch message.key {
      case .primary(let source): fields.insert(source.text)
      case .named: return false
      case nil: break
      }
    }
    return fields.count == 1
  }

  /// The state in which a role ends that has come to nothing; nil for orchestrations, which name none.
  func end(of role: RoleName) -> String? {
    let states = definitions.first { $0.name == role.saga }?.roles.first { $0.name == role.role }?.states ?? []
    return (states.first { $0.final == .compensated } ?? states.first { $0.final != nil })?.name
  }

  private mutating func addGivenSagas() {
    for (index, event) in scenario.start.enumerated() where starts.contains(event.type) {
      guard case .primary(let path)? = participants.shapes[event.type].key, let value = event.data?.value(at: path)
      else { continue }
      let key = value.stringValue ?? value.description
      guard !givenSagas.contains(where: { $0.key == key }) else { continue }
      givenSagas.append(GivenSaga(key: key, delay: scenario.delay(of: event, index)))
    }
  }

  /// The same with machines of its own, for another thread (`Definition.recompiled`).
  ///
  /// - Throws: nothing where `self` could be made.
  public func recompiled() throws(SimulationError) -> SimulationSetup {
    try SimulationSetup(definitions.map { $0.recompiled() }, scenario: scenario)
  }

  /// The definition with the next version number: what a service loads when it is upgraded.
  private static func upgrade(_ definition: Definition) -> [Machine] {
    guard case .object(var members)? = try? JSONParser.parse(definition.source, limits: .definition) else { return [] }
    members["version"] = .int(definition.version + 1)
    let source = JSONWriter.compact(.object(members))
    return LoadedDefinition.load(source: source, file: definition.file, runsChecks: false).machines
  }
}

/// Why definitions cannot be simulated.
public enum SimulationError: Error, Sendable, CustomStringConvertible {
  /// A definition has errors.
  case invalidDefinition
  /// No definition has a message that starts it from outside.
  case nothingStarts
  /// The message's key is no plain field, so that no message can be made for a given key.
  case keyNotInvertible(type: String, key: String)
  /// What is made up for the type does not fit its schema.
  case noFittingMessage(type: String, String)

  public var description: String {
    switch self {
    case .invalidDefinition: "the definition has errors; `saga check` names them"
    case .nothingStarts:
      "no message from outside starts a saga: every start type is published by a role; give a scenario with `start`"
    case .keyNotInvertible(let type, let key):
      "the key of \(type) is computed (\(key)), so no such message can be made up; give one in the scenario's `start`"
    case .noFittingMessage(let type, let misfit):
      "no \(type) can be made up that fits its schema (\(misfit)); give some in the scenario's `start`"
    }
  }
}

extension SimulationScenario {
  /// When a message of `start` comes, in milliseconds after the first: as long after it as their times say.
  func delay(of event: CloudEvent, _ index: Int) -> Int64 {
    let first = start.lazy.compactMap(\.timestamp).min()
    return event.timestamp.flatMap { time in first.map { time.milliseconds(since: $0) } } ?? Int64(index) * 1_000
  }
}
