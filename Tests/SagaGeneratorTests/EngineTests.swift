import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

/// With the types that are generated of the shipped sagas.
@Suite("An engine with typed handlers", .timeLimit(.minutes(10)))
struct EngineTests {
  /// Reaches other systems.
  private struct Payments: OrderFulfillment.PaymentsParticipant {
    func chargePayment(
      _ command: OrderFulfillment.ChargePayment, context: CommandContext
    ) async throws -> OrderFulfillment.ChargePayment.Reply {
      command.amountCents > 100_000
        ? .paymentDeclined(.init(orderId: command.orderId, reason: "too much"))
        : .paymentCharged(.init(orderId: command.orderId, paymentId: "p-\(command.orderId)"))
    }

    func nothingToUndo(
      _ command: OrderFulfillment.RefundPayment, context: CommandContext
    ) throws -> OrderFulfillment.RefundPayment.Reply { .paymentRefunded(.init(orderId: command.orderId)) }

    func refundPayment(
      _ command: OrderFulfillment.RefundPayment, context: CommandContext
    ) async throws -> OrderFulfillment.RefundPayment.Reply {
      guard case .done(_, let reply) = context.action else { return .paymentRefunded(.init(orderId: command.orderId)) }
      let charged = try reply.decode(as: OrderFulfillment.PaymentCharged.self)
      #expect(charged.paymentId == command.paymentId)
      return .paymentRefunded(.init(orderId: command.orderId))
    }
  }

  private struct Fraud: OrderFulfillment.FraudParticipant {
    func checkFraud(
      _ command: OrderFulfillment.CheckFraud, context: CommandContext
    ) async throws -> OrderFulfillment.CheckFraud.Reply { .fraudCleared(.init(orderId: command.orderId)) }
  }

  /// Has its effect in the engine's own file.
  private struct Inventory: OrderFulfillment.InventoryTransactionalParticipant {
    func reserveStock(
      _ command: OrderFulfillment.ReserveStock, context: CommandContext, transaction: SQLiteTransaction
    ) throws -> OrderFulfillment.ReserveStock.Reply {
      if command.sku == "none" { return .outOfStock(.init(orderId: command.orderId, sku: command.sku)) }
      try change(by: -command.quantity, transaction)
      return .stockReserved(.init(orderId: command.orderId, sku: command.sku))
    }

    func nothingToUndo(
      _ command: OrderFulfillment.ReleaseStock, context: CommandContext
    ) throws -> OrderFulfillment.ReleaseStock.Reply {
      .stockReleased(.init(orderId: command.orderId, sku: command.sku))
    }

    func releaseStock(
      _ command: OrderFulfillment.ReleaseStock, context: CommandContext, transaction: SQLiteTransaction
    ) throws -> OrderFulfillment.ReleaseStock.Reply {
      try change(by: command.quantity, transaction)
      return .stockReleased(.init(orderId: command.orderId, sku: command.sku))
    }

    private func change(by quantity: Int64, _ transaction: SQLiteTransaction) throws {
      try transaction.execute("CREATE TABLE IF NOT EXISTS movement(quantity INTEGER) STRICT")
      try transaction.execute("INSERT INTO movement VALUES(?)", .integer(quantity))
    }
  }

  private struct Shipping: OrderFulfillment.ShippingTransactionalParticipant {
    func createShipment(
      _ command: OrderFulfillment.CreateShipment, context: CommandContext, transaction: any ServiceTransaction
    ) throws -> OrderFulfillment.CreateShipment.Reply {
      .shipmentCreated(.init(orderId: command.orderId, trackingNumber: "T-\(command.items.count)"))
    }
  }

  private let folder = try? TemporaryFolder()

  private func definitions(_ path: String) throws -> SagaDefinitions {
    try SagaDefinitions(at: [Repository.root.appendingPathComponent(path).path])
  }

