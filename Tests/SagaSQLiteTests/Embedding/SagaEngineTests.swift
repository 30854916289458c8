import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import ServiceLifecycle
import TestSupport
import Testing

@Suite("An engine in a service", .timeLimit(.minutes(10)))
struct SagaEngineTests {
  private let folder = Folder()

  private func engine(
    participants: [Participant] = [Shop.payments(), Shop.stock()], consumers: [Consumer] = [],
    routes: [OutgoingRoute] = [], definitions: SagaDefinitions? = nil
  ) throws -> SagaEngine {
    try SagaEngine(
      database: folder.database, options: Folder.options, definitions: definitions ?? Shop.definitions(),
      participants: participants, consumers: consumers, routes: routes)
  }

  @Test("A saga calls the participants of its process and completes; their rows are in the same file")
  func completes() async throws {
    let outbox = Outbox()
    let engine = try engine(routes: [.events("output", transport: outbox)])
    try await running(engine) { engine in
      let address = try await Shop.place("o1", cents: 700, engine)
      #expect(try await Shop.settled(address, engine).status == .completed)
      #expect(try await Shop.bookings(engine) == [700])
      #expect(try await outbox.wait(for: 1).map(\.type) == ["OrderDone"])
    }
  }

  @Test("A business failure is a reply: nothing is retried, nothing is owed for it, what came before is undone")
  func compensates() async throws {
    let engine = try engine()
    try await running(engine) { engine in
      let declined = try await Shop.place("rich", cents: 5000, engine)
      let view = try await Shop.settled(declined, engine)
      #expect(view.status == .compensated)
      #expect(view.instance?.failure?.reason == "too much")
      #expect(try await Shop.bookings(engine) == [])
      let soldOut = try await Shop.place("o!", cents: 300, engine)
      #expect(try await Shop.settled(soldOut, engine).status == .compensated)
      #expect(try await Shop.bookings(engine) == [300, -300])
    }
  }

