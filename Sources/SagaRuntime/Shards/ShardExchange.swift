import Foundation
import SagaCore

/// The way between the threads of shards: a message goes into the mailbox of each shard that it is for, and when all have committed
/// it, word of that into the mailbox of the one that sent it.
///
/// No mailbox waits for room here, so that two shards cannot wait for each other: a shard has at most
/// `EngineConfiguration.relayWindow` messages on their way.
///
/// `@unchecked Sendable`: `mailboxes` is set once, before any thread runs.
final class ShardExchange: @unchecked Sendable {
  private var mailboxes: [Mailbox<ShardRunner.Work>] = []

  func connect(_ mailboxes: [Mailbox<ShardRunner.Work>]) { self.mailboxes = mailboxes }

  /// Wakes a shard.
  func nudge(_ shard: Int) { _ = mailboxes[shard].putUnbounded(.nudge) }

  /// Brings a message to shards that it goes on to, and which its arrival waits for as well.
  func send(_ message: IncomingMessage, on steps: [Onward], _ arrival: Arrival) {
    arrival.expect(steps.count)
    for step in steps { _ = mailboxes[step.shard].putUnbounded(.deliver(message.going(step), .shard(arrival))) }
  }

  /// Brings a message to its shards. Where one of them has stopped it does not arrive, and departs again after the next start.
  func bring(_ departure: Departure, from source: Int) {
    let arrival = Arrival(expected: departure.shards.count) { [mailboxes] in
      _ = mailboxes[source].putUnbounded(.arrived(departure.origin))
    }
    for shard in departure.shards { _ = mailboxes[shard].putUnbounded(.deliver(departure.message, .shard(arrival))) }
  }
}

/// Counts the shards that have committed a message.
///
/// `@unchecked Sendable`: every access to `left` holds the lock.
final class Arrival: @unchecked Sendable {
  private let lock = NSLock()
  private var left: Int
  private let whenAll: @Sendable () -> Void

  init(expected: Int, whenAll: @escaping @Sendable () -> Void) {
    left = expected
    self.whenAll = whenAll
  }

  func expect(_ more: Int) { lock.withLock { left += more } }

  func count() {
    let isLast = lock.withLock {
      left -= 1
      return left == 0
    }
    if isLast { whenAll() }
  }
}

extension ShardRunner {
  /// Who is told when a message is durable.
  enum Waiter: Sendable {
    /// Whoever called `deliver`.
    case caller(CheckedContinuation<Receipt, any Error>)
    /// The shard whose saga sent it.
    case shard(Arrival)

    func resume(returning receipt: Receipt) {
      switch self {
      case .caller(let continuation): continuation.resume(returning: receipt)
      case .shard(let arrival): arrival.count()
      }
    }

    /// A shard hears nothing: its message is still on its way, and departs again from its next engine.
    func resume(throwing error: any Error) {
      if case .caller(let continuation) = self { continuation.resume(throwing: error) }
    }
  }
}
