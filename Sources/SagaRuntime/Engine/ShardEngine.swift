import SagaCore

/// The engine of one shard: load, decide, commit. Synchronous and confined to its shard's thread; everything but the
/// transport of bytes happens in here, so that a simulator runs the same code as a service.
///
/// `offer` and `tick` put inputs in, `takeOutgoing` and `confirm` take messages out, `operate` is for people and
/// `maintain` for the time between. A call that throws has acknowledged nothing. After `EngineError.outcomeUnknown` or
/// `.fenced` the engine is poisoned: the owner reopens the store and makes a new one, which recovers from the journal.
///
/// One read, one decision, one write per batch follows the group commit of DeWitt et al., "Implementation Techniques for
/// Main Memory Database Systems" (1984); the journal as inbox, history and outbox in one is the log of Helland,
/// "Immutability Changes Everything" (2015).
///
/// What it holds is not watched for overlapping accesses at run time: numbers, flags, lists and tables call nothing that
/// comes back to the engine while they are read or changed, so that no second access can begin within the first, and
/// every commit does a hundred of them.
public final class ShardEngine {
  let store: any Store
  /// The limits it keeps.
  public let configuration: EngineConfiguration
  @exclusivity(unchecked) var machines: MachineRegistry
  @exclusivity(unchecked) var live: LiveTable
  @exclusivity(unchecked) var lanes = LaneTable()
  @exclusivity(unchecked) var timers = TimerQueue()
  @exclusivity(unchecked) var fold = FoldPass()
  @exclusivity(unchecked) var deadLetters = DeadLetterIndex()
  /// Whether any key may have ids of a former owner.
  @exclusivity(unchecked) var mayHaveInherited = false
  /// Whether the table of parked messages may hold any.
  @exclusivity(unchecked) var mayHaveParked = false
  /// No parked message expires before it.
  @exclusivity(unchecked) var nextExpiry: Timestamp?
  /// Instances whose cascade is not done; they go before everything else.
  @exclusivity(unchecked) var busy: [LiveInstance] = []
  /// Keys that the store was asked for in vain since the last prefetch.
  @exclusivity(unchecked) var absentKeys: Set<Hash128> = []
  /// What the store said about spilled ids since the last prefetch.
  @exclusivity(unchecked) var probedSeen: [SeenProbe: UInt64?] = [:]
  /// What the store said about inherited ids since the last prefetch.
  @exclusivity(unchecked) var probedInherited: [InheritedProbe: UInt64?] = [:]
  /// Held messages that were confirmed; their rows go with the next commit.
  @exclusivity(unchecked) var confirmedHeld: [HeldMessage] = []

  /// Added to by every restore.
  @exclusivity(unchecked) public private(set) var epoch: Epoch
  /// The last row; durable, unless commits are joined or handed over (`durableSequence`).
  @exclusivity(unchecked) public internal(set) var lastSequence: JournalSequence
  /// Rows up to it are folded into the tables.
  @exclusivity(unchecked) public internal(set) var foldedSequence: JournalSequence
  /// The journal's time: the greatest logical time of a row, unless one that was earlier by far has set it back.
  @exclusivity(unchecked) public internal(set) var clock: Timestamp
  /// Every definition the store has, by number.
  @exclusivity(unchecked) var storedMachines: [MachineID: StoredMachine] = [:]
  /// Frames in the store's write-ahead log after the last commit.
  @exclusivity(unchecked) public internal(set) var logFrames = 0
  /// Whether the last commits were large ones, so that checkpoints may wait longer.
  @exclusivity(unchecked) var hadFullCommit = false
  /// The journal's last row before the commits that wait for `commitJoined`; nil while they do not wait.
  @exclusivity(unchecked) var joinedBase: JournalSequence?
  /// Whether commits wait for `commitJoined`.
  var isJoining: Bool { joinedBase != nil }
  /// What the commits that wait will have made durable, for the observer.
  var observedWhileJoining: ObservedCommit?
  /// Values that they claim; no other shard can see that before.
  var joinedClaims: [(key: Hash128, home: Int)] = []
  /// What becomes durable while more is decided.
  @exclusivity(unchecked) var handedOver: JoinedCommits?
  /// The store's pipeline, where it has one.
  let pipeline: PipelinedStore?
  /// The engine has stopped for good; every call throws.
  @exclusivity(unchecked) public internal(set) var isPoisoned = false
  /// Timers wait until an operator has confirmed the clock.
  @exclusivity(unchecked) public internal(set) var isClockHeld = false
  /// The journal's time is ahead of the caller's by more than `maxClockLeapMilliseconds`.
  @exclusivity(unchecked) public internal(set) var isClockAhead = false
  /// Messages that reached nothing, since the engine started.
  @exclusivity(unchecked) public internal(set) var foreignCount: Int64 = 0
  /// Firings that a machine no longer knew, since the engine started.
  @exclusivity(unchecked) public internal(set) var staleFirings: Int64 = 0
  /// The queue of timers is cleaned when it has grown to this.
  @exclusivity(unchecked) var timerRebuildCount = 16_384
  /// Wakes of the store up to here are out of date: the queue has what became of them.
  @exclusivity(unchecked) var staleWakes = Wake(at: Timestamp(milliseconds: .min), instance: 0)
  /// The journal's time, or a later one that a row had while the clock was far ahead: what was set by then waits for it until an
  /// operator has confirmed the clock.
  @exclusivity(unchecked) var latest: Timestamp
  /// Is told of every commit.
  @exclusivity(unchecked) var observer: (any EngineObserver)?
  /// Which shard it is; nil where it is the only one.
  let place: ShardPlace?
  /// Messages of the `local` lane that other shards have to take, and are not on their way yet.
  @exclusivity(unchecked) var departures: [OutgoingPosition: Departure] = [:]
  /// Messages that waited for a recorded value and are to leave now, and the values whose messages are on their way.
  @exclusivity(unchecked) var leaving: [Departure] = []
  @exclusivity(unchecked) var leavingKeys: Set<Hash128> = []
  /// Shards to be told that messages which wait there can go on.
  @exclusivity(unchecked) var nudges: [Int] = []
  /// Looks into the other shards' keys.
  @exclusivity(unchecked) var probes: [Int: any KeyProbe] = [:]

  /// Recovers a shard from its store: lanes, held messages and definitions from the tables, everything else from the
  /// unfolded tail of the journal.
  ///
  /// - Throws: `EngineError.definitionConflict`, `.definitionMissing`, `.wrongShard`, `.undividable`, `.corrupt`, or what the
  ///   store throws.
  public init(
    store: any Store, machines: [Machine], configuration: EngineConfiguration = EngineConfiguration(), now: Timestamp
  ) throws {
    self.store = store
    pipeline = (store as? ForwardingStore)?.pipeline
    self.configuration = configuration
    place = configuration.shard.count > 1 ? configuration.shard : nil
    let recovered = try store.recover()
    epoch = recovered.epoch
    lastSequence = recovered.lastSequence
    foldedSequence = recovered.foldedSequence
    clock = recovered.clock
    latest = recovered.clock
    self.machines = try MachineRegistry(loading: machines, stored: recovered.machines)
    live = LiveTable(maximumBytes: configuration.hotInstanceBytes)
    try recover(recovered, now: now)
    try checkShard(recovered)
  }

  /// The names of all lanes, in the order they were first used.
  public var laneNames: [String] { lanes.lanes.map(\.name) }

  func checkUsable() throws {
    if isPoisoned { throw EngineError.poisoned }
  }
}
