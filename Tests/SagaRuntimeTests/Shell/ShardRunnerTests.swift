import Foundation
import Logging
import SagaCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import SagaRuntime

/// A store in memory that the shard's thread uses and a test looks at afterwards.
///
/// `@unchecked Sendable`: the lock guards what both sides touch.
private final class WatchedStore: Store, @unchecked Sendable {
  private let inner: MemoryStore
  private let lock = NSLock()
  private var batches: [Int] = []
  private var room = Int.max
  private let commitSeconds: Double
  /// Called after each commit; set before the store is used.
  var whenCommitted: () -> Void = {}

  /// - Parameter commitSeconds: how long a commit takes, as on a disk.
  init(commitSeconds: Double = 0, contents: MemoryContents = MemoryContents()) {
    self.commitSeconds = commitSeconds
    inner = MemoryStore(contents)
  }

  /// The number of rows of each commit.
  var commits: [Int] { lock.withLock { batches } }
  /// Only so many more commits find room.
  func limit(to commits: Int) { lock.withLock { room = commits } }
  var journal: [JournalRow] { lock.withLock { inner.contents.journal } }
  var lanes: [LanePosition] { lock.withLock { inner.contents.lanes } }

  func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    if commitSeconds > 0 { Thread.sleep(forTimeInterval: commitSeconds) }
    lock.lock()
    defer { lock.unlock() }
    guard room > 0 else { throw .full }
    room -= 1
    let receipt = try inner.commit(batch)
    batches.append(batch.rows.count)
    whenCommitted()
    return receipt
  }
  func recover() throws -> Recovered { try lock.withLock { try inner.recover() } }
  func load(_ wanted: LoadRequest) throws -> Loaded { try lock.withLock { try inner.load(wanted) } }
  func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    try lock.withLock { try inner.journal(after: sequence, limit: limit) }
  }
  func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] { try lock.withLock { try inner.rows(sequences) } }
  func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try lock.withLock { try inner.wakes(through: through, after: after, limit: limit) }
  }
  func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    try lock.withLock { try inner.page(query, after: after, limit: limit) }
  }
  func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    try lock.withLock { try inner.maintain(work, budget: budget) }
  }
  func copy(to destination: BackupDestination) throws { try inner.copy(to: destination) }
}

/// What a transport was given, in order.
private actor Received {
  private(set) var all: [OutgoingDelivery] = []
  private(set) var refusals: [String] = []
  private var toRefuse: Int
  struct Refusal: Error {}

  init(refusing count: Int = 0) { toRefuse = count }

  func take(_ delivery: OutgoingDelivery) throws {
    if toRefuse > 0 {
      toRefuse -= 1
      refusals.append(delivery.id)
      throw Refusal()
    }
    all.append(delivery)
  }

  nonisolated func wait(for count: Int) async throws {
    try await eventually("\(count) messages have come") { await all.count >= count }
  }
}

@Suite("A shard's runner", .timeLimit(.minutes(10)))
struct ShardRunnerTests {
  private func runner(_ store: WatchedStore, _ received: Received = Received()) throws -> ShardRunner {
    let machines = try World.load(Definitions.parcel)
    let transport = ClosureTransport(retryMilliseconds: 20) { try await received.take($0) }
    return ShardRunner(lanes: [OutgoingLane(name: "output", transport: transport)]) {
      try ShardEngine(store: store, machines: machines, now: WallClock.now)
    }
  }

  private func message(_ id: String, _ type: String, _ data: JSON) -> [UInt8] {
    CloudEvent(id: id, source: "/test", type: type, data: data).encode()
  }

  /// Runs `body` beside the runner, and then shuts it down gracefully.
  private func whileRunning(_ runner: ShardRunner, _ body: () async throws -> Void) async throws {
    let group = ServiceGroup(
      configuration: .init(services: [.init(service: runner)], logger: Logger(label: "test")))
    async let running: Void = group.run()
    try await body()
    await group.triggerGracefulShutdown()
    try await running
  }

