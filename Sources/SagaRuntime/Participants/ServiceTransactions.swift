import SagaCore

/// The engine's transactions, for handlers that are made before the engine is.
///
/// `@unchecked Sendable`: `runner` is set once, by the initialiser that makes the handlers, before any of them can run.
final class ServiceTransactions: @unchecked Sendable {
  // Weak: the runner's lanes hold the handlers.
  private weak var runner: ShardRunner?

  func connect(to runner: ShardRunner) { self.runner = runner }

  private func connected() throws -> ShardRunner {
    guard let runner else { throw RunnerError.stopped }
    return runner
  }

  /// Begins something, or does it whole. Refused once the engine stops.
  func begin<Value: Sendable>(
    _ body: @escaping @Sendable (any ServiceTransaction) throws -> Value
  ) async throws -> Value {
    try await connected().transact(isCompletion: false, body)
  }

  /// Ends something that has begun; a graceful shutdown waits for it.
  func complete<Value: Sendable>(
    _ body: @escaping @Sendable (any ServiceTransaction) throws -> Value
  ) async throws -> Value {
    try await connected().transact(isCompletion: true, body)
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
