import Foundation
import SagaCore
import SagaRuntime
import SagaTesting
import Testing

@Suite("Golden histories")
struct GoldenHistoryTests {
  /// A file of `Fixtures/histories`, and the folder that it is in.
  struct Golden: Sendable, CustomTestStringConvertible {
    var folder: String
    var name: String
    var path: String { "\(Golden.root)/\(folder)/\(name)" }
    var testDescription: String { "\(folder)/\(name)" }

    static let root = Shipped.repository.appendingPathComponent("Fixtures/histories").path

    /// Each definition is compiled once.
    static let recorded = definitions { "\(root)/\($0)/definition.json" }
    static let today = definitions { Shipped.saga($0) }

    private static func definitions(_ path: (String) -> String) -> [String: Result<SagaDefinitions, any Error>] {
      let folders = Set(all.map(\.folder))
      return Dictionary(
        uniqueKeysWithValues: folders.map { folder in
          (folder, Result { try SagaDefinitions(at: [path(folder)]) })
        })
    }

    static let all: [Golden] = {
      let files = FileManager.default
      let folders = ((try? files.contentsOfDirectory(atPath: root)) ?? []).sorted()
      return folders.flatMap { folder in
        ((try? files.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
          .map { Golden(folder: folder, name: $0) }
      }
    }()
  }

  @Test("are decided as they were recorded, down to the ids of their messages", arguments: Golden.all)
  func replays(_ golden: Golden) throws {
    let history = try GoldenHistory(path: golden.path)
    let definitions = try #require(Golden.recorded[golden.folder]).get()
    #expect(try history.replay(against: definitions) == [])
    #expect(!history.rows.isEmpty)
    #expect(try Data(history.jsonLines) == Data(contentsOf: URL(fileURLWithPath: golden.path)))
  }

  @Test("are decided the same by the shipped sagas of today", arguments: Golden.all)
  func shipped(_ golden: Golden) throws {
    let definitions = try #require(Golden.today[golden.folder]).get()
    #expect(try GoldenHistory(path: golden.path).replay(against: definitions) == [])
  }

  @Test("are there for every shipped saga, and some of them compensate in both modes")
  func coverage() throws {
    let all = try Golden.all.map { ($0.folder, try GoldenHistory(path: $0.path)) }
    #expect(
      Set(all.map(\.0)) == ["expense-claims", "order-choreography", "order-fulfillment", "travel-booking"])
    for saga in ["order-choreography", "order-fulfillment"] {
      let ends = Set(all.filter { $0.0 == saga }.compactMap { $0.1.rows.last?["after"]?["status"]?.stringValue })
      #expect(ends == ["completed", "compensated"])
    }
  }

  @Test("An idempotency key that would be another one is found, as long as the definition's file is the same")
  func keys() throws {
    let path = "\(Golden.root)/order-fulfillment/o-1.jsonl"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let key = try #require(text.firstMatch(of: /"idempotencykey":"(\w+)","undoes":null,"data":{"orderId":"o-1","sku"/))
      .1
    let definitions = try #require(Golden.recorded["order-fulfillment"]).get()
    let other = text.replacingOccurrences(of: key, with: "0123456789abcdef0123456789abcdef")
    let differences = try GoldenHistory(jsonLines: Array(other.utf8), file: path).replay(against: definitions)
    #expect(differences.map(\.row) == [2])
    #expect(differences.first?.now.contains { $0.contains("key \(key)") } == true)
    let renamed = other.replacing(/"definition":"\w+"/, with: "\"definition\":\"another\"")
    #expect(try GoldenHistory(jsonLines: Array(renamed.utf8), file: path).replay(against: definitions) == [])
  }

  // MARK: Changed definitions

  /// What differs for a recorded order when its definition is changed.
  private func differences(_ key: String = "o-4", _ change: (String) -> String) throws -> [HistoryDifference] {
    let source = try String(contentsOfFile: "\(Golden.root)/order-fulfillment/definition.json", encoding: .utf8)
    let changed = change(source)
    #expect(changed != source)
    let definitions = try SagaDefinitions(sources: [("changed.json", Array(changed.utf8))])
    return try GoldenHistory(path: "\(Golden.root)/order-fulfillment/\(key).jsonl").replay(against: definitions)
  }

