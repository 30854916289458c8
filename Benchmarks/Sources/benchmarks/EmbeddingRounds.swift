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

  /// The greatest memory that the process has had, in MiB, after a third of the events and at the end.
  func soak(events: Int) async throws -> (early: Double, late: Double) {
    try await running(try definitions(EmbeddingRounds.definitions), participants: []) { engine in
      try await EmbeddingRounds.deliver(events / 3, 256, engine, type: "Counted", prefix: "a")
      let early = EmbeddingRounds.peakMebibytes
      try await EmbeddingRounds.deliver(events - events / 3, 256, engine, type: "Counted", prefix: "b")
      return (early, EmbeddingRounds.peakMebibytes)
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

  private static var peakMebibytes: Double {
    var usage = rusage()
    #if os(Linux)
      getrusage(RUSAGE_SELF.rawValue, &usage)
      return Double(usage.ru_maxrss) / 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1_048_576
    #endif
  }
}
