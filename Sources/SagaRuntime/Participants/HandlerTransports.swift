import Foundation
import Logging
import SagaCore

/// Gives a participant in this process the commands of its lane, one a call.
final class ParticipantTransport: OutgoingTransport {
  private let service: ParticipantService
  private let state: PolicyState
  private let logger: Logger

  /// `@unchecked Sendable`: every access holds the lock.
  private final class PolicyState: @unchecked Sendable {
    private let lock = NSLock()
    private var breaker: CircuitBreaker
    private var limiter: RateLimiter?
    init(_ policy: DestinationPolicy) {
      breaker = CircuitBreaker(policy)
      limiter = policy.commandsPerSecond.map { RateLimiter(perSecond: $0) }
    }
    func request(_ now: Int64) -> CircuitBreaker.Permission {
      lock.withLock { breaker.request(nowMilliseconds: now) }
    }
    func reserve(_ now: Int64) -> Int64 { lock.withLock { limiter?.reserve(nowMilliseconds: now) ?? 0 } }
    func succeeded() { lock.withLock { breaker.succeeded() } }
    func learntNothing(_ now: Int64) { lock.withLock { breaker.learntNothing(nowMilliseconds: now) } }
    func failed(_ now: Int64) -> Bool { lock.withLock { breaker.failed(nowMilliseconds: now) } }
  }

  init(_ service: ParticipantService, logger: Logger) {
    self.service = service
    self.logger = logger
    state = PolicyState(service.participant.policy)
  }

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    var results: [DeliveryResult] = []
    for message in messages {
      results.append(DeliveryResult(position: message.position, outcome: await deliver(message)))
    }
    return results
  }

  private func deliver(_ message: OutgoingDelivery) async -> DeliveryResult.Outcome {
    let destination = service.participant.destination
    let event: CloudEvent
    do throws(MessageFault) { event = try CloudEvent.decode(message.bytes) } catch {
      return .refused(reason: "\(error)", isPermanent: true)
    }
    var metadata: Logger.Metadata = [
      "destination": "\(destination)", "command": "\(message.type)", "message_id": "\(message.id)",
    ]
    if let saga = event.saga { metadata["saga"] = "\(saga)" }
    if let key = event.sagakey { metadata["key"] = "\(key)" }
    let now = WallClock.monotonicMilliseconds
    if case .wait(let until) = state.request(now) {
      return .unavailable(retryAt: WallClock.now.advanced(byMilliseconds: max(1, until - now)))
    }
    do {
      let wait = state.reserve(now)
      if wait > 0 { try await Task.sleep(for: .milliseconds(wait)) }
      let outcome = try await service.handle(event)
      state.succeeded()
      if outcome == .refusedByUndo {
        logger.notice(
          "an action came after its undo and was refused", metadata: metadata)
      }
      return .confirmed
    } catch  where (Task.isCancelled && !PermanentError.isPermanent(error)) || error is RunnerError {
      // The engine stops: nobody said no, whatever the handler makes of being cancelled, and the command goes again after the start.
      state.learntNothing(WallClock.monotonicMilliseconds)
      return .failed(retryAt: WallClock.now, reason: "the service stopped")
    } catch {
      var isOpened = false
      let isPermanent = PermanentError.isPermanent(error)
      if isPermanent {
        state.learntNothing(WallClock.monotonicMilliseconds)
      } else {
        isOpened = state.failed(WallClock.monotonicMilliseconds)
      }
      metadata["error"] = "\(error)"
      logger.warning(
        isOpened ? "a command failed, and its destination is left alone for a while" : "a command failed",
        metadata: metadata)
      // Back to its instance: the definition's `retry` says when it comes again, and how often.
      return .refused(reason: "\(error)", isPermanent: isPermanent)
    }
  }
}

/// Gives a consumer in this process the events of its lane, one a call.
struct ConsumerTransport: OutgoingTransport {
  let service: ConsumerService
  /// Puts a message into the dead letters.
  let bury: @Sendable ([UInt8], MessageFault) async throws -> Void

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    var results: [DeliveryResult] = []
    for message in messages {
      results.append(DeliveryResult(position: message.position, outcome: await deliver(message)))
    }
    return results
  }

  private func deliver(_ message: OutgoingDelivery) async -> DeliveryResult.Outcome {
    do {
      let event: CloudEvent
      do throws(MessageFault) { event = try CloudEvent.decode(message.bytes) } catch {
        try await bury(message.bytes, error)
        return .confirmed
      }
      switch try await service.handle(event) {
      case .handled, .repeated: return .confirmed
      case .failed(let retryAt, let error): return .failed(retryAt: retryAt, reason: "\(error)")
      case .poison(let fault):
        try await bury(message.bytes, fault)
        return .confirmed
      }
    } catch  where Task.isCancelled || error is RunnerError {
      return .failed(retryAt: WallClock.now, reason: "the service stopped")
    } catch {
      // Not the handler's failure, which is counted: what does not go away by itself must not be tried in a loop.
      let delay = service.consumer.policy.delay(afterFailures: message.attempts + 1)
      return .failed(retryAt: WallClock.now.advanced(byMilliseconds: delay), reason: "\(error)")
    }
  }
}

/// For messages that nothing takes: a command returns to its instance, a reply waits for an operator.
struct UnroutedTransport: OutgoingTransport {
  static let lane = "unrouted"

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    messages.map { message in
      let what = message.destination.map { "for \($0)" } ?? ""
      return DeliveryResult(
        position: message.position,
        outcome: .refused(
          reason: "no participant and no route takes \(message.type) \(what); register one in the service"))
    }
  }
}
