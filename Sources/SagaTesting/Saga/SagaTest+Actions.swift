import SagaCore
import SagaRuntime

extension SagaTest {
  /// Something that happens to a saga.
  enum Action {
    case event(type: String, JSON)
    case reply(type: String, JSON, to: String?)
    case passage(String)
    case crash
    case duplicate
    case operation(Operation.Verb, reason: String, role: String?, key: String?)
  }

  /// Lets something happen, and everything that follows from it at once.
  func perform(_ action: Action, isSetup: Bool, _ file: String, _ line: Int) throws {
    if !isSetup { effects.removeAll(where: \.isSetup) }
    lastOutcomes = []
    switch action {
    case .event(let type, let data): try deliver(try event(type, data, file, line))
    case .reply(let type, let data, let call): try deliver(try reply(type, data, to: call, file, line))
    case .passage(let text): try pass(text, file, line)
    case .crash:
      store = MemoryStore(store.contents)
      engine = try ShardEngine(store: store, machines: definitions.machines, now: now)
    case .duplicate:
      guard let lastMessage else {
        throw try failure("a message to come twice", found: "none that came before", file, line)
      }
      try deliver(lastMessage)
    case .operation(let verb, let reason, let role, let key):
      try operate(verb, reason, role, key, file, line)
    }
    try settle()
    try collect(isSetup: isSetup)
    effects.removeAll { $0.message.map { ignored.contains($0.event.type) } ?? false }
  }

  private func deliver(_ event: CloudEvent) throws {
    lastMessage = event
    let receipt = try engine.offer([IncomingMessage(bytes: event.encode())], now: now)[0]
    lastOutcomes = receipt.deliveries.map(\.outcome)
  }

  private func event(_ type: String, _ data: JSON, _ file: String, _ line: Int) throws -> CloudEvent {
    guard definitions.machines.contains(where: { $0.names(type) }) else {
      let known = Set(definitions.machines.flatMap(\.takenTypes)).sorted().joined(separator: ", ")
      throw try failure("a message that the definitions take", found: "\(type); they take \(known)", file, line)
    }
    // A message that begins a saga does not belong to one that began before.
    let isStart = definitions.machines.contains { $0.starts(type) }
    let payload = SamplePayload.completed(
      data, vocabulary.schema(of: type), from: isStart ? [] : payloads)
    payloads.insert(payload, at: 0)
    return message(type, payload, source: "/test")
  }

  private func message(_ type: String, _ data: JSON, source: String) -> CloudEvent {
    messageCount += 1
    return CloudEvent(
      id: "message-\(messageCount)", source: source, type: type, time: now.rfc3339,
      datacontenttype: "application/json", data: data)
  }

  private func reply(
    _ type: String, _ data: JSON, to call: String?, _ file: String, _ line: Int
  ) throws -> CloudEvent {
    let command = try command(answeredBy: type, call, file, line)
    let payload = SamplePayload.completed(
      data, vocabulary.schema(of: type), from: [command.event.data ?? .null] + payloads)
    var reply = message(type, payload, source: "/participants/\(command.destination)")
    reply.correlationid = command.event.correlationid
    reply.causationid = command.event.id
    reply.messagekind = MessageKind.reply.rawValue
    return reply
  }

  /// The command that a reply answers: an open one before one that is over, and of several open ones the oldest.
  private func command(
    answeredBy type: String, _ call: String?, _ file: String, _ line: Int
  ) throws -> SentCommand {
    func takes(_ command: SentCommand) -> Bool {
      if let call { return [command.event.type, command.step, command.name].contains(call) }
      let identity = Vocabulary.Command(
        type: command.event.type, destination: command.destination, isUndo: command.event.undoes != nil)
      return vocabulary.answers(to: identity)?.contains { $0.type == type } ?? false
    }
    let open = Set(try openKeys())
    let fitting = commands.filter(takes)
    let chosen = fitting.filter { $0.event.idempotencykey.map(open.contains) ?? false }
    // Without a name a reply must mean one step.
    let names = Set(chosen.map(\.name)).sorted()
    if call == nil, names.count > 1 {
      let found = "\(names.joined(separator: ", ")); say which with `to:`"
      throw try failure("one open call that takes \(type)", found: found, file, line)
    }
    guard let first = chosen.first ?? fitting.last else {
      let sent = commands.map { "\($0.step): \($0.event.type)" }.joined(separator: ", ")
      throw try failure(
        "a call\(call.map { " \($0)" } ?? "") that \(type) answers", found: sent.isEmpty ? "none sent" : sent, file,
        line)
    }
    // Of the attempts of a call the last one.
    return fitting.last { $0.event.idempotencykey == first.event.idempotencykey } ?? first
  }

  private func openKeys() throws -> [String] {
    try instances().flatMap { view, machine in
      view.instance.map { machine.openCalls(of: $0).map(\.idempotencyKey.hex) } ?? []
    }
  }

  private func operate(
    _ verb: Operation.Verb, _ reason: String, _ role: String?, _ key: String?, _ file: String, _ line: Int
  ) throws {
    let (view, _) = try subject(role, key, file, line)
    let address = InstanceAddress(saga: view.machine.saga, role: view.machine.role, key: view.key)
    let reply = try engine.operate(
      .instance(address, Operation(verb: verb, by: "test", reason: reason)), now: now)
    guard reply == .done else {
      throw try failure("\(verb.rawValue) to be done", found: "\(reply)", file, line)
    }
  }

  private func pass(_ text: String, _ file: String, _ line: Int) throws {
    guard let milliseconds = DurationText.milliseconds(text) else {
      throw try failure(
        "a duration such as \"500ms\", \"30s\", \"15m\", \"36h\" or \"30d\"", found: "\"\(text)\"", file, line)
    }
    let end = now.advanced(byMilliseconds: milliseconds)
    var firings = 0
    while let due = try engine.nextDue(now: now), due <= end {
      firings += 1
      if firings > SagaTest.maximumFirings {
        throw try failure(
          "the saga to rest within \(text)", found: "more than \(SagaTest.maximumFirings) firings", file, line)
      }
      now = max(now, due)
      try settle()
    }
    now = end
  }

  /// Does what is due now, until nothing is.
  private func settle() throws {
    while try engine.tick(now: now).hasMore {}
  }
}