  @Test("lets concurrent deliveries share commits, and gives each its receipt")
  func sharing() async throws {
    let store = WatchedStore(commitSeconds: 0.02)
    let runner = try runner(store)
    try await whileRunning(runner) {
      let outcomes = try await withThrowingTaskGroup(of: [DeliveryReceipt].self) { group in
        for index in 0..<200 {
          group.addTask {
            try await runner.deliver(message("m\(index)", "Opened", ["id": .string("k\(index)")])).deliveries
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(outcomes.count == 200)
      #expect(outcomes.allSatisfy { $0.outcome == .started })
      #expect(Set(outcomes.map(\.key)).count == 200)
    }
    #expect(store.commits.reduce(0, +) >= 200)
    #expect(store.commits.filter { $0 > 0 }.count < 50)
  }

  @Test("sends in order per key, again with the same ids after a failure", arguments: [0, 1, 7])
  func sending(failures: Int) async throws {
    let store = WatchedStore()
    let received = Received(refusing: failures)
    let runner = try runner(store, received)
    let keys = (0..<5).map { "k\($0)" }
    try await whileRunning(runner) {
      for key in keys { _ = try await runner.deliver(message("1" + key, "Opened", ["id": .string(key)])) }
      for key in keys { _ = try await runner.deliver(message("2" + key, "Paid", ["id": .string(key)])) }
      for key in keys {
        _ = try await runner.deliver(message("3" + key, "Packed", ["id": .string(key), "trackingId": .string(key)]))
        _ = try await runner.deliver(message("4" + key, "Sent", ["id": .string(key)]))
      }
      try await received.wait(for: 10)
    }
    let all = await received.all
    #expect(all.count == 10)
    for key in keys { #expect(all.filter { $0.orderingKey == key }.map(\.type) == ["Receipt", "Delivered"]) }
    let refused = await received.refusals
    #expect(refused.count == failures)
    #expect(Set(refused).isSubset(of: Set(all.map(\.id))))
  }

  @Test("commits what it took at a graceful shutdown and takes nothing afterwards")
  func shutdown() async throws {
    let store = WatchedStore(commitSeconds: 0.05)
    let runner = try runner(store)
    let group = ServiceGroup(
      configuration: .init(services: [.init(service: runner)], logger: Logger(label: "test")))
    try await withThrowingTaskGroup(of: Bool?.self) { tasks in
      tasks.addTask {
        try await group.run()
        return nil
      }
      for index in 0..<50 {
        tasks.addTask {
          do {
            _ = try await runner.deliver(message("m\(index)", "Opened", ["id": .string("k\(index)")]))
            return true
          } catch RunnerError.stopped {
            return false
          }
        }
      }
      tasks.addTask {
        try await Task.sleep(for: .milliseconds(20))
        await group.triggerGracefulShutdown()
        return nil
      }
      var answers: [Bool] = []
      for try await case let answer? in tasks { answers.append(answer) }
      #expect(answers.count == 50)
      #expect(answers.filter { $0 }.count == store.journal.filter { $0.revision == 1 }.count)
    }
    await #expect(throws: RunnerError.self) { try await runner.deliver(message("x", "Opened", ["id": "x"])) }
    await #expect(throws: RunnerError.self) { try await runner.operate(.confirmClock(by: "me", reason: "")) }
  }

  @Test("cancels at a graceful shutdown what a transport does not end by itself, and then ends")
  func cancelling() async throws {
    let (begun, cancelled) = (Received(), Received())
    let transport = ClosureTransport(retryMilliseconds: 20) { delivery in
      try await begun.take(delivery)
      do { try await Task.sleep(for: .seconds(3600)) } catch {
        try await cancelled.take(delivery)
        throw error
      }
    }
    let machines = try World.load(Definitions.order)
    let runner = ShardRunner(lanes: [OutgoingLane(name: "output", transport: transport)]) {
      try ShardEngine(store: WatchedStore(), machines: machines, now: WallClock.now)
    }
    try await whileRunning(runner) {
      _ = try await runner.deliver(message("1", "OrderPlaced", ["orderId": "a", "totalCents": 5]))
      try await begun.wait(for: 1)
    }
    #expect(await cancelled.all.map(\.type) == ["Charge"])
  }

  @Test("fires no timer by a clock that leaps while a commit is on its way: every time has been looked at")
  func leap() throws {
    let begin = WallClock.now
    var leapMilliseconds: Int64 = 0
    let store = WatchedStore()
    store.whenCommitted = { leapMilliseconds = 10 * 365 * 86_400_000 }
    let engine = try ShardEngine(store: store, machines: try World.load(Definitions.order), now: begin)
    let mailbox = Mailbox<ShardRunner.Work>(capacity: 10)
    let order = message("1", "OrderPlaced", ["orderId": "a", "totalCents": 5])
    mailbox.put(
      .ask(
        ShardRunner.Question(
          body: { _ = try $0.offer([IncomingMessage(bytes: order)], now: begin) }, refuse: { Issue.record($0) })))
    mailbox.put(.stop)
    let loop = ShardLoop(
      engine: engine, mailbox: mailbox, streams: [], advances: JournalSignal(), logger: Logger(label: "test"),
      metrics: Telemetry().makeMetrics(), tracing: MessageTracing(Telemetry()),
      readClock: {
        WallClock.Reading(
          wall: begin.advanced(byMilliseconds: leapMilliseconds),
          monotonicMilliseconds: WallClock.monotonicMilliseconds)
      })
    try loop.run()
    #expect(engine.isClockHeld)
    #expect(leapMilliseconds > 0)
    #expect(engine.inspected.map(\.instance.status) == [.running], "its deadline of a day has not fired")
  }

  @Test("whose engine fails throws, and so does every call that waits", arguments: [0, 1, 2])
  func failure(room: Int) async throws {
    let store = WatchedStore(commitSeconds: 0.02)
    store.limit(to: room)
    let runner = try runner(store)
    try await withThrowingTaskGroup(of: Bool.self) { tasks in
      tasks.addTask {
        await #expect(throws: EngineError.self) { try await runner.run() }
        return false
      }
      let address = InstanceAddress(saga: "parcel", role: "desk", key: "k1")
      for index in 0..<100 {
        tasks.addTask {
          do {
            if index % 5 == 4 {
              let pause = Operation(verb: index % 2 == 0 ? .pause : .resume, by: "me", reason: "test")
              _ = try await runner.operate(.instance(address, pause))
            } else {
              _ = try await runner.deliver(message("m\(index)", "Opened", ["id": .string("k\(index)")]))
            }
            return true
          } catch {
            #expect(error is EngineError || error is RunnerError)
            return false
          }
        }
      }
      var done = 0
      for try await isDone in tasks where isDone { done += 1 }
      #expect(room > 0 || done == 0)
    }
    #expect(store.commits.count == room)
    await #expect(throws: RunnerError.self) { try await runner.deliver(message("x", "Opened", ["id": "x"])) }
  }

  @Test("that cannot open its shard throws, and so does every call that waits")
  func opening() async throws {
    let runner = ShardRunner(lanes: []) { throw World.Unloadable(text: "no such file") }
    async let waiting = runner.deliver(message("1", "Opened", ["id": "a"]))
    await #expect(throws: World.Unloadable.self) { try await runner.run() }
    do {
      _ = try await waiting
      Issue.record("a receipt without an engine")
    } catch {}
  }
}

extension ShardRunnerTests {
  /// Takes its time over a message.
  private actor SlowTransport: OutgoingTransport {
    private(set) var given: [String] = []
    func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
      given += messages.map(\.id)
      // Not cut short by a graceful shutdown: the broker has the message and will say so.
      try? await Task.sleep(for: .milliseconds(300))
      return messages.map { DeliveryResult(position: $0.position, outcome: .confirmed) }
    }
  }

  @Test("waits at a graceful shutdown for what transports were given, so that it does not go again")
  func lateConfirmation() async throws {
    let store = WatchedStore()
    let machines = try World.load(Definitions.parcel)
    let transport = SlowTransport()
    let runner = ShardRunner(lanes: [OutgoingLane(name: "output", transport: transport)]) {
      try ShardEngine(store: store, machines: machines, now: WallClock.now)
    }
    try await whileRunning(runner) {
      _ = try await runner.deliver(message("1", "Opened", ["id": "p"]))
      _ = try await runner.deliver(message("2", "Paid", ["id": "p"]))
      try await eventually("the transport has a message") { await !transport.given.isEmpty }
    }
    #expect(await transport.given.count == 1)
    let received = Received()
    let again = try self.runner(store, received)
    try await whileRunning(again) {
      _ = try await again.deliver(message("3", "Packed", ["id": "p", "trackingId": "t"]))
      _ = try await again.deliver(message("4", "Sent", ["id": "p"]))
      try await received.wait(for: 1)
    }
    #expect(await received.all.map(\.type) == ["Delivered"], "the receipt was confirmed while stopping")
  }

  @Test("offers what waits after a restart before timers that fell due meanwhile, and then fires those")
  func restart() async throws {
    // One attempt: a timeout that overtakes the answer compensates.
    let world = try World([Definitions.order.replacing("\"attempts\": 3", with: "\"attempts\": 1")])
    world.now = WallClock.now.advanced(byMilliseconds: -3_600_000)
    for key in ["a", "b"] {
      try world.offer("start-\(key)", "OrderPlaced", ["orderId": .string(key), "totalCents": 5])
    }
    let store = WatchedStore(contents: world.contents)
    let machines = world.machines
    let runner = ShardRunner(lanes: []) {
      try ShardEngine(store: store, machines: machines, now: WallClock.now)
    }
    // The answer came while nobody ran.
    let waiting = Task { try await runner.deliver(self.message("answer", "Charged", ["orderId": "a"])) }
    try await eventually("the answer waits") { runner.waitingCount > 0 }
    try await whileRunning(runner) {
      let outcomes = try await waiting.value.deliveries.map(\.outcome)
      #expect(outcomes == [.handled])
    }
    let sent = try store.journal.flatMap { try $0.outgoing.map { try OutgoingRecord.decode($0) } ?? [] }
      .map { try CloudEvent.decode($0.event) }
    #expect(sent.filter { $0.sagakey == "a" }.map(\.type) == ["Charge", "Ship"], "not asked again, not undone")
    #expect(store.journal.contains { $0.kind == .timer && $0.instance == 2 }, "the other one has timed out")
  }

  @Test("puts off overdue timers for a bounded number of messages only")
  func boundedRestart() async throws {
    let world = try World([Definitions.order])
    world.now = WallClock.now.advanced(byMilliseconds: -3_600_000)
    try world.offer("start", "OrderPlaced", ["orderId": "a", "totalCents": 5])
    let store = WatchedStore(contents: world.contents)
    let machines = world.machines
    let runner = ShardRunner(lanes: []) {
      var configuration = EngineConfiguration()
      configuration.maximumRestartMessages = 3
      configuration.maximumBatch = 2
      return try ShardEngine(store: store, machines: machines, configuration: configuration, now: WallClock.now)
    }
    let waiting = (0..<8).map { index in
      Task {
        try await runner.deliver(
          self.message("m\(index)", "OrderPlaced", ["orderId": .string("k\(index)"), "totalCents": 5]))
      }
    }
    try await eventually("all eight messages wait") { runner.waitingCount >= 8 }
    try await whileRunning(runner) {
      for task in waiting { _ = try await task.value }
    }
    let kinds = store.journal.dropFirst().filter { $0.kind != .marks }.map(\.kind)
    #expect(kinds.firstIndex(of: .timer) == 3)
  }
}
