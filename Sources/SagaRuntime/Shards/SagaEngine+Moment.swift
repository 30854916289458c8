import Foundation

extension SagaEngine {
  /// Waits until nobody else does what needs all shards.
  package func alone<Value>(_ body: () async throws -> Value) async rethrows -> Value {
    try await meetings.withKey("", body)
  }

  /// Does something in every shard at a moment at which none of them commits: all wait for each other before and after it.
  ///
  /// - Precondition: within `alone`. Of two meetings at a time one shard could come to the one first and another to the other, and both
  ///   would wait for ever.
  /// - Throws: what the first of them throws; the others have stopped or done it.
  package func atOneMoment(_ body: @escaping @Sendable (_ shard: Int, _ store: any Store) throws -> Void) async throws {
    let meeting = ShardMeeting(runners.count)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (shard, runner) in runners.enumerated() {
        group.addTask {
          do {
            try await runner.ask { engine in
              try meeting.wait()
              defer { meeting.leave() }
              try body(shard, engine.store)
            }
          } catch {
            meeting.giveUp()
            throw error
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// Lets threads wait for each other: all come before the first goes on, and all are done before the first leaves.
///
/// `@unchecked Sendable`: every access to the numbers holds the condition's lock.
private final class ShardMeeting: @unchecked Sendable {
  private let condition = NSCondition()
  private var missing: Int
  private var busy: Int
  private var isOff = false

  init(_ count: Int) { (missing, busy) = (count, count) }

  /// - Throws: `RunnerError.stopped` where another will not come.
  func wait() throws {
    condition.lock()
    defer { condition.unlock() }
    missing -= 1
    condition.broadcast()
    while missing > 0, !isOff { condition.wait() }
    if isOff { throw RunnerError.stopped }
  }

  func leave() {
    condition.lock()
    defer { condition.unlock() }
    busy -= 1
    condition.broadcast()
    while busy > 0, !isOff { condition.wait() }
  }

  func giveUp() {
    condition.lock()
    isOff = true
    condition.broadcast()
    condition.unlock()
  }
}
