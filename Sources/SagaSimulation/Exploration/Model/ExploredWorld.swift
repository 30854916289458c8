import SagaCore
import SagaRuntime

/// What is explored: each role with a store of its own, participants as the definitions or a scenario have them, one
/// saga, and the messages that may come from outside.
struct ExploredWorld {
  struct Service {
    var name: String
    var machine: Machine
  }

  /// A message that begins a saga.
  struct Start {
    var event: CloudEvent
    /// What `Outside.awaited` is for messages of its type.
    var awaited: Int?
  }

  /// A message from outside.
  struct Outside {
    var event: CloudEvent
    /// Something waits for it, and it comes once for that; nil for one that only may come.
    var awaited: Int?
  }

  var services: [Service] = []
  var participants: ParticipantModel
  /// By destination, the number of the shared ledger.
  var ledgers: [String: Int] = [:]
  var ledgerCount = 0
  /// Each begins a world of its own.
  var starts: [Start] = []
  var outsides: [Outside] = []
  let scenario: SimulationScenario
  let traits: DefinitionTraits
  let reads: DefinitionReads
  /// Messages from outside that have more payloads that may decide something than are tried.
  private(set) var cutTypes: Set<String> = []
  /// How many elements their lists that may decide something had at most, where schemas allow more.
  private(set) var listElements: Int?
  /// Whether the engine's message ids can be replaced: nothing reads them, and no service hears itself.
  var renames = true

  /// The time at which everything begins: 2026-01-01T00:00:00Z.
  static let beginning = Timestamp(milliseconds: 1_767_225_600_000)
  /// The key of the one saga.
  static let key = "key-1"

  init(_ loaded: [LoadedDefinition], scenario: SimulationScenario) throws(ExplorationError) {
    self.scenario = scenario
    let definitions = loaded.compactMap(\.definition)
    guard !definitions.isEmpty, !loaded.contains(where: \.hasErrors) else { throw .invalidDefinition }
    participants = ParticipantModel(definitions, scenario: scenario.participants)
    traits = DefinitionTraits(definitions)
    reads = DefinitionReads(definitions)
    for machine in loaded.flatMap(\.machines) {
      let name = machine.identity.role.isEmpty ? machine.identity.saga : machine.identity.role
      services.append(Service(name: name, machine: machine))
    }
    shareLedgers(definitions)
    renames = !reads.identity && !hearsItself(definitions)
    try addOutsides(definitions)
    guard !starts.isEmpty else { throw .nothingStarts }
  }

  /// Types of which the scenario gives a saga more than one: that it waits for the next proves nothing, since here each comes once.
  var givenRepeatedly: Set<String> {
    var given: Set<[String]> = []
    var repeated: Set<String> = []
    for event in scenario.start {
      guard case .primary(let path)? = participants.shapes[event.type].key, let key = event.data?.value(at: path) else {
        continue
      }
      if !given.insert([event.type, key.description]).inserted { repeated.insert(event.type) }
    }
    return repeated
  }

  /// An undo must find what its action did: their destinations share a ledger.
  private mutating func shareLedgers(_ definitions: [Definition]) {
    for definition in definitions {
      for role in definition.roles {
        var action: Int?
        role.visitCalls { call, isUndo in
          guard let command = call.command else {
            if !isUndo { action = nil }
            return
          }
          let destination = command.destination?.value ?? ""
          if isUndo, let action, let other = ledgers[destination], other != action {
            for (name, ledger) in ledgers where ledger == other { ledgers[name] = action }
          }
          let ledger = ledgers[destination] ?? (isUndo ? action : nil) ?? ledgerCount
          ledgers[destination] = ledger
          ledgerCount = max(ledgerCount, ledger + 1)
          if !isUndo { action = ledger }
        }
      }
    }
  }

  /// Whether some role takes what it publishes: such messages go round inside the engine, with the engine's ids.
  private func hearsItself(_ definitions: [Definition]) -> Bool {
    definitions.contains { definition in
      definition.roles.contains { role in
        var own = definition
        own.roles = [role]
        let published = DefinitionTraits([own]).published
        return services.contains { service in
          service.machine.identity.saga == definition.name && service.machine.identity.role == role.name
            && published.contains(where: service.machine.names)
        }
      }
    }
  }

  private mutating func addOutsides(_ definitions: [Definition]) throws(ExplorationError) {
    var awaited = 0
    for message in definitions.flatMap(\.messages) {
      let type = message.type
      guard services.contains(where: { $0.machine.names(type) }), !traits.published.contains(type),
        !traits.replies.contains(type), !traits.commands.contains(type)
      else { continue }
      if case .computed(let text)? = participants.shapes[type].key { throw .keyNotInvertible(type: type, key: text) }
      let isStart = services.contains { $0.machine.starts(type) }
      // Where what begins a saga also leads it on, one of each type belongs to its normal course.
      let isAwaited =
        isStart
        ? traits.handled.contains(type) && awaited < Allowance.maximumAwaited : traits.awaited.contains(type)
      var events = events(of: type)
      if isStart, isAwaited, reads.time {
        // One after another, in the order in which they are declared, whatever the order in which they arrive.
        let time = ExploredWorld.beginning.advanced(byMilliseconds: Int64(awaited) * 60_000)
        for index in events.indices { events[index].time = time.rfc3339 }
      }
      if isStart { starts += events.map { Start(event: $0, awaited: isAwaited ? awaited : nil) } }
      if !isStart || isAwaited {
        for event in events { outsides.append(Outside(event: event, awaited: isAwaited ? awaited : nil)) }
      }
      // A second one of a type that begins a saga may be told from the first by its time only where times are read.
      if isStart { outsides += later(events[0], type).map { Outside(event: $0) } }
      if isAwaited { awaited += 1 }
    }
    guard awaited <= Allowance.maximumAwaited else { throw .tooLarge("\(awaited) types are awaited from outside") }
  }

  /// A message with every payload that may decide something.
  private mutating func events(of type: String) -> [CloudEvent] {
    let shape = participants.shapes[type]
    let plain = participants.shapes.data(of: type, key: ExploredWorld.key, echo: nil, .recorded([]), 0)
    var echo: JSON?
    // The key is known, and what stands beside it is open.
    if case .primary(let path)? = shape.key {
      echo = path.reversed().reduce(JSON.null) { .object(JSONObject([($1, $0)])) }
    }
    let variants = shape.plan.variants(of: plain, echo: echo, decisive: reads.decisive)
    if variants.isCut { cutTypes.insert(type) }
    listElements = [listElements, variants.listElements].compactMap { $0 }.max()
    return variants.payloads.enumerated().map { index, data in
      var event = CloudEvent(id: "\(type)-\(index + 1)", source: "/outside", type: type)
      event.time = ExploredWorld.beginning.rfc3339
      event.datacontenttype = "application/json"
      event.data = data ?? plain
      return event
    }
  }

  /// The same as messages that come beside the first: before it and after it where that can be told.
  private func later(_ plain: CloudEvent, _ type: String) -> [CloudEvent] {
    let hours: [Int64] = reads.time ? [-1, 1] : [1]
    return hours.map { hour in
      var event = plain
      event.id = "\(type)-\(hour < 0 ? "earlier" : "later")"
      event.time = ExploredWorld.beginning.advanced(byMilliseconds: hour * 3_600_000).rfc3339
      return event
    }
  }
}
