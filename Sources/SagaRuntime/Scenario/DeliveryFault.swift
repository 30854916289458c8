import SagaCore

/// How a command fails to reach a participant, before anything is done with it.
public struct DeliveryFault: Sendable, Hashable {
  /// What stands in the way.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// This one command does not get through: it is held, and what follows with its key waits behind it.
    case fails
    /// The destination will never take it: a command returns to its saga as undeliverable.
    case refused
    /// The destination is down: nothing goes there.
    case unavailable
  }

  /// What stands in the way.
  public var kind: Kind
  /// How long after the command's own time it stays so; nil for good.
  public var milliseconds: Int64?

  /// A fault for a time, or for good.
  public init(kind: Kind, milliseconds: Int64? = nil) {
    self.kind = kind
    self.milliseconds = milliseconds
  }

  /// Of an outcome's `delivery`, which may have a `for`.
  init?(_ outcome: ScenarioPart) throws(ScenarioError) {
    let time = outcome["for"]
    guard let delivery = outcome["delivery"] else {
      if let time { throw time.fault("`for` says how long a `delivery` fails; there is none") }
      return nil
    }
    guard let kind = delivery.json.stringValue.flatMap(Kind.init(rawValue:)) else {
      let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw delivery.mismatch("a `delivery` is one of \(kinds)")
    }
    self.kind = kind
    guard let time else { return }
    guard kind != .refused else { throw time.fault("what is refused is refused for good: it has no `for`") }
    milliseconds = try time.milliseconds()
  }

  /// What becomes of a command now; nil when it gets through.
  ///
  /// - Parameters:
  ///   - sentAt: the command's own time, so that a command that comes again after a crash meets the same fate.
  ///   - attempts: how often sending it has failed: the next attempt waits twice as long as the one before.
  func outcome(sentAt: Timestamp, now: Timestamp, attempts: Int64, destination: String) -> DeliveryResult.Outcome? {
    let end = milliseconds.map { sentAt.advanced(byMilliseconds: $0) }
    if let end, end <= now { return nil }
    let wait = min(DeliveryFault.firstRetryMilliseconds << min(attempts, 6), DeliveryFault.lastRetryMilliseconds)
    let again = now.advanced(byMilliseconds: wait)
    let retryAt = end.map { min($0, again) } ?? again
    return switch kind {
    case .fails: .failed(retryAt: retryAt, reason: "\(destination) cannot be reached")
    case .refused: .refused(reason: "\(destination) refuses delivery")
    case .unavailable: .unavailable(retryAt: retryAt)
    }
  }

  /// How long after its first failure a command is tried again, in milliseconds.
  public static let firstRetryMilliseconds: Int64 = 1000
  /// The longest time between two attempts, in milliseconds.
  public static let lastRetryMilliseconds: Int64 = 60_000
}

extension ModelledParticipants {
  /// What becomes of a command on its way to its participant; nil when it gets through and `receive` may be called.
  ///
  /// A pure function of scenario, command, time and attempts: nothing is remembered.
  public func fault(
    of command: CloudEvent, destination: String, attempts: Int64, now: Timestamp
  ) -> DeliveryResult.Outcome? {
    chosenOutcome(for: command, destination: destination)?.delivery?.outcome(
      sentAt: command.timestamp ?? now, now: now, attempts: attempts, destination: destination)
  }
}
