import Foundation
import Logging
import SagaCore
import ServiceLifecycle

/// Runs one shard's engine on a thread of its own and gives the rest of a service an async face to it.
///
/// Concurrent `deliver` calls share a batch and an fsync. Graceful shutdown commits what was taken, hands out no more and
/// returns; a call that was not taken throws `RunnerError.stopped`.
public final class ShardRunner: Service {
  /// What the shard's thread is asked to do.
  enum Work: Sendable {
    case deliver(IncomingMessage, CheckedContinuation<Receipt, any Error>)
    case operate(OperatorRequest, CheckedContinuation<OperatorReply, any Error>)
    case sent(lane: String, [DeliveryResult])
    /// The lane's transport has ended: it answers for nothing more.
    case ended(lane: String)
    case stop
  }

  private let mailbox = Mailbox<Work>(capacity: 65_536)
  private let makeEngine: @Sendable () throws -> ShardEngine
  private let transports: [(lane: String, transport: any OutgoingTransport)]
  private let logger: Logger

  /// - Parameters:
  ///   - transports: one per lane that `EngineConfiguration.lanes` names, tried in this order.
  ///   - logger: told of what nobody else sees.
  ///   - makeEngine: opens the store and recovers; called once, on the shard's thread.
  public init(
    transports: [(lane: String, transport: any OutgoingTransport)], logger: Logger = Logger(label: "saga"),
    makeEngine: @escaping @Sendable () throws -> ShardEngine
  ) {
    self.transports = transports
    self.logger = logger
    self.makeEngine = makeEngine
  }

  /// Hands a CloudEvent (JSON bytes) to the sagas.
  ///
  /// - Returns: what became of it, once that is durable: the message may be acknowledged.
  /// - Throws: `RunnerError.stopped`, `EngineError`, or what the store throws; then it must not be acknowledged.
  public func deliver(_ message: [UInt8]) async throws -> Receipt {
    try await withCheckedThrowingContinuation { continuation in
      if !mailbox.putUnbounded(.deliver(IncomingMessage(bytes: message), continuation)) {
        continuation.resume(throwing: RunnerError.stopped)
      }
    }
  }

  /// How much waits to be taken.
  var waitingCount: Int { mailbox.count }

  /// Does what an operator asks.
  ///
  /// - Throws: as `deliver`.
  public func operate(_ request: OperatorRequest) async throws -> OperatorReply {
    try await withCheckedThrowingContinuation { continuation in
      if !mailbox.putUnbounded(.operate(request, continuation)) { continuation.resume(throwing: RunnerError.stopped) }
    }
  }

  /// Runs until graceful shutdown or cancellation.
  ///
  /// - Throws: what stopped the engine, when it was not asked to stop.
  public func run() async throws {
    let outbox = transports.map { entry in
      (entry.lane, entry.transport, AsyncStream.makeStream(of: [OutgoingDelivery].self))
    }
    try await withGracefulShutdownHandler {
      try await withTaskCancellationHandler {
        try await withThrowingTaskGroup(of: Void.self) { group in
          let streams = outbox.map { (lane: $0.0, continuation: $0.2.continuation) }
          group.addTask { try await self.runThread(streams) }
          for (lane, transport, channel) in outbox {
            group.addTask {
              for await messages in channel.stream {
                self.mailbox.putUnbounded(.sent(lane: lane, await transport.send(messages)))
              }
              self.mailbox.putUnbounded(.ended(lane: lane))
            }
          }
          try await group.waitForAll()
        }
      } onCancel: {
        mailbox.putUrgent(.stop)
      }
    } onGracefulShutdown: {
      self.mailbox.putUrgent(.stop)
    }
  }

  private func runThread(_ streams: [(lane: String, continuation: AsyncStream<[OutgoingDelivery]>.Continuation)])
    async throws
  {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      let thread = Thread { [mailbox, makeEngine, logger] in
        defer { for stream in streams { stream.continuation.finish() } }
        do {
          let loop = ShardLoop(engine: try makeEngine(), mailbox: mailbox, streams: streams, logger: logger)
          try loop.run()
          done.resume()
        } catch {
          mailbox.close()
          ShardLoop.refuse(mailbox.take(limit: .max, waitMilliseconds: 0), with: error)
          done.resume(throwing: error)
        }
      }
      thread.name = "saga shard"
      thread.stackSize = 4 << 20
      thread.start()
    }
  }
}

/// Why a call to a runner was not done.
public enum RunnerError: Error, CustomStringConvertible {
  /// The runner is stopping or has stopped; nothing was taken.
  case stopped
  public var description: String {
    "the saga engine has stopped; the message was not taken and must be delivered again"
  }
}
