import Foundation
import SagaCore
import SagaRuntime

/// The messages of many sagas in flight at once, as bytes, with every participant's reply already made.
///
/// Ids are derived from what came in, so replies recorded against one engine fit any other that is given the same
/// messages in the same order: what is timed is the engine alone, not the participants.
struct Workload {
  let machines: [Machine]
  let messages: [IncomingMessage]
  /// How many messages the sagas sent, to be compared with what a timed engine does; nil where nobody has looked.
  let outgoing: Int?

  /// Sagas in flight at once; each next message is one of theirs, chosen at random.
  static let inFlight = 2000
  static let start = Timestamp(milliseconds: 1_767_225_600_000)

  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
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

  /// Orders under one coordinator.
  init(orders: Int) throws {
    try self.init(
      machines: try Workload.machines(), sagas: orders, start: Workload.orderPlaced, answer: Workload.answer,
      ends: ["OrderFulfilled", "OrderCancelled"])
  }

  /// Orders without a coordinator: payments, inventory, shipping and orders hand them on by events.
  static func choreography(orders: Int) throws -> Workload {
    try Workload(
      machines: try definition("order-choreography").machines, sagas: orders, start: orderPlaced,
      answer: choreographedAnswer, ends: ["OrderFulfilled", "OrderRejected"])
  }

  /// A log of real expense claims as it is, in the order of time; nil where the data set is not there.
  static func claims() throws -> Workload? {
    let folder = ProcessInfo.processInfo.environment["SAGA_SHARED"] ?? repository.path + "/../shared"
    let path = folder + "/data/expense-claims-2000.jsonl.gz"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let lines = try Child.output(of: "gzip", ["-dc", path]).split(separator: UInt8(ascii: "\n"))
    return Workload(
      machines: try definition("expense-claims").machines, messages: lines.map { IncomingMessage(bytes: Array($0)) },
      outgoing: nil)
  }

  private init(machines: [Machine], messages: [IncomingMessage], outgoing: Int?) {
    self.machines = machines
    self.messages = messages
    self.outgoing = outgoing
  }

  /// Runs sagas once in memory and keeps what came in.
  ///
  /// - Parameters:
  ///   - start: the message that begins the saga with this number.
  ///   - answer: what a participant answers to a command; nil for an event.
  ///   - ends: the events that end a saga.
  private init(
    machines: [Machine], sagas: Int, start: (Int) -> CloudEvent, answer: (CloudEvent) throws -> CloudEvent?,
    ends: Set<String>
  ) throws {
    let engine = try ShardEngine(
      store: MemoryStore(), machines: machines, configuration: Workload.configuration(), now: Workload.start)
    var pool = (0..<min(sagas, Workload.inFlight)).map(start)
    var next = pool.count
    var random = SplitMix(seed: 7)
    var recorded: [IncomingMessage] = []
    recorded.reserveCapacity(sagas * 6)
    var ended = 0
    var sent = 0
    while !pool.isEmpty {
      let index = Int(random.next() % UInt64(pool.count))
      pool.swapAt(index, pool.count - 1)
      let message = IncomingMessage(bytes: pool.removeLast().encode())
      let now = Workload.time(recorded.count)
      recorded.append(message)
      for delivery in try engine.offer([message], now: now)[0].deliveries {
        if case .deadLettered(let code, let text) = delivery.outcome { throw BenchmarkError("\(code): \(text)") }
      }
      while true {
        let outgoing = try engine.takeOutgoing(lane: "output", limit: 1000, now: now)
        try engine.confirm(
          lane: "output", outgoing.map { DeliveryResult(position: $0.position, outcome: .confirmed) }, now: now)
        sent += outgoing.count
        for delivery in outgoing {
          if let answer = try answer(CloudEvent.decode(delivery.bytes)) {
            pool.append(answer)
          } else if ends.contains(delivery.type) {
            ended += 1
            if next < sagas {
              pool.append(start(next))
              next += 1
            }
          }
        }
        let hasMore = try engine.tick(now: now).hasMore
        if outgoing.isEmpty, !hasMore { break }
      }
    }
    guard ended == sagas else { throw BenchmarkError("\(sagas) sagas were begun and \(ended) ended") }
    self.init(machines: machines, messages: recorded, outgoing: sent)
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
    switch command.type {
    case "ChargePayment" where number % 20 == 19:
      return reply("PaymentDeclined", to: command, ["reason": "the card was declined"])
    case "ChargePayment": return reply("PaymentCharged", to: command, ["paymentId": .string("pay-\(orderID)")])
    case "RefundPayment": return reply("PaymentRefunded", to: command)
    case "CheckFraud": return reply("FraudCleared", to: command)
    case "ReserveStock": return reply("StockReserved", to: command, ["sku": command.data?["sku"] ?? .null])
    case "ReleaseStock": return reply("StockReleased", to: command, ["sku": command.data?["sku"] ?? .null])
    case "CreateShipment":
      return reply("ShipmentCreated", to: command, ["trackingNumber": .string("track-\(orderID)")])
    default: return nil
    }
  }

  private static func choreographedAnswer(to command: CloudEvent) throws -> CloudEvent? {
    guard let orderID = command.sagakey else { throw BenchmarkError("\(command.type) names no saga") }
    let number = Int(orderID.dropFirst()) ?? 0
    switch command.type {
    case "ChargeCard" where number % 20 == 19:
      return reply("CardDeclined", to: command, ["reason": "the card was declined"])
    case "ChargeCard": return reply("CardCharged", to: command, ["paymentId": .string("pay-\(orderID)")])
    case "RefundCard": return reply("CardRefunded", to: command)
    case "ReserveStock": return reply("ItemReserved", to: command, ["sku": command.data?["sku"] ?? .null])
    case "ReleaseStock": return reply("ItemReleased", to: command, ["sku": command.data?["sku"] ?? .null])
    case "CreateParcel": return reply("ParcelCreated", to: command, ["trackingNumber": .string("track-\(orderID)")])
    default: return nil
    }
  }

  private static func reply(_ type: String, to command: CloudEvent, _ data: JSONObject = [:]) -> CloudEvent {
    var event = CloudEvent(id: "re-\(command.id)", source: "/participants", type: type)
    event.timestamp = start
    event.correlationid = command.correlationid
    event.causationid = command.id
    var data = data
    data["orderId"] = command.sagakey.map { .string($0) } ?? .null
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
