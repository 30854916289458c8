import Foundation
import Logging
import SagaCore
import SagaRuntime
import SagaSQLite

/// Another engine with durable steps runs the same saga beside this one.
struct PeerRounds {
  let folder: URL

  private static let source = Workload.repository.appendingPathComponent("Benchmarks/Peers")
  private static let environment = Workload.repository.appendingPathComponent("Benchmarks/.build/peers")
  /// Callers at once, the orders that a round of the peer gets, and those of the engine for each of them.
  private static let loads: [(callers: Int, peerOrders: Int, goal: Goal)] = [
    (1, 20, .peerAlone), (8, 48, .peerEight), (64, 128, .peerSixtyFour),
  ]
  private static let engineFactor = 50

  static func sections(_ rounds: StoreRounds, _ options: Options, goals: inout GoalTable) async throws -> [Section] {
    let peers = PeerRounds(folder: rounds.folder)
    let child: Child
    let settings: String
    do {
      let python = try install()
      child = try Child(python, [source.appendingPathComponent("orders.py").path, rounds.folder.path])
      settings = try child.readLine()
    } catch {
      Benchmarks.note("left out: DBOS Transact, which could not be installed or started: \(error)")
      for load in loads {
        goals.leaveOut(load.goal, because: "left out: DBOS Transact could not be installed or started")
      }
      return []
    }
    let about = try JSONParser.parse(Array(settings.utf8))
    var lines: [Measurement] = []
    for load in loads {
      lines += [
        Measurement(name: "the engine, \(load.callers) at a time", unit: "sagas/s"),
        Measurement(name: "  with handlers that may reach other systems", unit: "sagas/s"),
        Measurement(name: "  DBOS Transact", unit: "sagas/s"), Measurement(name: "  ratio of the two", unit: "×"),
      ]
    }
    _ = try sagasPerSecond(child, callers: 1, orders: 3)
    for round in 1...options.rounds {
      Benchmarks.note("peers, round \(round) of \(options.rounds)")
      for (index, load) in loads.enumerated() {
        let orders = load.peerOrders * engineFactor
        let ours = try await peers.sagasPerSecond(callers: load.callers, orders: orders, PeerRounds.inside)
        let outside = try await peers.sagasPerSecond(callers: load.callers, orders: orders / 2, PeerRounds.outside)
        let theirs = try sagasPerSecond(child, callers: load.callers, orders: load.peerOrders)
        for (place, value) in [ours, outside, theirs, ours / theirs].enumerated() {
          lines[4 * index + place].samples.append(value)
        }
      }
    }
    try child.finish()
    for (index, load) in loads.enumerated() { goals.record(load.goal, lines[4 * index + 3].samples) }
    func text(_ name: String) -> String { about[name]?.stringValue ?? "?" }
    return [
      Section(
        id: "peers", title: "completed order sagas per second, each caller waiting for its order's end",
        lines,
        notes: [
          "order-fulfillment, two items: one start and five steps, each durable; participants in process that answer at once",
          "the engine embedded, synchronous=FULL, handlers in its transaction (once, whatever happens; a step of DBOS may run again);",
          "handlers that may reach other systems are asynchronous, and that they begin is durable before they do;",
          "the engine sends two events besides, which DBOS does not",
          "DBOS Transact \(text("version")), Python \(text("python")), its default SQLite database as it sets it up: "
            + "journal_mode=\(text("journalMode")), synchronous=\(text("synchronous"))",
        ])
    ]
  }

  /// - Returns: the interpreter that has the peer.
  private static func install() throws -> String {
    let python = environment.appendingPathComponent("bin/python").path
    let requirements = source.appendingPathComponent("requirements.txt").path
    if !FileManager.default.fileExists(atPath: python) {
      Benchmarks.note("making a Python environment…")
      _ = try Child.output(of: "python3", ["-m", "venv", environment.path])
    }
    Benchmarks.note("installing DBOS Transact…")
    _ = try Child.output(
      of: python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
    return python
  }

  private static func sagasPerSecond(_ child: Child, callers: Int, orders: Int) throws -> Double {
    try child.write("\(callers) \(orders)")
    guard case .double(let found)? = try JSONParser.parse(Array(child.readLine().utf8))["sagasPerSecond"] else {
      throw BenchmarkError("DBOS Transact gave no figure")
    }
    return found
  }

  /// Order sagas of an embedded engine.
  private func sagasPerSecond(callers: Int, orders: Int, _ participants: [Participant]) async throws -> Double {
    let database = folder.appendingPathComponent("peers-\(UUID().uuidString).db").path
    defer {
      for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: database + suffix) }
    }
    var logger = Logger(label: "bench")
    logger.logLevel = .critical
    let ends = Ends()
    let broker = ClosureTransport { message in
      guard message.type == "OrderFulfilled", let key = try CloudEvent.decode(message.bytes).sagakey else { return }
      await ends.end(key)
    }
    let engine = try SagaEngine(
      database: database,
      definitions: SagaDefinitions(at: [Workload.repository.appendingPathComponent("sagas/order-fulfillment.json").path]
      ),
      participants: participants, routes: [.events("broker", transport: broker)], logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await engine.run() }
      let stopwatch = Stopwatch()
      try await withThrowingTaskGroup(of: Void.self) { waiting in
        for caller in 0..<callers {
          waiting.addTask {
            for number in stride(from: caller, to: orders, by: callers) {
              _ = try await engine.deliver(Workload.orderPlaced(number))
              await ends.wait(for: "o\(number)")
            }
          }
        }
        try await waiting.waitForAll()
      }
      let seconds = stopwatch.seconds
      group.cancelAll()
      try await group.waitForAll()
      return Double(orders) / seconds
    }
  }

  private struct Asked: Codable, Sendable {
    var orderId: String
    var sku: String?
  }

  /// What each participant answers.
  private static let answers: [(destination: String, command: String, answer: @Sendable (Asked) -> CommandReply)] = [
    (
      "payments", "ChargePayment",
      { .done("PaymentCharged", ["orderId": .string($0.orderId), "paymentId": .string("pay-\($0.orderId)")]) }
    ),
    ("fraud", "CheckFraud", { .done("FraudCleared", ["orderId": .string($0.orderId)]) }),
    (
      "inventory", "ReserveStock",
      { .done("StockReserved", ["orderId": .string($0.orderId), "sku": .string($0.sku ?? "")]) }
    ),
    (
      "shipping", "CreateShipment",
      { .done("ShipmentCreated", ["orderId": .string($0.orderId), "trackingNumber": .string("track-\($0.orderId)")]) }
    ),
  ]

  private static var inside: [Participant] {
    answers.map { destination, command, answer in
      var participant = Participant(destination)
      participant.handleInTransaction(command, as: Asked.self) { asked, _, _ in answer(asked) }
      return participant
    }
  }

  private static var outside: [Participant] {
    answers.map { destination, command, answer in
      var participant = Participant(destination)
      participant.handle(command, as: Asked.self) { asked, _ in answer(asked) }
      return participant
    }
  }
}

/// Who waits for the end of which saga.
private actor Ends {
  private var waiting: [String: CheckedContinuation<Void, Never>] = [:]
  private var ended: Set<String> = []

  func wait(for key: String) async {
    if ended.remove(key) != nil { return }
    await withCheckedContinuation { waiting[key] = $0 }
  }

  func end(_ key: String) {
    if let continuation = waiting.removeValue(forKey: key) { continuation.resume() } else { ended.insert(key) }
  }
}