  @Test("A change that decides nothing makes no difference, though the file is another one")
  func harmless() throws {
    #expect(try differences { $0.replacingOccurrences(of: "Only looks: nothing to undo.", with: "Looks.") } == [])
    #expect(try differences { $0.replacingOccurrences(of: "\"version\": 1", with: "\"version\": 2") } == [])
  }

  @Test("Another payload is told where it would be sent, and nowhere else")
  func payload() throws {
    let differences = try differences("o-1") {
      $0.replacingOccurrences(
        of: "\"amountCents\": \"data.totalCents\" },\n      \"reply\": {\n        \"PaymentCharged\"",
        with: "\"amountCents\": \"data.totalCents + 1\" },\n      \"reply\": {\n        \"PaymentCharged\"")
    }
    #expect(differences.map(\.row) == [1])
    #expect(
      differences[0].recorded == [
        #"sends command ChargePayment to payments {"orderId":"o-1","customerId":"c-2","amountCents":4999}"#
      ])
    #expect(
      differences[0].now == [
        #"sends command ChargePayment to payments {"orderId":"o-1","customerId":"c-2","amountCents":5000}"#
      ])
    #expect(
      differences[0].description.hasPrefix("row 1, 2026-01-05T09:00:00.000Z, OrderPlaced (order-1 from /shop):\n  - "))
  }

  @Test("A message more is told at the input that sends it")
  func publication() throws {
    let differences = try differences("o-1") {
      $0.replacingOccurrences(
        of: "\"OrderFulfilled\": { \"orderId\": \"saga.key\", \"totalCents\": \"data.totalCents\" }",
        with:
          "\"OrderFulfilled\": { \"orderId\": \"saga.key\", \"totalCents\": \"data.totalCents\" }, \"OrderShipped\": { \"orderId\": \"saga.key\", \"trackingNumber\": \"'?'\" }"
      )
    }
    #expect(differences.count == 1)
    #expect(differences[0].row == 5)
    #expect(differences[0].recorded == [])
    #expect(differences[0].now.contains("published type OrderShipped"))
  }

  @Test("A shorter timeout fires before an answer that was in time, and the answer is late")
  func timeout() throws {
    let differences = try differences("o-1") {
      $0.replacingOccurrences(
        of: "\"timeout\": \"30s\",\n      \"retry\": { \"attempts\": 5, \"delay\": \"1s\", \"factor\": 2",
        with: "\"timeout\": \"100ms\",\n      \"retry\": { \"attempts\": 1, \"delay\": \"1s\", \"factor\": 2")
    }
    #expect(differences[0].row == 1)
    #expect(differences[0].now == ["wakes at 2026-01-05T09:00:00.100Z"])
    #expect(differences[1].row == nil)
    #expect(differences[1].now.contains("timedOut step processPayment attempt 1"), "\(differences[1])")
  }

  @Test("A longer timeout leaves a recorded firing without effect")
  func longer() throws {
    let timedOut = try Golden.all.filter { golden in
      try golden.folder == "order-fulfillment"
        && String(contentsOfFile: golden.path, encoding: .utf8).contains("\"fact\":\"timedOut\"")
    }
    let golden = try #require(timedOut.first)
    let differences = try differences(String(golden.name.dropLast(6))) {
      $0.replacingOccurrences(of: "\"timeout\": \"30s\"", with: "\"timeout\": \"2h\"")
    }
    let missing = try #require(differences.first { $0.recorded.contains { $0.hasPrefix("timedOut") } })
    #expect(missing.now == [])
    #expect(missing.input == "a timer")
  }

  @Test("A step with another name has other keys: answers find the calls they were for")
  func renamed() throws {
    let differences = try differences("o-1") {
      $0.replacingOccurrences(of: "\"step\": \"processPayment\"", with: "\"step\": \"takePayment\"")
    }
    #expect(differences.map(\.row) == [1, 2])
    #expect(differences[0].now == ["called step takePayment attempt 1 type ChargePayment"])
    #expect(differences[1].now == ["replied step takePayment type PaymentCharged"])
  }

  // MARK: Whatever may be in a history

  @Test("An operator's acts, kept and parked messages, timers and crashes are replayed")
  func everything() throws {
    let order: JSON = ["orderId": "o-1", "totalCents": 700, "items": [["sku": "tea", "quantity": 2]]]
    let parked = try SagaTest(Shipped.choreography, roles: ["orders"])
    try parked.when("PaymentFailed", ["orderId": "o-1", "reason": "no funds"]).then(.parked)
      .when("OrderPlaced", order).then(published: "OrderRejected")
    let kept = try SagaTest(Shipped.choreography, roles: ["payments"])
    try kept.when("OrderPlaced", order).when("OrderCancelled", ["reason": "changed"]).then(.deferred)
      .when(.crash).when(after: "31s").when(reply: "CardCharged").when(reply: "CardRefunded")
      .then(status: .compensated)
    let paused = try SagaTest(Shipped.orders)
    try paused.when("OrderPlaced", order).when(operator: .pause).when(reply: "PaymentCharged").then(.deferred)
      .when(after: "1h").when(operator: .resume).when(operator: .cancel, reason: "enough")
      .when(after: "30s").when(reply: "PaymentDeclined").when(.duplicate)
    for (test, path) in [(parked, Shipped.choreography), (kept, Shipped.choreography), (paused, Shipped.orders)] {
      let history = try test.recorded()
      #expect(history.rows.count > 1)
      #expect(try history.replay(against: SagaDefinitions(at: [path])) == [])
    }
  }

  @Test("A command that could not be delivered is replayed")
  func undeliverable() throws {
    let definitions = try SagaDefinitions(at: [Shipped.orders])
    let store = MemoryStore()
    let start = SagaTest.beginning
    let engine = try ShardEngine(store: store, machines: definitions.machines, now: start)
    let order = CloudEvent(
      id: "1", source: "/shop", type: "OrderPlaced",
      data: ["orderId": "o-1", "customerId": "c", "totalCents": 7, "items": [["sku": "tea", "quantity": 1]]])
    _ = try engine.offer([IncomingMessage(bytes: order.encode())], now: start)
    let sent = try engine.takeOutgoing(lane: "output", limit: 1, now: start)
    try engine.confirm(
      lane: "output", [DeliveryResult(position: sent[0].position, outcome: .refused(reason: "no such queue"))],
      now: start.advanced(byMilliseconds: 5))
    let address = InstanceAddress(saga: "order-fulfillment", key: "o-1")
    let history = try GoldenHistory.record(address, from: ShardReader(store: store))
    #expect(history.rows.map { $0["cause"]?["kind"] } == ["message", "undeliverable"])
    #expect(try history.replay(against: definitions) == [])
  }

  // MARK: What cannot be used

  @Test("A file that is no history, or no more, is refused with its line")
  func unreadable() throws {
    func failure(_ text: String) throws -> String {
      "\(try #require(throws: GoldenHistoryError.self) { try GoldenHistory(jsonLines: Array(text.utf8), file: "h.jsonl") })"
    }
    #expect(try failure("{}").hasPrefix("h.jsonl:1: it is no header"))
    #expect(try failure("{\"history\":2}").contains("version 1"))
    #expect(try failure("{\"history\":1}\n{\"at\"}").hasPrefix("h.jsonl:2: "))
    let text = try #require(throws: GoldenHistoryError.self) { try GoldenHistory(path: "/nowhere.jsonl") }
    #expect("\(text)".hasPrefix("/nowhere.jsonl: it is not there"))
    for row in [
      #"{"at":"never"}"#, #"{"at":"2026-01-05T09:00:00Z"}"#,
      #"{"at":"2026-01-05T09:00:00Z","cause":{"kind":"rearmed"}}"#,
    ] {
      let header = #"{"history":1,"saga":"order-fulfillment","key":"k","version":1,"epoch":1}"#
      let history = try GoldenHistory(jsonLines: Array("\(header)\n\(row)".utf8), file: "h")
      let error = try #require(throws: GoldenHistoryError.self) {
        try history.replay(against: SagaDefinitions(at: [Shipped.orders]))
      }
      #expect("\(error)".hasPrefix("row 1 of the history cannot be replayed: "))
    }
  }

  @Test("A history of another saga, and an instance that is not there, are named")
  func missing() throws {
    let history = try GoldenHistory(path: Golden.all[0].path)
    #expect(throws: GoldenHistoryError.self) { try history.replay(against: .none) }
    let store = MemoryStore()
    let error = try #require(throws: GoldenHistoryError.self) {
      try GoldenHistory.record(InstanceAddress(saga: "a", role: "b", key: "c"), from: ShardReader(store: store))
    }
    #expect("\(error)" == "there is no instance of a/b c to record")
  }
}
