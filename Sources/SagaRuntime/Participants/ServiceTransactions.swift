import SagaCore

/// The engine's transactions, for handlers that are made before the engine is.
///
/// `@unchecked Sendable`: `shards` is set once, by the initialiser that makes the handlers, before any of them can run.
final class ServiceTransactions: @unchecked Sendable {
  private struct Connection {
    // The runner's lanes hold the handlers.
    weak var runner: ShardRunner?
  }
  private var shards: [Connection] = []

  func connect(to runners: [ShardRunner]) { shards = runners.map { Connection(runner: $0) } }

  /// - Parameter memory: what is remembered is found by it, always in the same shard.
  private func connected(_ memory: @autoclosure () -> Hash128? = nil) throws -> ShardRunner {
    let shard =
      shards.count > 1 ? memory().map { ShardPlace.owner(of: Slot(keyHash: $0), among: shards.count) } ?? 0 : 0
    guard shard < shards.count, let runner = shards[shard].runner else { throw RunnerError.stopped }
    return runner
  }

  /// Begins something, or does it whole. Refused once the engine stops.
  func begin<Value: Sendable>(
    remembering memory: @autoclosure () -> Hash128, _ body: @escaping @Sendable (any ServiceTransaction) throws -> Value
  ) async throws -> Value {
    try await connected(memory()).transact(isCompletion: false, body)
  }

  /// Ends something that has begun; a graceful shutdown waits for it.
  func complete<Value: Sendable>(
    remembering memory: @autoclosure () -> Hash128, _ body: @escaping @Sendable (any ServiceTransaction) throws -> Value
  ) async throws -> Value {
    try await connected(memory()).transact(isCompletion: true, body)
  }

  /// Puts a message into the dead letters.
  func bury(_ message: [UInt8], _ fault: MessageFault) async throws {
    try await connected().bury(message, fault)
  }
}

/// Carries a value out of a closure on the shard's thread.
///
/// `@unchecked Sendable`: written on that thread before the caller's continuation is resumed, read after.
final class Slip<Value>: @unchecked Sendable {
  var value: Value?

  /// - Precondition: the closure has ended without an error.
  var taken: Value {
    guard let value else { preconditionFailure("a transaction ended without its value") }
    return value
  }
}
