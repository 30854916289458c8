import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@Suite("The participant barrier", .timeLimit(.minutes(10)))
struct ParticipantBarrierTests {
  private let folder = Folder()

  private struct Work: Codable, Sendable {
    var name: String
  }

  /// What a participant did, in order.
  private let effects = Recorder<String>()

  /// Handlers that reach other systems, or that write rows, as a test likes.
  private func participant(inTransaction: Bool) -> Participant {
    let effects = effects
    var participant = Participant("workers")
    if inTransaction {
      participant.handleInTransaction("Do", as: Work.self) { work, _, _ in
        effects.append("do \(work.name)")
        return work.name == "no" ? .declined("Refused") : .done("Did", ["name": .string(work.name)])
      }
      participant.undoInTransaction("Undo", as: Work.self) { _, _ in
        .done("Undone")
      } _: { work, context, _ in
        if work.name == "locked", context.idempotencyKey == "u1" { return .declined("NotUndone") }
        effects.append("undo \(work.name)\(context.action == .unknown ? " that may have been" : "")")
        return .done("Undone")
      }
    } else {
      participant.handle("Do", as: Work.self) { work, context in
        effects.append("do \(work.name)\(context.action == .unknown ? " again" : "")")
        if work.name == "fails" { throw Crash(what: "no connection") }
        return work.name == "no" ? .declined("Refused") : .done("Did", ["name": .string(work.name)])
      }
      participant.undo("Undo", as: Work.self) { _, _ in
        .done("Undone")
      } _: { work, context in
        if work.name == "locked", context.idempotencyKey == "u1" { return .declined("NotUndone") }
        effects.append("undo \(work.name)\(context.action == .unknown ? " that may have been" : "")")
        return .done("Undone")
      }
    }
    return participant
  }

  private func command(_ type: String, _ name: String, key: String, undoes: String? = nil, attempt: Int = 1)
    -> CloudEvent
  {
    var event = CloudEvent(
      id: "\(key)-\(attempt)", source: "/sagas/other/1", type: type, data: ["name": .string(name)])
    event.messagekind = "command"
    event.saga = "other"
    event.idempotencykey = key
    event.undoes = undoes
    event.correlationid = "c-" + key
    event.partitionkey = "1"
    return event
  }

  /// Delivers commands one after the other.
  ///
  /// - Returns: what became of each, and the replies that left the service.
  private func deliver(_ commands: [CloudEvent], inTransaction: Bool, replies: Int) async throws
    -> (outcomes: [HandlerReceipt.Outcome], replies: [CloudEvent])
  {
    let outbox = Outbox()
    let engine = try SagaEngine(
      database: folder.database, options: Folder.options, definitions: .none,
      participants: [participant(inTransaction: inTransaction)],
      routes: [.replies(to: "other", transport: outbox)])
    return try await running(engine) { engine in
      var outcomes: [HandlerReceipt.Outcome] = []
      for command in commands {
        do {
          outcomes += try await engine.deliver(command).handled.map(\.outcome)
        } catch is DeliveryError {
          continue
        }
      }
      return (outcomes, try await outbox.wait(for: replies))
    }
  }

  @Test("A command has one effect however often it comes, and the same reply each time", arguments: [true, false])
  func duplicates(inTransaction: Bool) async throws {
    let commands = [1, 2, 1].map { command("Do", "a", key: "k1", attempt: $0) }
    let (outcomes, replies) = try await deliver(commands, inTransaction: inTransaction, replies: 3)
    #expect(outcomes == [.handled, .duplicate, .duplicate])
    #expect(effects.values == ["do a"])
    #expect(Set(replies.map(\.id)).count == 1)
    #expect(replies[0].type == "Did")
    #expect(replies[0].correlationid == "c-k1")
    #expect(replies[0].messagekind == "reply")
  }

  @Test("An undo of what was done undoes it once, whoever repeats it", arguments: [true, false])
  func undoes(inTransaction: Bool) async throws {
    let commands = [
      command("Do", "a", key: "k1"), command("Undo", "a", key: "u1", undoes: "k1"),
      command("Undo", "a", key: "u1", undoes: "k1"), command("Undo", "a", key: "u2", undoes: "k1"),
    ]
    let (outcomes, _) = try await deliver(commands, inTransaction: inTransaction, replies: 4)
    #expect(outcomes == [.handled, .handled, .duplicate, .handled])
    #expect(effects.values == ["do a", "undo a"])
  }

  @Test(
    "An undo that was refused is refused again under its key, and done once under others", arguments: [true, false])
  func undoRefused(inTransaction: Bool) async throws {
    let undos = ["u1", "u1", "u2", "u3"].map { command("Undo", "locked", key: $0, undoes: "k1") }
    let (outcomes, replies) = try await deliver(
      [command("Do", "locked", key: "k1")] + undos, inTransaction: inTransaction, replies: 5)
    #expect(outcomes == [.handled, .handled, .duplicate, .handled, .handled])
    #expect(effects.values == ["do locked", "undo locked"])
    #expect(replies.map(\.type) == ["Did", "NotUndone", "NotUndone", "Undone", "Undone"])
    #expect(Set(replies.map(\.id)).count == 4, "the refusal that comes again is the same message")
  }

