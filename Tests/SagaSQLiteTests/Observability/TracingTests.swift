import Foundation
import InMemoryTracing
import SagaCore
import SagaRuntime
import SagaSQLite
import Testing
import Tracing

@Suite("The traces of engines", .timeLimit(.minutes(10)))
struct TracingTests {
  private let orders = Folder()
  private let stocks = Folder()

  /// Brings messages to another engine.
  ///
  /// `@unchecked Sendable`: every access holds the lock.
  private final class Wire: OutgoingTransport, @unchecked Sendable {
    private let lock = NSLock()
    private var engine: SagaEngine?
    /// Messages that it loses first.
    private var losses: Int

    init(losing losses: Int = 0) { self.losses = losses }

    func connect(to engine: SagaEngine) { lock.withLock { self.engine = engine } }

    private func next() -> SagaEngine? {
      lock.withLock {
        losses -= 1
        return losses < 0 ? engine : nil
      }
    }

    func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
      var results: [DeliveryResult] = []
      for message in messages {
        var outcome = DeliveryResult.Outcome.confirmed
        do { _ = try await next()?.deliver(message.bytes) } catch {
          outcome = .failed(retryAt: WallClock.now, reason: "\(error)")
        }
        results.append(DeliveryResult(position: message.position, outcome: outcome))
      }
      return results
    }
  }

  /// Tells in an event of its own that an order is done.
  private static func mailer() -> Consumer {
    var mailer = Consumer("mailer")
    mailer.onInTransaction("OrderDone", as: Shop.Order.self) { order, _, transaction in
      try transaction.publish(
        "Mailed", ["orderId": .string(order.orderId)], source: "/mailer", orderingKey: order.orderId)
    }
    return mailer
  }

  @Test("are one for a saga with a timeout and a retry across two services")
  func oneTrace() async throws {
    let tracer = W3CTracer()
    let telemetry = Telemetry(tracer: tracer)
    let (there, back, outbox) = (Wire(losing: 1), Wire(), Outbox())
    let definition = Shop.definition.replacing(
      #""timeout": "10m",\#n      "retry": { "attempts": 2, "delay": "20ms" }"#,
      with: #""timeout": "100ms", "retry": { "attempts": 100, "delay": "20ms" }"#)
    #expect(definition != Shop.definition)
    let order = try SagaEngine(
      database: orders.database, options: Folder.options,
      definitions: SagaDefinitions(sources: [("shop.json", Array(definition.utf8))]), participants: [Shop.payments()],
      consumers: [TracingTests.mailer()],
      routes: [.commands(to: "stock", transport: there), .events("mail", types: ["Mailed"], transport: outbox)],
      telemetry: telemetry)
    let handlers = Recorder<ServiceContext?>()
    var participant = Participant("stock")
    participant.handle("Reserve", as: Shop.Order.self) { order, _ in
      handlers.append(ServiceContext.current)
      return .done("Reserved", ["orderId": .string(order.orderId)])
    }
    let stock = try SagaEngine(
      database: stocks.database, options: Folder.options, definitions: .none, participants: [participant],
      routes: [.replies(to: "shop", transport: back)], telemetry: telemetry)
    there.connect(to: stock)
    back.connect(to: order)
    let mail = try await running(stock) { _ in
      try await running(order) { order in
        let address = try await Shop.place("o1", cents: 10, order)
        #expect(try await Shop.settled(address, order).status == .completed)
        return try await outbox.wait(for: 1)
      }
    }
    let spans = tracer.spans
    let names = Set(spans.map(\.operationName))
    #expect(
      names.isSuperset(of: [
        "deliver OrderPlaced", "payments Charge", "shop message", "shop timer", "stock Reserve", "deliver Reserved",
        "mailer OrderDone",
      ]))
    #expect(Set(spans.map(\.traceID)).count == 1)
    let reserve = spans.filter { $0.operationName == "stock Reserve" }.map(\.spanID)
    #expect(handlers.values.allSatisfy { $0?.inMemorySpanContext.map { reserve.contains($0.spanID) } ?? false })
    let mailer = try #require(spans.first { $0.operationName == "mailer OrderDone" })
    #expect(mail.first?.traceparent == "00-\(mailer.traceID)-\(mailer.spanID)-01")
  }

  @Test("go on in the messages where no tracer is")
  func withoutTracer() async throws {
    let outbox = Outbox()
    let engine = try SagaEngine(
      database: orders.database, options: Folder.options, definitions: Shop.definitions(),
      participants: [Shop.payments(), Shop.stock()], consumers: [TracingTests.mailer()],
      routes: [.all("output", transport: outbox)])
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    var event = CloudEvent(
      id: "1", source: "/checkout", type: "OrderPlaced", data: ["orderId": "o1", "cents": 10])
    event.traceparent = parent
    let placed = event
    let sent = try await running(engine) { engine in
      _ = try await engine.deliver(placed)
      return try await outbox.wait(for: 2)
    }
    #expect(sent.map(\.type) == ["OrderDone", "Mailed"])
    #expect(sent.map(\.traceparent) == [parent, parent])
  }
}
