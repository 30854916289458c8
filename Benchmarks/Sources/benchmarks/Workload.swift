import Foundation
import SagaCore
import SagaRuntime

/// The messages of many order sagas in flight at once, as bytes, with every participant's reply already made.
///
/// Ids are derived from what came in, so replies recorded against one engine fit any other that is given the same
/// messages in the same order: what is timed is the engine alone, not the participants.
struct Workload {
  let machines: [Machine]
  let orders: Int
  let messages: [IncomingMessage]
  /// How the orders ended, to be compared with what a timed engine does.
  let ends: [String: Int]
  /// What the sagas sent.
  let outgoing: Int

  /// Orders in flight at once; each next message is one of theirs, chosen at random.
  static let inFlight = 2000
  static let start = Timestamp(milliseconds: 1_767_225_600_000)

  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A file of the repository.
  static func read(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: repository.appendingPathComponent(path)))
  }

  /// A shipped saga.
  static func definition(_ name: String) throws -> LoadedDefinition {
    try definition(try read("sagas/\(name).json"), file: "\(name).json")
  }

  static func definition(_ source: [UInt8], file: String) throws -> LoadedDefinition {
    let loaded = LoadedDefinition.load(source: source, file: file)
    guard !loaded.hasErrors else {
      throw BenchmarkError(loaded.diagnostics.map { "\($0.position): \($0.message)" }.joined(separator: "\n"))
    }
    return loaded
  }

  static func machines() throws -> [Machine] { try definition("order-fulfillment").machines }

  /// The logical time of the message with this index: 20,000 a second, so that no timeout fires.
  static func time(_ index: Int) -> Timestamp { start.advanced(byMilliseconds: Int64(index / 20)) }

  static func configuration() -> EngineConfiguration {
    var configuration = EngineConfiguration()
    configuration.isPipelined = { _ in true }
    return configuration
  }

  init(orders: Int) throws {
    machines = try Workload.machines()
    self.orders = orders
    let engine = try ShardEngine(
      store: MemoryStore(), machines: machines, configuration: Workload.configuration(), now: Workload.start)
    var pool = (0..<min(orders, Workload.inFlight)).map(Workload.orderPlaced)
    var nextOrder = pool.count
    var random = SplitMix(seed: 7)
    var recorded: [IncomingMessage] = []
    recorded.reserveCapacity(orders * 6)
    var ends: [String: Int] = [:]
    var sent = 0
    while !pool.isEmpty {
      let index = Int(random.next() % UInt64(pool.count))
      pool.swapAt(index, pool.count - 1)
      let message = IncomingMessage(bytes: pool.removeLast().encode())
      let now = Workload.time(recorded.count)
      recorded.append(message)
      let receipt = try engine.offer([message], now: now)[0]
      for delivery in receipt.deliveries {
        if case .deadLettered(let code, let text) = delivery.outcome { throw BenchmarkError("\(code): \(text)") }
      }
      let outgoing = try engine.takeOutgoing(lane: "output", limit: 1000, now: now)
      try engine.confirm(
        lane: "output", outgoing.map { DeliveryResult(position: $0.position, outcome: .confirmed) }, now: now)
      sent += outgoing.count
      for delivery in outgoing {
        if let answer = try Workload.answer(to: CloudEvent.decode(delivery.bytes)) {
          pool.append(answer)
        } else if delivery.type == "OrderFulfilled" || delivery.type == "OrderCancelled" {
          ends[delivery.type, default: 0] += 1
          if nextOrder < orders {
            pool.append(Workload.orderPlaced(nextOrder))
            nextOrder += 1
          }
        }
      }
    }
    messages = recorded
    self.ends = ends
    self.outgoing = sent
    guard ends.values.reduce(0, +) == orders else {
      throw BenchmarkError("\(orders) orders were placed and \(ends) ended")
    }
  }

  static func orderPlaced(_ number: Int) -> CloudEvent {
    var event = CloudEvent(id: "order-\(number)", source: "/shop", type: "OrderPlaced")
    event.timestamp = start
    event.data = [
      "orderId": .string("o\(number)"), "customerId": .string("c\(number % 997)"),
      "totalCents": .int(Int64(1000 + number % 100_000)),
      "items": [["sku": "apple", "quantity": 2], ["sku": "pear", "quantity": 1]],
    ]
    return event
  }

  /// What a participant answers; nil for an event. One card in twenty is declined, so that compensation is in it too.
  private static func answer(to command: CloudEvent) throws -> CloudEvent? {
    guard let orderID = command.sagakey else { throw BenchmarkError("\(command.type) names no saga") }
    let number = Int(orderID.dropFirst()) ?? 0
    let reply: String
    var data: JSONObject = ["orderId": .string(orderID)]
    switch command.type {
    case "ChargePayment" where number % 20 == 19:
      reply = "PaymentDeclined"
      data["reason"] = "the card was declined"
    case "ChargePayment":
      reply = "PaymentCharged"
      data["paymentId"] = .string("pay-\(orderID)")
    case "RefundPayment": reply = "PaymentRefunded"
    case "CheckFraud": reply = "FraudCleared"
    case "ReserveStock", "ReleaseStock":
      reply = command.type == "ReserveStock" ? "StockReserved" : "StockReleased"
      data["sku"] = command.data?["sku"]
    case "CreateShipment":
      reply = "ShipmentCreated"
      data["trackingNumber"] = .string("track-\(orderID)")
    default: return nil
    }
    var event = CloudEvent(id: "re-\(command.id)", source: "/participants", type: reply)
    event.timestamp = start
    event.correlationid = command.correlationid
    event.causationid = command.id
    event.data = .object(data)
    return event
  }
}

/// splitmix64: the same numbers on every machine.
struct SplitMix {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
