import SagaCore

/// The limits and choices of a shard's engine. Past a limit: a clear error, nothing lost.
public struct EngineConfiguration: Sendable {
  /// Whose time a row carries.
  public enum Clock: Sendable, Hashable {
    /// The `now` of the call; a late timer fires at `now`.
    case wall
    /// A timer fires at its own due time, as if nobody had been late: for replaying recorded messages.
    case events
  }

  /// Which shard of how many the engine is. The others' keys are none of its business.
  public var shard = ShardPlace.whole
  /// What the shards of the process agree on about values recorded with `correlate`; the same for all of them. Without it a journal of
  /// several shards takes no definition that finds instances by such values.
  public var keys: ShardKeys?
  /// Whose time rows carry; the caller's unless recorded messages are replayed.
  public var clock = Clock.wall
  /// Messages, timers or expiries that one commit decides.
  public var maximumBatch = 256
  /// Messages that a restarted shard takes before it fires timers that fell due while it was down.
  public var maximumRestartMessages = 65_536
  /// The size of a message in bytes; larger ones are dead letters.
  public var maximumMessageBytes = 1_048_576
  /// How much of an oversized message a dead letter keeps, in bytes.
  public var maximumDeadLetterBytes = 16_777_216
  /// Instances that one message may be addressed to.
  public var keysPerMessage = 1000
  /// Messages kept at one instance for a later state.
  public var maximumDeferred = MachineLimits.maximumDeferred
  /// Messages kept for an instance of one key that has not started.
  public var maximumParkedPerKey = 1000
  /// Kept messages that one input may set off before other work gets its turn.
  public var cascadeLimit = 64
  /// Ids of taken messages that stay in the instance's row; older ones go to a table of their own.
  public var inlineSeenIDs = 64
  /// What decoded instances may take in memory, in bytes, about. Those that the table does not have as they are stay whatever
  /// they take.
  public var hotInstanceBytes = 67_108_864
  /// Fingerprints of dead letters in memory; beyond it the store is asked.
  public var maximumFingerprints = 65_536

  /// Rows of the journal's unfolded tail at which a flush pass begins.
  public var foldThreshold = 4096
  /// Rows of new journal within which a flush pass ends.
  public var foldSpan = 4096
  /// The longest unfolded tail; beyond it a commit writes all that is left of the pass.
  public var maxUnfoldedRows = 16_384
  /// Instances that `maintain` folds in one commit when idle.
  public var idleFoldInstances = 1024

  /// Timers due within this time of now are in memory, in milliseconds; later ones in the store.
  public var timerHorizonMilliseconds: Int64 = 600_000
  /// Timers read from the store at a time.
  public var timerPage = 4096
  /// The largest difference of clocks, in milliseconds, that is taken for a small correction.
  public var maxClockLeapMilliseconds: Int64 = 3_600_000

  /// Messages of one lane that may be unconfirmed, or confirmed and not marked in the journal.
  public var relayWindow = 1024
  /// Messages of one lane that may be held back one by one before the whole lane stops.
  public var heldPerLane = 10_000
  /// How often a command is sent before it returns to its instance as undeliverable.
  public var publishAttempts: Int64 = 20
  /// Journal rows read at a time when a lane catches up.
  public var relayPage = 256

  /// Frames of the write-ahead log at which it is checkpointed between small commits.
  public var checkpointFrames = 1000
  /// The same when commits are full: a longer log costs less time on the whole and stops the shard for longer at a time.
  public var checkpointFramesFull = 4_000

  /// The lanes a message leaves by. What a loaded machine takes goes to the lane `local` besides.
  public var lanes: @Sendable (OutgoingMessage) -> [String] = { _ in ["output"] }
  /// Whether a lane's adapter keeps the order of messages it has not confirmed yet.
  public var isPipelined: @Sendable (String) -> Bool = { _ in false }
  /// Compiles a stored definition (its source, the role) that open instances need and that was not loaded.
  public var compile: (@Sendable (_ source: [UInt8], _ role: String) throws -> Machine)?

  /// Every limit at its default.
  public init() {}
}

/// The lane of messages that sagas of the same shard take.
public let localLane = "local"
