import SagaCore

/// What an operator asks of a shard. Each request that changes something is a journal row with `by` and `reason`.
public enum OperatorRequest: Sendable, Hashable {
  /// Does a verb on an instance.
  case instance(InstanceAddress, Operation)
  /// Does a verb on several instances, each with its own row, in one commit. At most `maximumInstances`.
  case instances([InstanceAddress], Operation)
  /// Moves instances to another version of their definition, each with its own row, in one commit. At most
  /// `maximumInstances`.
  case migrate([InstanceAddress], Migration)
  /// Says what a migration would do, and does nothing: what instances are asked, and with what is loaded.
  case tryMigrate([InstanceAddress], Migration)
  /// Handles a dead letter again and resolves it in the same commit; replaying twice is harmless.
  case replay(deadLetter: JournalSequence, by: String, reason: String)
  /// Says what a replay would do, and does nothing.
  case tryReplay(deadLetter: JournalSequence)
  /// Resolves a dead letter that a handler of the embedding service has taken meanwhile.
  case resolve(deadLetter: JournalSequence, by: String, reason: String)
  /// Gives a dead letter up; it stays in the journal.
  case discard(deadLetter: JournalSequence, by: String, reason: String)
  /// Lets held messages of a lane go now: one, or all when `position` is nil.
  case retryOutgoing(lane: String, position: OutgoingPosition?, by: String, reason: String)
  /// Drops a held message; a command returns to its instance as undeliverable.
  case discardOutgoing(lane: String, position: OutgoingPosition, by: String, reason: String)
  /// The clock is right: timers held after a jump of the clock fire again.
  case confirmClock(by: String, reason: String)

  /// How many instances one request may name.
  public static let maximumInstances = 100
}

/// A move of instances to another version of their definition.
public struct Migration: Sendable, Hashable {
  /// The version that they shall go on under; it must be loaded.
  public var version: Int64
  /// What becomes what, where the versions do not say it by the same names.
  public var mapping: MigrationMapping
  /// Who moves them; kept in the history.
  public var by: String
  /// Why; kept in the history.
  public var reason: String

  /// A move of instances that have their states and steps by the same names in both versions, unless there is a mapping.
  public init(to version: Int64, mapping: MigrationMapping = .none, by: String, reason: String) {
    self.version = version
    self.mapping = mapping
    self.by = by
    self.reason = reason
  }
}

/// Names an instance by what people know of it.
public struct InstanceAddress: Sendable, Hashable {
  /// The saga's name.
  public var saga: String
  /// Empty for an orchestration.
  public var role: String
  /// The primary key.
  public var key: String
  /// An instance of an orchestration, unless a role is given.
  public init(saga: String, role: String = "", key: String) {
    self.saga = saga
    self.role = role
    self.key = key
  }
}

/// What became of an operator's request.
public enum OperatorReply: Sendable, Hashable {
  /// Done and durable.
  case done
  /// Nothing to do: the instance is in no state for it, the dead letter is resolved already, nothing is held there.
  case unchanged
  /// There is no such instance, dead letter or lane.
  case notFound
  /// A replayed message was handled (or deferred, parked, …).
  case replayed([DeliveryReceipt])
  /// The operation or the replayed message was refused again.
  case refused(MessageFault)
  /// What became of each of several instances, in the order of the request.
  case each([OperatorReply])
}

/// What a call of `tick` did.
public struct TickReport: Sendable, Hashable {
  /// Messages of the `local` lane that became inputs.
  public var localMessages = 0
  /// Timers that fired.
  public var firedTimers = 0
  /// Parked messages whose time was up.
  public var expiredMessages = 0
  /// More is ready now: call again.
  public var hasMore = false
  /// When the next timer or expiry is due; nil when nothing is. While commits of a pipelined store are joined it may be earlier:
  /// a time to look again.
  public var nextDue: Timestamp?
  /// Timers wait for `OperatorRequest.confirmClock`.
  public var isClockHeld = false
  /// The journal's time is so far ahead of `now` that rows carry `now`.
  public var isClockAhead = false
  /// Of a call that found nothing to do.
  public init() {}
}

/// What a call of `maintain` did.
public struct MaintenanceReport: Sendable, Hashable {
  /// Cursor moves of lanes were written in a row of their own.
  public var wroteMarks = false
  /// Instances whose folded form was written.
  public var foldedInstances = 0
  /// The write-ahead log was moved into the database.
  public var checkpointed = false
  /// The tail of the journal that is not folded yet.
  public var unfoldedRows: Int64 = 0
  /// Frames in the write-ahead log after the last commit.
  public var logFrames = 0
  /// More can be done: call again while idle.
  public var hasMore = false
  /// Of a call that found nothing to do.
  public init() {}
}
