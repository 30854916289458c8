import Foundation
import SagaCore
import SagaRuntime

/// Stands around a participant's handlers: interrupts them where a check says so and keeps what they answered.
///
/// `@unchecked Sendable`: every access holds the lock.
final class ParticipantProbe: @unchecked Sendable {
  /// Where a handler is interrupted.
  enum Moment { case beforeEffect, afterEffect }

  /// What stands for the death of the process in the middle of a handler.
  struct Interruption: Error, CustomStringConvertible {
    var description: String { "the check interrupted the handler" }
  }

  private let lock = NSLock()
  private var armed: (moment: Moment, type: String)?
  private var answered: [(type: String, reply: CommandReply)] = []

  /// The next handler of the type is interrupted, once.
  func interrupt(_ type: String, _ moment: Moment) { lock.withLock { armed = (moment, type) } }

  /// What the handlers of a type answered, also where the answer was lost, oldest first.
  func replies(to type: String) -> [CommandReply] {
    lock.withLock { answered.filter { $0.type == type }.map(\.reply) }
  }

  func around(_ participant: Participant) -> Participant {
    participant.disturbed { context in
      try self.pass(context.command.type, .beforeEffect)
    } after: { context, reply in
      self.lock.withLock { self.answered.append((context.command.type, reply)) }
      try self.pass(context.command.type, .afterEffect)
    }
  }

  private func pass(_ type: String, _ moment: Moment) throws {
    let isInterrupted = lock.withLock {
      guard let armed, armed.moment == moment, armed.type == type else { return false }
      self.armed = nil
      return true
    }
    if isInterrupted { throw Interruption() }
  }
}

/// Keeps the replies that leave the participant's service.
///
/// `@unchecked Sendable`: every access holds the lock.
final class ReplyBox: OutgoingTransport, @unchecked Sendable {
  private let lock = NSLock()
  private var events: [CloudEvent] = []

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    messages.map { message in
      guard let event = try? CloudEvent.decode(message.bytes) else {
        return DeliveryResult(position: message.position, outcome: .refused(reason: "it cannot be read"))
      }
      lock.withLock { events.append(event) }
      return DeliveryResult(position: message.position, outcome: .confirmed)
    }
  }

  func replies(to correlation: String) -> [CloudEvent] {
    lock.withLock { events.filter { $0.correlationid == correlation } }
  }
}