  @Test("A handler that throws is asked again as the definition's retry says, and its rows are undone each time")
  func retries() async throws {
    let attempts = Recorder<Int64>()
    var payments = Participant("payments")
    payments.handleInTransaction("Charge", as: Shop.Order.self) {
      (order, context, transaction: SQLiteTransaction) in
      try Shop.book(order.orderId, order.cents ?? 0, transaction)
      attempts.append(context.attempt)
      if context.attempt < 3 { throw Crash(what: "no connection to the bank") }
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    let engine = try engine(participants: [payments, Shop.stock()])
    try await running(engine) { engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      #expect(try await Shop.settled(address, engine).status == .completed)
      #expect(attempts.values == [1, 2, 3])
      #expect(try await Shop.bookings(engine) == [10])
    }
  }

  @Test("A handler is told the idempotency key, the attempt and the deadline of its command")
  func context() async throws {
    let contexts = Recorder<CommandContext>()
    var payments = Participant("payments")
    payments.handle("Charge", as: Shop.Order.self) { order, context in
      contexts.append(context)
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    let engine = try engine(participants: [payments, Shop.stock()])
    try await running(engine) { engine in
      _ = try await Shop.settled(try await Shop.place("o1", cents: 10, engine), engine)
    }
    let context = try #require(contexts.values.first)
    #expect(contexts.values.count == 1)
    #expect(context.idempotencyKey == context.command.idempotencykey)
    #expect(context.attempt == 1)
    #expect(context.action == .none)
    let sent = try #require(context.command.timestamp)
    #expect(context.deadline?.milliseconds(since: sent) == 600_000)
  }

  @Test("A command that no participant and no route takes comes back to its instance, which does not wait for ever")
  func unrouted() async throws {
    let engine = try engine(participants: [Shop.payments()])
    try await running(engine) { engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      for try await change in engine.changes(of: address, after: 0) {
        for case .stepFailed(let step, let kind, let reason) in change.entry.facts {
          #expect(step == "reserve")
          #expect(kind == .unknown)
          #expect(reason.contains("no participant and no route takes Reserve for stock"))
          return
        }
      }
      Issue.record("the changes of the instance end, and no step of it has failed")
    }
  }

  @Test("An error that is marked as permanent is not tried again: its outcome is unknown, and undone")
  func permanent() async throws {
    let calls = Recorder<String>()
    var payments = Participant("payments")
    payments.handle("Charge", as: Shop.Order.self) { _, context in
      calls.append("charge \(context.attempt)")
      throw PermanentError("there is no such account")
    }
    payments.undo("Refund", as: Shop.Order.self) { order, _ in
      calls.append("nothing to refund")
      return .done("Refunded", ["orderId": .string(order.orderId)])
    } _: { order, _ in
      calls.append("refund")
      return .done("Refunded", ["orderId": .string(order.orderId)])
    }
    let engine = try engine(participants: [payments, Shop.stock()])
    try await running(engine) { engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      let view = try await Shop.settled(address, engine)
      #expect(view.status == .compensated)
      #expect(view.instance?.failure?.kind == .unknown)
      #expect(view.instance?.failure?.reason == "there is no such account")
      #expect(calls.values == ["charge 1", "refund"])
    }
  }

  @Test("A participant is given as many commands at once as its policy says, and no more")
  func concurrency() async throws {
    let running = Running()
    var payments = Participant("payments", policy: DestinationPolicy(concurrency: 3))
    payments.handle("Charge", as: Shop.Order.self) { order, _ in
      running.enter()
      // Not before as many run as may: fewer would never end, and more would be seen.
      try await eventually("three commands have been at work at once") { running.most >= 3 }
      running.leave()
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    let engine = try engine(participants: [payments, Shop.stock()])
    try await SagaSQLiteTests.running(engine) { engine in
      for number in 1...12 { _ = try await Shop.place("o\(number)", cents: 1, engine) }
      for number in 1...12 {
        let view = try await Shop.settled(InstanceAddress(saga: "shop", key: "o\(number)"), engine)
        #expect(view.status == .completed)
      }
    }
    #expect(running.most == 3)
  }

  @Test("A destination that fails is left alone for a while, and its commands are not counted as tried")
  func breaker() async throws {
    let attempts = Recorder<Int64>()
    var payments = Participant("payments", policy: DestinationPolicy(failuresToOpen: 1, openMilliseconds: 300))
    payments.handle("Charge", as: Shop.Order.self) { order, context in
      attempts.append(context.attempt)
      if attempts.values.count == 1 { throw Crash(what: "no connection to the bank") }
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    let engine = try engine(participants: [payments, Shop.stock()])
    try await running(engine) { engine in
      let address = try await Shop.place("o1", cents: 1, engine)
      let status = try await Shop.settled(address, engine).status
      #expect(status == .completed)
      #expect(attempts.values == [1, 2])
    }
  }

  @Test("Start says which instance began, the same id starts nothing twice, and a key in use is refused")
  func starts() async throws {
    let engine = try engine()
    try await running(engine) { engine in
      let first = try await Shop.place("o1", cents: 10, engine)
      #expect(first == InstanceAddress(saga: "shop", key: "o1"))
      #expect(try await Shop.place("o1", cents: 10, engine) == first)
      _ = try await Shop.settled(first, engine)
      await #expect(throws: SagaEngineError.self) {
        try await engine.start("OrderPlaced", ["orderId": "o1", "cents": 1], source: "/checkout", id: "another")
      }
      #expect(try await Shop.bookings(engine) == [10])
    }
  }

  @Test("Changes come in the order of the journal, from any row on, and end with the engine")
  func changes() async throws {
    let engine = try engine()
    let seen = try await running(engine) { engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      _ = try await Shop.place("o2", cents: 10, engine)
      _ = try await Shop.settled(address, engine)
      var revisions: [Int64] = []
      for try await change in engine.changes(of: address, after: 0) {
        revisions.append(change.entry.revision)
        if change.entry.facts.contains(.closed(status: .completed)) { break }
      }
      return revisions
    }
    #expect(seen == Array(1...Int64(seen.count)))
    var rest = 0
    for try await _ in engine.changes(after: 0) { rest += 1 }
    #expect(rest == 0, "the engine has stopped")
  }

  @Test("A restarted service goes on where it was")
  func restarts() async throws {
    let blocked = Recorder<String>()
    var deaf = Participant("payments")
    deaf.handle("Charge", as: Shop.Order.self) { order, _ in
      blocked.append(order.orderId)
      try await Task.sleep(for: .seconds(3600))
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    let first = try engine(participants: [deaf, Shop.stock()])
    let address = try await running(first) { engine in
      let address = try await Shop.place("o1", cents: 10, engine)
      try await eventually("the handler is at work") { !blocked.values.isEmpty }
      return address
    }
    let second = try engine()
    try await running(second) { engine in
      let status = try await Shop.settled(address, engine).status
      #expect(status == .completed)
      #expect(try await Shop.bookings(engine) == [10])
    }
  }

  @Test("Graceful shutdown lets a handler that is at work answer, and takes nothing more")
  func stopsGracefully() async throws {
    let started = Recorder<String>()
    var slow = Participant("payments")
    slow.handle("Charge", as: Shop.Order.self) { order, _ in
      started.append(order.orderId)
      try await Task.sleep(for: .milliseconds(100))
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    let engine = try engine(participants: [slow, Shop.stock()])
    let group = ServiceGroup(services: [engine], logger: .init(label: "test"))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      _ = try await Shop.place("o1", cents: 10, engine)
      try await eventually("the handler is at work") { !started.values.isEmpty }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    await #expect(throws: RunnerError.self) { try await Shop.place("o2", cents: 10, engine) }
    // What it answered is durable: the command does not go again.
    let again = try self.engine(participants: [slow, Shop.stock()])
    try await running(again) { engine in
      let status = try await Shop.settled(InstanceAddress(saga: "shop", key: "o1"), engine).status
      #expect(status == .completed)
    }
    #expect(started.values == ["o1"])
  }

  @Test(
    "A handler that a shutdown has to cancel has not failed, whatever it throws; what it answers then still counts",
    arguments: [true, false])
  func cancelledHandler(answers: Bool) async throws {
    let attempts = Recorder<Int64>()
    var payments = Participant("payments")
    payments.handle("Charge", as: Shop.Order.self) { order, context in
      attempts.append(context.attempt)
      if attempts.values.count == 1 {
        do { try await Task.sleep(for: .seconds(3600)) } catch {
          if !answers { throw Crash(what: "the call was cut off") }
        }
      }
      return .done("Charged", ["orderId": .string(order.orderId)])
    }
    let engine = try engine(participants: [payments, Shop.stock()])
    let group = ServiceGroup(services: [engine], logger: .init(label: "test"))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      _ = try await Shop.place("o1", cents: 10, engine)
      try await eventually("the handler is at work") { !attempts.values.isEmpty }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    try await running(try self.engine(participants: [payments, Shop.stock()])) { engine in
      let status = try await Shop.settled(InstanceAddress(saga: "shop", key: "o1"), engine).status
      #expect(status == .completed)
    }
    #expect(attempts.values == (answers ? [1] : [1, 1]), "the first attempt is not used up")
  }
}

/// How many are in it at once.
///
/// `@unchecked Sendable`: every access holds the lock.
private final class Running: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  private var greatest = 0
  var most: Int { lock.withLock { greatest } }
  func enter() {
    lock.withLock {
      count += 1
      greatest = max(greatest, count)
    }
  }
  func leave() { lock.withLock { count -= 1 } }
}

/// Values in the order they came.
///
/// `@unchecked Sendable`: every access holds the lock.
final class Recorder<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var recorded: [Value] = []
  var values: [Value] { lock.withLock { recorded } }
  func append(_ value: Value) { lock.withLock { recorded.append(value) } }
}
