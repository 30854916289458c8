import Foundation
import Logging
import SagaCore
import SagaRuntime
import SagaSQLite

/// An engine in a service, on a real disk: what concurrent callers share, what a failing participant costs the others, and
/// what memory does in the long run.
struct EmbeddingRounds {
  let folder: String

  /// Calls of `deliver` that are under way at once.
  static let callers = 1000
  /// An hour's worth at a hundred events a second.
  static let soakEvents = 360_000

  /// `Counted` completes at once; `Fast` and `Failing` each ask one participant.
  private static let definitions = """
    { "saga": "counted", "version": 1, "messages": { "Counted": { "key": "event.data.id" } }, "start": { "Counted": {} },
      "steps": [ { "set": { "seen": "true" } } ], "completed": {}, "compensated": {},
      "data": { "type": "object", "properties": { "seen": { "type": "boolean", "default": false } } } }
    """

  private static func asking(_ saga: String, _ start: String, _ destination: String) -> String {
    """
    { "saga": "\(saga)", "version": 1,
      "messages": { "\(start)": { "key": "event.data.id" }, "Answered": { "key": "event.data.id" } }, "start": { "\(start)": {} },
      "steps": [ { "step": "ask", "call": "Ask", "to": "\(destination)", "with": { "id": "saga.key" }, "reply": { "Answered": {} },
                   "timeout": "10m", "retry": { "attempts": 100, "delay": "1s" }, "undo": "none" } ],
      "completed": {}, "compensated": {} }
    """
  }

  struct Asked: Codable, Sendable { var id: String }

  private struct Down: Error {}

  /// Events a second through `deliver`.
  func deliveriesPerSecond(callers: Int, events: Int) async throws -> Double {
    try await running(try definitions(EmbeddingRounds.definitions), participants: []) { engine in
      let stopwatch = Stopwatch()
      try await EmbeddingRounds.deliver(events, callers, engine, type: "Counted", prefix: "k")
      return Double(events) / stopwatch.seconds
    }
  }

  /// Sagas a second that a participant completes, while as many as given wait for one that fails.
  func completionsPerSecond(sagas: Int, besideFailing failing: Int) async throws -> Double {
    var fast = Participant("fast")
    fast.handle("Ask", as: Asked.self) { asked, _ in .done("Answered", ["id": .string(asked.id)]) }
    var down = Participant("down")
    down.handle("Ask", as: Asked.self) { _, _ in
      try await Task.sleep(for: .milliseconds(200))
      throw Down()
    }
    let both = try definitions(
      EmbeddingRounds.asking("fast", "Fast", "fast"), EmbeddingRounds.asking("failing", "Failing", "down"))
    return try await running(both, participants: [fast, down]) { engine in
      try await EmbeddingRounds.deliver(failing, 100, engine, type: "Failing", prefix: "f")
      let stopwatch = Stopwatch()
      try await EmbeddingRounds.deliver(sagas, 100, engine, type: "Fast", prefix: "k")
      var completed = 0
      for try await change in engine.changes(after: 0) {
        if change.machine.saga == "fast", change.entry.facts.contains(.closed(status: .completed)) { completed += 1 }
        if completed == sagas { break }
      }
      return Double(sagas) / stopwatch.seconds
    }
  }

  /// The greatest memory that the process has had, in MB, after a third of the events and at the end.
  func soak(events: Int) async throws -> (early: Double, late: Double) {
    try await running(try definitions(EmbeddingRounds.definitions), participants: []) { engine in
      try await EmbeddingRounds.deliver(events / 3, 256, engine, type: "Counted", prefix: "a")
      let early = ResidentMemory.peakMegabytes
      try await EmbeddingRounds.deliver(events - events / 3, 256, engine, type: "Counted", prefix: "b")
      return (early, ResidentMemory.peakMegabytes)
    }
  }

  private func definitions(_ texts: String...) throws -> SagaDefinitions {
    try SagaDefinitions(sources: texts.enumerated().map { ("bench-\($0).json", Array($1.utf8)) })
  }

  private func running<Value: Sendable>(
    _ definitions: SagaDefinitions, participants: [Participant],
    _ body: @escaping @Sendable (SagaEngine) async throws -> Value
  ) async throws -> Value {
    let database = "\(folder)/embedding-\(UUID().uuidString).db"
    defer {
      for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: database + suffix) }
    }
    var logger = Logger(label: "bench")
    // The participant that fails would fill the screen.
    logger.logLevel = .critical
    let engine = try SagaEngine(
      database: database, definitions: definitions, participants: participants, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await engine.run() }
      let value = try await body(engine)
      group.cancelAll()
      try await group.waitForAll()
      return value
    }
  }

  private static func deliver(
    _ events: Int, _ callers: Int, _ engine: SagaEngine, type: String, prefix: String
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<callers {
        group.addTask {
          for number in stride(from: caller, to: events, by: callers) {
            let event = CloudEvent(
              id: "\(prefix)-\(number)", source: "/bench", type: type, data: ["id": .string("\(prefix)-\(number)")])
            _ = try await engine.deliver(event)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

extension EmbeddingRounds {
  static func section(_ rounds: StoreRounds, _ options: Options) async throws -> Section {
    let embedding = EmbeddingRounds(folder: rounds.folder.path)
    let callers = EmbeddingRounds.callers
    var alone = Measurement(name: "deliver, one caller", unit: "events/s")
    var together = Measurement(name: "deliver, \(Report.whole(Double(callers))) callers at once", unit: "events/s")
    var shared = Measurement(name: "  ratio of the two", unit: "times")
    var quiet = Measurement(name: "sagas with one participant", unit: "sagas/s")
    var beside = Measurement(name: "the same beside 1,000 sagas at a participant that fails", unit: "sagas/s")
    var kept = Measurement(name: "  ratio of the two", unit: "times")
    for round in 1...options.rounds {
      Benchmarks.note("embedding, round \(round) of \(options.rounds)")
      let one = try await embedding.deliveriesPerSecond(callers: 1, events: Int(1000 * options.seconds))
      let many = try await embedding.deliveriesPerSecond(callers: callers, events: Int(30_000 * options.seconds))
      alone.samples.append(one)
      together.samples.append(many)
      shared.samples.append(many / one)
      let sagas = Int(3000 * options.seconds)
      let undisturbed = try await embedding.completionsPerSecond(sagas: sagas, besideFailing: 0)
      let disturbed = try await embedding.completionsPerSecond(sagas: sagas, besideFailing: 1000)
      quiet.samples.append(undisturbed)
      beside.samples.append(disturbed)
      kept.samples.append(disturbed / undisturbed)
    }
    Benchmarks.note("soaking…")
    let events = Int(Double(EmbeddingRounds.soakEvents) * options.seconds)
    let memory = try await embedding.soak(events: events)
    var early = Measurement(name: "peak memory after a third of \(Report.whole(Double(events))) events", unit: "MB")
    early.samples.append(memory.early)
    var late = Measurement(name: "peak memory after all of them", unit: "MB")
    late.samples.append(memory.late)
    return Section(
      id: "embedding", title: "an engine in a service, on SQLite, synchronous=FULL",
      [alone, together, shared, quiet, beside, kept, early, late])
  }
}