  private func engine() throws -> SagaEngine {
    let database = try #require(folder).url.appendingPathComponent("orders.db").path
    return try SagaEngine(
      database: database, definitions: definitions("sagas/order-fulfillment.json"),
      participants: [
        OrderFulfillment.participant(payments: Payments(), policy: DestinationPolicy(concurrency: 2)),
        OrderFulfillment.participant(fraud: Fraud()),
        OrderFulfillment.participant(inventoryInTransaction: Inventory()),
        OrderFulfillment.participant(shippingInTransaction: Shipping()),
      ])
  }

  private func running<Value: Sendable>(
    _ engine: SagaEngine, _ body: @escaping @Sendable (SagaEngine) async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        do { try await engine.run() } catch is CancellationError {}
        return nil
      }
      group.addTask { try await body(engine) }
      defer { group.cancelAll() }
      while let value = try await group.next() { if let value { return value } }
      throw RunnerError.stopped
    }
  }

  /// Waits until an instance is final.
  ///
  /// - Returns: what it is then, and the states that it was in.
  private static func settled(
    _ address: InstanceAddress, _ engine: SagaEngine
  ) async throws -> (view: InstanceView, states: [String]) {
    var states: [String] = []
    for try await change in engine.changes(of: address, after: 0) {
      for case .entered(let state) in change.entry.facts { states.append(state) }
      if change.entry.facts.contains(where: { if case .closed = $0 { true } else { false } }) { break }
    }
    return (try #require(try await engine.instance(address)), states)
  }

  private static func order(_ id: String, cents: Int64 = 100, sku: String = "book") -> OrderFulfillment.OrderPlaced {
    .init(
      orderId: id, customerId: "c-1", totalCents: cents,
      items: [.init(sku: sku, quantity: 2), .init(sku: "pen", quantity: 1)])
  }

  @Test("starts from a typed message, asks both kinds of handlers, and completes")
  func completes() async throws {
    let tracking = try await running(try engine()) { engine in
      let address = try await OrderFulfillment.start(Self.order("o-1"), on: engine, source: "/test", id: "1")
      #expect(address == InstanceAddress(saga: OrderFulfillment.saga, key: "o-1"))
      let (view, states) = try await Self.settled(address, engine)
      #expect(view.status == .completed)
      #expect(states.map(OrderFulfillment.State.init(rawValue:)) == [.working, .completed])
      return view.instance?.data["trackingNumber"]
    }
    #expect(tracking == "T-2")
  }

  @Test("goes the definition's ways where handlers decline, and undoes with what was done")
  func compensates() async throws {
    let movements = try await running(try engine()) { engine in
      let dear = try await OrderFulfillment.start(
        Self.order("dear", cents: 100_001), on: engine, source: "/test", id: "1")
      let declined = try await Self.settled(dear, engine).view
      #expect(declined.status == .compensated)
      #expect(declined.instance?.failure?.reason == "too much")
      let none = try await OrderFulfillment.start(Self.order("none", sku: "none"), on: engine, source: "/test", id: "2")
      let soldOut = try await Self.settled(none, engine).view
      #expect(soldOut.status == .compensated)
      #expect(soldOut.instance?.failure?.reason == "out of stock: none")
      return try await engine.transaction { (transaction: SQLiteTransaction) in
        try transaction.execute("CREATE TABLE IF NOT EXISTS movement(quantity INTEGER) STRICT")
        return try transaction.query("SELECT coalesce(sum(quantity), 0) FROM movement").compactMap { $0.integer(0) }
      }
    }
    #expect(movements == [0])
  }

  /// Takes a command that awaits no reply.
  private struct Told: EveryShape.TheDefaultParticipant {
    let heard: AsyncStream<Int64>.Continuation
    func notify(_ command: EveryShape.Notify, context: CommandContext) async throws { heard.yield(command.cents) }
  }

  private struct Inside: EveryShape.InParticipant {
    func delete(
      _ command: EveryShape.Delete, context: CommandContext
    ) async throws -> EveryShape.Delete.Reply {
      command.value == "kept"
        ? .deletedDeclined(.init(id: command.value, isKept: true)) : .deleted(.init(id: command.value, isKept: false))
    }
    func nothingToUndo(_ command: EveryShape.UndoIt, context: CommandContext) throws -> EveryShape.UndoIt.Reply {
      .stateMessage(.init(id: command.value["id"]?.stringValue ?? ""))
    }
    func undoIt(_ command: EveryShape.UndoIt, context: CommandContext) async throws -> EveryShape.UndoIt.Reply {
      .stateMessage(.init(id: command.value["id"]?.stringValue ?? ""))
    }
  }

  @Test("takes commands that await no reply, and one type of reply as done or as declined")
  func unanswered() async throws {
    let (heard, continuation) = AsyncStream<Int64>.makeStream()
    // Two sagas could have their commands at one participant.
    var inside = Participant("in")
    EveryShape.register(in: Inside(), in: &inside)
    let engine = try SagaEngine(
      source: .memory(), definitions: definitions("Tests/SagaGeneratorTests/sagas/every-shape.json"),
      participants: [inside, EveryShape.participant(theDefault: Told(heard: continuation))])
    try await running(engine) { engine in
      for (id, status) in [("s-1", InstanceStatus.completed), ("kept", .compensated)] {
        let wanted = EveryShape.ShapeWantedV1(
          id: id, default: true, when: "now", free: 1, price: .init(cents: 1), kind: .card, unsaid: 2)
        let address = try await EveryShape.start(wanted, on: engine, source: "/test", id: id)
        #expect(try await Self.settled(address, engine).view.status == status)
      }
      var first = heard.makeAsyncIterator()
      #expect(await first.next() == 1)
      let letters = try await engine.read { try $0.deadLetters().count }
      #expect(letters == 0, "nobody was sent an answer that nobody takes")
    }
  }

  @Test("says so where a handler wants another transaction than the store gives")
  func wrongStore() async throws {
    let text = try Repository.text("sagas/order-fulfillment.json").replacing("\"attempts\": 5", with: "\"attempts\": 1")
    let engine = try SagaEngine(
      source: .memory(), definitions: SagaDefinitions(sources: [("order-fulfillment.json", Array(text.utf8))]),
      participants: [
        OrderFulfillment.participant(payments: Payments()), OrderFulfillment.participant(fraud: Fraud()),
        OrderFulfillment.participant(inventoryInTransaction: Inventory()),
      ])
    try await running(engine) { engine in
      let address = try await OrderFulfillment.start(Self.order("o-1"), on: engine, source: "/test", id: "1")
      for try await change in engine.changes(of: address, after: 0) {
        let texts = change.entry.facts.map { "\($0)" }
        if texts.contains(where: { $0.contains("takes no transactions of a service") }) { return }
      }
    }
  }

  @Test("publishes typed events in a transaction, which typed consumers take")
  func consumers() async throws {
    let (heard, continuation) = AsyncStream<OrderFulfillment.OrderFulfilled>.makeStream()
    var consumer = Consumer("ledger")
    consumer.on(OrderFulfillment.OrderFulfilled.self) { order, _ in continuation.yield(order) }
    consumer.onInTransaction(OrderFulfillment.OrderShipped.self) { order, event, transaction in
      try transaction.publish(
        OrderFulfillment.OrderFulfilled(orderId: order.orderId, totalCents: 7), source: "/test", orderingKey: event.id)
    }
    let engine = try SagaEngine(source: .memory(), definitions: .none, consumers: [consumer])
    try await running(engine) { engine in
      try await engine.signal(
        OrderFulfillment.OrderShipped(orderId: "o-1", trackingNumber: "t"), source: "/test", id: "1")
      var first = heard.makeAsyncIterator()
      #expect(await first.next() == .init(orderId: "o-1", totalCents: 7))
    }
  }
}
