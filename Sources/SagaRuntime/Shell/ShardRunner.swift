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
    case deliver(IncomingMessage, Waiter)
    /// A message from here to other shards is durable in all of them.
    case arrived(Departure.Origin)
    /// Something that another shard knows can be gone on with here.
    case nudge
    case operate(OperatorRequest, CheckedContinuation<OperatorReply, any Error>)
    case serve(ServiceWork)
    case ask(Question)
    case sent(lane: String, batch: Int, [DeliveryResult])
    /// The lane's transport has ended: it answers for nothing more.
    case ended(lane: String)
    case stop
  }

  /// A transaction of the embedding service, and who waits for it.
  struct ServiceWork: Sendable {
    /// Ends something that began earlier, which a graceful shutdown waits for.
    var isCompletion: Bool
    var body: @Sendable (any ServiceTransaction) throws -> Void
    var finish: @Sendable ((any Error)?) -> Void
  }

  /// Something to look up in the engine, on its thread.
  struct Question: Sendable {
    var body: @Sendable (ShardEngine) throws -> Void
    var refuse: @Sendable (any Error) -> Void
  }

  /// Messages handed to a lane's transport together.
  struct OutgoingBatch: Sendable {
    var number: Int
    var messages: [OutgoingDelivery]
  }

  /// A lane and the way to its transport.
  struct LaneStream {
    var lane: OutgoingLane
    var continuation: AsyncStream<OutgoingBatch>.Continuation
  }

  let mailbox = Mailbox<Work>(capacity: 65_536)
  private let makeEngine: @Sendable () throws -> ShardEngine
  private let lanes: [OutgoingLane]
  private let exchange: ShardExchange?
  private let logger: Logger
  let metrics: MetricSet
  let tracing: MessageTracing
  /// Told after commits that there is more in the journal.
  let advances = JournalSignal()

  /// - Parameters:
  ///   - lanes: one for each lane that `EngineConfiguration.lanes` names, served in this order.
  ///   - logger: told of what nobody else sees.
  ///   - telemetry: where metrics and traces go.
  ///   - makeEngine: opens the store and recovers; called once, on the shard's thread.
  public convenience init(
    lanes: [OutgoingLane], logger: Logger = Logger(label: "saga"), telemetry: Telemetry = Telemetry(),
    makeEngine: @escaping @Sendable () throws -> ShardEngine
  ) {
    self.init(
      lanes: lanes, logger: logger, metrics: telemetry.makeMetrics(), tracing: MessageTracing(telemetry),
      makeEngine: makeEngine)
  }

  init(
    lanes: [OutgoingLane], logger: Logger, metrics: MetricSet, tracing: MessageTracing,
    exchange: ShardExchange? = nil, makeEngine: @escaping @Sendable () throws -> ShardEngine
  ) {
    self.lanes = lanes
    self.exchange = exchange
    self.logger = logger
    self.metrics = metrics
    self.tracing = tracing
    self.makeEngine = makeEngine
  }

  /// Hands a CloudEvent (JSON bytes) to the sagas.
  ///
  /// - Returns: what became of it, once that is durable: the message may be acknowledged.
  /// - Throws: `RunnerError.stopped`, `EngineError`, or what the store throws; then it must not be acknowledged.
  public func deliver(_ message: [UInt8]) async throws -> Receipt {
    try await deliver(IncomingMessage(bytes: message))
  }

  /// Hands over a message that its transport or its handler has found unacceptable: it becomes a dead letter.
  ///
  /// - Throws: as `deliver`.
  func bury(_ message: [UInt8], _ fault: MessageFault) async throws {
    _ = try await deliver(IncomingMessage(bytes: message, fault: fault))
  }

  func deliver(_ message: IncomingMessage) async throws -> Receipt {
    let beganAt = ContinuousClock.now
    defer { metrics.record(.deliverySeconds, nanoseconds: (ContinuousClock.now - beganAt).nanoseconds) }
    return try await withCheckedThrowingContinuation { continuation in
      if !mailbox.putUnbounded(.deliver(message, .caller(continuation))) {
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

  /// Runs a transaction of the embedding service on the engine's store. Concurrent ones share a commit and an fsync.
  ///
  /// - Parameter body: runs on the shard's thread, once; keep it short, nothing else moves meanwhile.
  /// - Returns: what `body` returned, once that is durable.
  /// - Throws: what `body` threw, after everything it did is undone; `RunnerError.stopped`, `EngineError`.
  public func transact<Value: Sendable>(
    _ body: @escaping @Sendable (any ServiceTransaction) throws -> Value
  ) async throws -> Value {
    try await transact(isCompletion: false, body)
  }

  /// - Parameter isCompletion: whether a graceful shutdown waits for it, because what it ends has begun.
  func transact<Value: Sendable>(
    isCompletion: Bool, _ body: @escaping @Sendable (any ServiceTransaction) throws -> Value
  ) async throws -> Value {
    let result = Slip<Value>()
    let body = tracing.carrying(body)
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      let work = ServiceWork(isCompletion: isCompletion) {
        result.value = try body($0)
      } finish: { error in
        if let error { continuation.resume(throwing: error) } else { continuation.resume() }
      }
      if !mailbox.putUnbounded(.serve(work)) { continuation.resume(throwing: RunnerError.stopped) }
    }
    return result.taken
  }

  /// Looks something up in the engine, between two batches.
  ///
  /// - Throws: what `body` throws, or `RunnerError.stopped`.
  func ask<Value: Sendable>(_ body: @escaping @Sendable (ShardEngine) throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let question = Question {
        continuation.resume(returning: try body($0))
      } refuse: {
        continuation.resume(throwing: $0)
      }
      if !mailbox.putUnbounded(.ask(question)) { continuation.resume(throwing: RunnerError.stopped) }
    }
  }

  /// Runs until graceful shutdown or cancellation.
  ///
  /// - Throws: what stopped the engine, when it was not asked to stop.
  public func run() async throws {
    let outbox = lanes.map { ($0, AsyncStream.makeStream(of: OutgoingBatch.self)) }
    try await withGracefulShutdownHandler {
      try await withTaskCancellationHandler {
        try await withThrowingTaskGroup(of: Bool.self) { group in
          let streams = outbox.map { LaneStream(lane: $0.0, continuation: $0.1.continuation) }
          let cancelling = AsyncStream.makeStream(of: Void.self)
          group.addTask {
            // Ends when the thread has ended, or has waited long enough.
            for await _ in cancelling.stream {}
            return true
          }
          group.addTask {
            defer { cancelling.continuation.finish() }
            try await self.runThread(streams) { cancelling.continuation.finish() }
            return false
          }
          for (lane, channel) in outbox {
            group.addTask {
              await self.serve(lane, channel.stream)
              return false
            }
          }
          // What transports are still doing then is cancelled.
          for try await isOver in group where isOver { group.cancelAll() }
        }
      } onCancel: {
        mailbox.putUrgent(.stop)
      }
    } onGracefulShutdown: {
      self.mailbox.putUrgent(.stop)
    }
  }

  /// Gives a lane's transport its batches; the loop hands out no more at once than the lane's `concurrency`.
  private func serve(_ lane: OutgoingLane, _ batches: AsyncStream<OutgoingBatch>) async {
    await withDiscardingTaskGroup { group in
      for await batch in batches {
        group.addTask {
          let results = await lane.transport.send(batch.messages)
          self.mailbox.putUnbounded(.sent(lane: lane.name, batch: batch.number, results))
        }
      }
    }
    mailbox.putUnbounded(.ended(lane: lane.name))
  }

  /// - Parameter cancelTransports: called on the thread when it has waited long enough for them.
  private func runThread(_ streams: [LaneStream], cancelTransports: @escaping @Sendable () -> Void) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      let thread = Thread { [mailbox, makeEngine, logger, metrics, tracing, advances, exchange] in
        defer {
          for stream in streams { stream.continuation.finish() }
          advances.finish()
        }
        // The engine and its store are gone when the caller goes on: the next engine may open the same file.
        let ended = Result {
          try ShardLoop(
            engine: try makeEngine(), mailbox: mailbox, streams: streams, advances: advances, logger: logger,
            metrics: metrics, tracing: tracing, exchange: exchange, cancelTransports: cancelTransports
          ).run()
        }
        if case .failure(let error) = ended {
          mailbox.close()
          ShardLoop.refuse(mailbox.take(limit: .max, waitMilliseconds: 0), with: error)
        }
        done.resume(with: ended)
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