  @Test("A saga whose undo was refused ends when the cause is mended and it is retried")
  func retried() async throws {
    let definition = Shop.definition
      .replacing(
        "\"Refunded\": { \"key\": \"event.data.orderId\" }",
        with: "\"Refunded\": { \"key\": \"event.data.orderId\" }, \"NoRefund\": { \"key\": \"event.data.orderId\" }"
      )
      .replacing(
        "\"reply\": { \"Refunded\": {} }",
        with: "\"reply\": { \"Refunded\": {}, \"NoRefund\": { \"fail\": \"'the account is locked'\" } }")
    let (refusals, refunds) = (Recorder<String>(), Recorder<String>())
    var payments = Participant("payments")
    payments.handle("Charge", as: Shop.Order.self) { order, _ in
      .done("Charged", ["orderId": .string(order.orderId)])
    }
    payments.undo("Refund", as: Shop.Order.self) { order, _ in
      .done("Refunded", ["orderId": .string(order.orderId)])
    } _: { order, context in
      if refusals.values.isEmpty {
        refusals.append(context.idempotencyKey)
        return .declined("NoRefund", ["orderId": .string(order.orderId)])
      }
      refunds.append(context.idempotencyKey)
      return .done("Refunded", ["orderId": .string(order.orderId)])
    }
    let engine = try SagaEngine(
      database: folder.database, options: Folder.options,
      definitions: SagaDefinitions(sources: [("shop.json", Array(definition.utf8))]),
      participants: [payments, Shop.stock()])
    try await running(engine) { engine in
      let address = try await Shop.place("o!", cents: 300, engine)
      for try await change in engine.changes(of: address, after: 0) {
        let isStuck = change.entry.facts.contains { if case .stuck = $0 { true } else { false } }
        if isStuck { break }
      }
      let retry = Operation(verb: .retry, by: "ann", reason: "the account is open again")
      #expect(try await engine.operate(.instance(address, retry)) == .done)
      #expect(try await Shop.settled(address, engine).status == .compensated)
    }
    #expect(refusals.values.count == 1 && refunds.values.count == 1)
    #expect(refusals.values != refunds.values)
  }

  @Test(
    "An undo that comes first has no effect and is answered; the action is refused when it comes",
    arguments: [
      true, false,
    ])
  func undoFirst(inTransaction: Bool) async throws {
    let commands = [command("Undo", "a", key: "u1", undoes: "k1"), command("Do", "a", key: "k1")]
    let (outcomes, replies) = try await deliver(commands, inTransaction: inTransaction, replies: 1)
    #expect(outcomes == [.handled, .refusedByUndo])
    #expect(effects.values == [])
    #expect(replies.map(\.type) == ["Undone"])
  }

  @Test("What was declined was not done: its undo has no effect", arguments: [true, false])
  func declined(inTransaction: Bool) async throws {
    let commands = [command("Do", "no", key: "k1"), command("Undo", "no", key: "u1", undoes: "k1")]
    let (_, replies) = try await deliver(commands, inTransaction: inTransaction, replies: 2)
    #expect(effects.values == ["do no"])
    #expect(replies.map(\.type) == ["Refused", "Undone"])
  }

  @Test("What failed in another system may have happened: it is undone, and then it is refused")
  func unknown() async throws {
    let commands = [
      command("Do", "fails", key: "k1"), command("Undo", "fails", key: "u1", undoes: "k1"),
      command("Do", "fails", key: "k1", attempt: 2),
    ]
    let (outcomes, _) = try await deliver(commands, inTransaction: false, replies: 1)
    #expect(outcomes == [.handled, .refusedByUndo])
    #expect(effects.values == ["do fails", "undo fails that may have been"])
  }

  @Test("A handler that failed is told, when it runs again, that its effect may be there")
  func again() async throws {
    let commands = [1, 2].map { command("Do", "fails", key: "k1", attempt: $0) }
    _ = try await deliver(commands, inTransaction: false, replies: 0)
    #expect(effects.values == ["do fails", "do fails again"])
  }

  @Test("What it remembers outlives the process")
  func outlives() async throws {
    _ = try await deliver([command("Do", "a", key: "k1")], inTransaction: true, replies: 1)
    let (outcomes, _) = try await deliver([command("Do", "a", key: "k1")], inTransaction: true, replies: 1)
    #expect(outcomes == [.duplicate])
    #expect(effects.values == ["do a"])
  }

  @Test("A command that can never be handled goes to the dead letters with its reason")
  func permanent() async throws {
    var keyless = command("Do", "a", key: "k1")
    keyless.idempotencykey = nil
    var odd = command("Do", "a", key: "k2")
    odd.data = ["name": 7]
    let backwards = command("Do", "a", key: "k3", undoes: "k1")
    let (outcomes, _) = try await deliver([keyless, odd, backwards], inTransaction: true, replies: 0)
    let messages = outcomes.map { outcome in
      if case .deadLettered("command.refused", let message) = outcome { message } else { "" }
    }
    #expect(messages.count == 3)
    #expect(messages[0].contains("has no idempotencykey"))
    #expect(messages[1].contains("cannot be read"))
    #expect(messages[2].contains("came as an undo"))
  }
}
