import Foundation

/// Lets one task at a time work on a key: an undo waits for the action that it undoes.
///
/// `@unchecked Sendable`: every access holds the lock.
final class KeyedGate: @unchecked Sendable {
  private let lock = NSLock()
  /// Who waits for each key that somebody has.
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

  /// Runs `body` when nobody else has the key.
  func withKey<Value>(_ key: String, _ body: () async throws -> Value) async rethrows -> Value {
    await enter(key)
    defer { leave(key) }
    return try await body()
  }

  private func enter(_ key: String) async {
    await withCheckedContinuation { continuation in
      lock.lock()
      if waiting[key] == nil {
        waiting[key] = []
        lock.unlock()
        continuation.resume()
      } else {
        waiting[key]?.append(continuation)
        lock.unlock()
      }
    }
  }

  private func leave(_ key: String) {
    lock.lock()
    guard var queue = waiting[key], !queue.isEmpty else {
      waiting[key] = nil
      return lock.unlock()
    }
    let next = queue.removeFirst()
    waiting[key] = queue
    lock.unlock()
    next.resume()
  }
}
