import Foundation
import Logging
import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@Suite("The log of an engine", .timeLimit(.minutes(10)))
struct LoggingTests {
  private let folder = Folder()

  private struct Line: Sendable {
    var level: Logger.Level
    var message: String
    var metadata: [String: String]
  }

  private struct Handler: LogHandler {
    let lines: Recorder<Line>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      lines.append(
        Line(
          level: event.level, message: "\(event.message)",
          metadata: (event.metadata ?? [:]).mapValues { "\($0)" }))
    }
  }

  private func engine(_ lines: Recorder<Line>, _ participants: [Participant], definition: String) throws -> SagaEngine {
    try SagaEngine(
      database: folder.database, options: Folder.options,
      definitions: SagaDefinitions(sources: [("shop.json", Array(definition.utf8))]), participants: participants,
      logger: Logger(label: "test") { _ in Handler(lines: lines) })
  }

  @Test("tells of a dead letter once, with its saga, key, message and row")
  func deadLetter() async throws {
    let lines = Recorder<Line>()
    let engine = try engine(lines, [Shop.payments(), Shop.stock()], definition: Shop.definition)
    try await running(engine) { engine in
      _ = try await Shop.settled(try await Shop.place("o1", cents: 10, engine), engine)
      for _ in 0..<2 {
        _ = try await engine.signal(
          "OrderPlaced", ["orderId": "o1", "cents": 99], source: "/checkout", id: "place-o1")
      }
    }
    let told = lines.values.filter { $0.message == "a message went to the dead letters" }
    #expect(told.count == 1)
    let line = try #require(told.first)
    #expect(line.level == .warning)
    #expect(line.metadata["saga"] == "shop")
    #expect(line.metadata["key"] == "o1")
    #expect(line.metadata["message_id"] == "place-o1")
    #expect(line.metadata["sequence"] != nil)
    #expect(line.metadata["code"] == "message.conflict")
  }

  @Test("tells of a stuck instance, with the step and the reason")
  func stuck() async throws {
    let lines = Recorder<Line>()
    var payments = Participant("payments")
    payments.handle("Charge", as: Shop.Order.self) { order, _ in
      .done("Charged", ["orderId": .string(order.orderId)])
    }
    payments.undo("Refund", as: Shop.Order.self) { order, _ in
      .done("Refunded", ["orderId": .string(order.orderId)])
    } _: { _, _ in
      throw Crash(what: "the bank is closed")
    }
    let definition = Shop.definition.replacing(
      #""reply": { "Refunded": {} }"#, with: #""retry": { "attempts": 1 }, "reply": { "Refunded": {} }"#)
    let engine = try engine(lines, [payments, Shop.stock()], definition: definition)
    try await running(engine) { engine in
      let address = try await Shop.place("o!", cents: 10, engine)
      for try await _ in engine.changes(of: address, after: 0) {
        if try await engine.instance(address)?.status == .stuck { return }
      }
    }
    let told = lines.values.filter { $0.message == "an instance is stuck and waits for an operator" }
    #expect(told.map(\.level) == [.error])
    #expect(told.map { $0.metadata["key"] } == ["o!"])
    #expect(told.map { $0.metadata["step"] } == ["charge"])
    #expect(told.first?.metadata["reason"]?.contains("the bank is closed") ?? false)
  }
}
