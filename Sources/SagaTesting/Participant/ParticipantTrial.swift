import SagaCore
import SagaRuntime

/// One check on one command of a participant: an engine of its own, the participant in it, and who asks.
final class ParticipantTrial: Sendable {
  let rule: String
  let harness: ParticipantHarness
  let sample: CommandSample
  let engine: SagaEngine
  let probe: ParticipantProbe

  /// The saga in whose name commands are sent: their replies leave the service.
  private static let saga = "conformance"

  private init(_ rule: String, _ harness: ParticipantHarness, _ sample: CommandSample) throws {
    self.rule = rule
    self.harness = harness
    self.sample = sample
    probe = ParticipantProbe()
    engine = try SagaEngine(
      source: harness.store(), definitions: .none, participants: [probe.around(harness.make())],
      routes: [.replies(to: ParticipantTrial.saga, transport: ClosureTransport { _ in })])
  }

  /// Runs the engine while `body` uses it.
  static func run(
    rule: String, _ harness: ParticipantHarness, _ sample: CommandSample,
    _ body: @escaping @Sendable (ParticipantTrial) async throws -> Void
  ) async throws {
    let trial = try ParticipantTrial(rule, harness, sample)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await trial.engine.run() }
      do {
        try await body(trial)
      } catch {
        group.cancelAll()
        // An engine that could not run is the reason of everything after it.
        try await group.waitForAll()
        throw error
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }
}

/// What a check sends and what it looks at.
extension ParticipantTrial {
  /// An action to be done, in a business of its own.
  struct Case: Sendable {
    /// Of the payload, and of the idempotency keys.
    var unique: String
    var data: JSON
    var key: String { "action-" + unique }
    func undoKey(_ number: Int) -> String { "undo-\(number)-" + unique }
  }

  /// A case that no other check has.
  func newCase(_ number: Int = 1, payload: (@Sendable (String) -> JSON)? = nil) -> Case {
    let unique = "\(Hash128.of(rule + sample.action).hex.prefix(8))-\(number)"
    return Case(unique: unique, data: (payload ?? sample.payload)(unique))
  }

  func action(_ of: Case, attempt: Int64 = 1) -> CloudEvent {
    command(sample.action, of.data, key: of.key, undoes: nil, of, attempt: attempt)
  }

  /// - Parameters:
  ///   - number: tells undos of the same action under different keys apart.
  ///   - reply: of the action, where it is known.
  func undo(_ of: Case, number: Int = 1, reply: CloudEvent? = nil, attempt: Int64 = 1) -> CloudEvent {
    let data = sample.undoPayload(of.unique, reply?.data)
    return command(sample.undo ?? "", data, key: of.undoKey(number), undoes: of.key, of, attempt: attempt)
  }

  private func command(
    _ type: String, _ data: JSON, key: String, undoes: String?, _ of: Case, attempt: Int64
  ) -> CloudEvent {
    var event = CloudEvent(
      id: "\(key)-\(attempt)", source: "/sagas/\(ParticipantTrial.saga)/\(of.unique)", type: type,
      time: WallClock.now.rfc3339, datacontenttype: "application/json", data: data)
    event.messagekind = MessageKind.command.rawValue
    event.saga = ParticipantTrial.saga
    event.sagakey = of.unique
    event.partitionkey = of.unique
    event.idempotencykey = key
    event.correlationid = key
    event.undoes = undoes
    event.extensions["attempt"] = .int(attempt)
    return event
  }

  func effect() async throws -> Int { try await sample.effect(engine) }

  /// Delivers a command that the participant must take.
  func deliver(_ command: CloudEvent) async throws -> HandlerReceipt.Outcome {
    do {
      guard let handled = try await engine.deliver(command).handled.first else {
        throw failure("a handler for \(command.type)", found: "none")
      }
      if case .deadLettered(_, let message) = handled.outcome {
        throw failure("\(command.type) to be taken", found: message)
      }
      return handled.outcome
    } catch let error as DeliveryError {
      throw failure("\(command.type) to be answered", found: "\(error.cause)")
    }
  }

  /// Delivers a command whose handler is interrupted.
  func deliverInterrupted(_ command: CloudEvent, _ moment: ParticipantProbe.Moment) async throws {
    probe.interrupt(command.type, moment)
    do {
      _ = try await engine.deliver(command)
    } catch let error as DeliveryError where error.cause is ParticipantProbe.Interruption {
      return
    } catch let error as DeliveryError {
      throw failure("\(command.type) to be answered", found: "\(error.cause)")
    }
    throw failure("the handler of \(command.type) to run", found: "an answer without it")
  }

  /// The replies to a command, of each of its deliveries one: they are durable when the delivery returns.
  func replies(to command: CloudEvent, count: Int = 1) async throws -> [CloudEvent] {
    let sent = try await engine.read { try $0.serviceMessages() }.map(\.event)
    let replies = sent.filter { $0.correlationid == command.correlationid }
    try equal(replies.count, count, "the number of replies to \(command.type)")
    return replies
  }

  /// Does an action, the first time.
  ///
  /// - Returns: the reply.
  func done(_ of: Case) async throws -> CloudEvent {
    let command = action(of)
    let outcome = try await deliver(command)
    if probe.replies(to: sample.action).last?.isDeclined == true {
      throw failure("\(sample.action) to be done with \(of.data)", found: "a declined reply")
    }
    try equal(outcome, .handled, "the first \(sample.action)")
    return try await replies(to: command)[0]
  }

  /// How much one action adds.
  func amountOfOne() async throws -> Int {
    let before = try await effect()
    _ = try await done(newCase(0))
    return try await effect() - before
  }

  func failure(_ expectation: String, found: Any) -> ConformanceFailure {
    ConformanceFailure(rule: rule, expectation: expectation, found: "\(found)")
  }

  func equal<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
    if found != wanted { throw failure("\(what) to be \(wanted)", found: found) }
  }
}
