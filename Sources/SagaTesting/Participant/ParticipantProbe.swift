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
