import SagaCore

/// Where a shard's journal lives. Confined to its shard's thread: not Sendable, never async. Holds no policy and no
/// fold: it reads what it is asked for and writes a batch whole or not at all.
///
/// The one thing a store decides is the compare-and-swap of `commit`: the shard's last sequence and epoch must be the
/// expected ones.
public protocol Store: AnyObject {
  /// What the engine must know before it serves: epoch, folded position, lanes, held messages, definitions, clock.
  func recover() throws -> Recovered
  /// Everything that one batch of inputs needs, in one read: what was asked for and nothing that it leads to.
  func load(_ wanted: LoadRequest) throws -> Loaded
  /// Writes the batch in one transaction and makes it durable before it returns. After any error but `outcomeUnknown`
  /// nothing of it is there.
  func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt
  /// Rows after a sequence in order: the unfolded tail at recovery, and what the relay has still to send.
  func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow]
  /// The rows named, in the order asked for; a row that was swept is left out.
  func rows(_ sequences: [JournalSequence]) throws -> [JournalRow]
  /// Folded instances that want to be woken at or before `through`, by (time, instance), after a given one.
  func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake]
  /// A page of a listing, in the order of its natural key; a limit below one counts as one.
  func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page
  /// A bounded piece of background work, between commits.
  func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress
  /// A consistent copy of the whole shard, marked as a copy.
  func copy(to destination: BackupDestination) throws
}

/// Why a commit did not happen, or may not have.
public enum CommitError: Error {
  /// Another transaction appended rows first: decide again on top of them, or stop.
  case moved(actualLast: JournalSequence)
  /// The shard has another owner now.
  case fenced(Epoch)
  /// A constraint of the schema refused a row; nothing was written.
  case refused(constraint: String)
  /// No room; nothing was written and nothing may be acknowledged.
  case full
  /// Nobody knows whether it is durable: drop the fold, close, recover.
  case outcomeUnknown(any Error)
}

/// What `recover` found. The unfolded tail is read afterwards with `journal(after: foldedSequence)`.
public struct Recovered: Sendable {
  public var journalID: [UInt8]
  public var epoch: Epoch
  public var foldedSequence: JournalSequence
  public var sweptSequence: JournalSequence
  /// The sequence of the last row; 0 for an empty journal.
  public var lastSequence: JournalSequence
  /// The greatest logical time that had been folded; rows of the tail may carry later ones.
  public var clock: Timestamp
  public var lanes: [LanePosition]
  public var held: [HeldMessage]
  public var machines: [StoredMachine]
  /// Whether any key has ids of a former owner: where none has, nobody asks for them.
  public var hasInheritedIDs: Bool

  public init(
    journalID: [UInt8], epoch: Epoch, foldedSequence: JournalSequence, sweptSequence: JournalSequence,
    lastSequence: JournalSequence, clock: Timestamp, lanes: [LanePosition], held: [HeldMessage],
    machines: [StoredMachine], hasInheritedIDs: Bool
  ) {
    self.journalID = journalID
    self.epoch = epoch
    self.foldedSequence = foldedSequence
    self.sweptSequence = sweptSequence
    self.lastSequence = lastSequence
    self.clock = clock
    self.lanes = lanes
    self.held = held
    self.machines = machines
    self.hasInheritedIDs = hasInheritedIDs
  }
}

/// What one batch needs to know. Every list may be empty; duplicates are allowed.
public struct LoadRequest: Sendable {
  public var keys: [Hash128] = []
  public var instances: [InstanceID] = []
  public var seen: [SeenProbe] = []
  public var parkedByKey: [Hash128] = []
  public var fingerprints: [Hash128] = []
  public var inherited: [InheritedProbe] = []
  public init() {}
}

public struct SeenProbe: Sendable, Hashable {
  public var instance: InstanceID
  public var id: Hash128
  public init(instance: InstanceID, id: Hash128) {
    self.instance = instance
    self.id = id
  }
}

/// The answers to a `LoadRequest`; what was not found is absent.
public struct Loaded: Sendable {
  public var keys: [Hash128: InstanceID] = [:]
  public var instances: [InstanceID: StoredInstance] = [:]
  /// Body hashes of the ids found in the table of spilled ids.
  public var seen: [SeenProbe: UInt64] = [:]
  /// Parked messages by key hash, oldest first.
  public var parked: [Hash128: [ParkedMessage]] = [:]
  public var deadLetters: [Hash128: DeadLetterEntry] = [:]
  /// Body hashes of the ids that former owners of the keys have taken.
  public var inherited: [InheritedProbe: UInt64] = [:]
  public init() {}
}

/// A folded instance as the table has it. The engine adds the unfolded rows with a greater sequence.
public struct StoredInstance: Sendable, Equatable {
  public var id: InstanceID
  public var machine: MachineID
  public var uid: Hash128
  public var key: String
  /// The last row that is folded into `state`.
  public var sequence: JournalSequence
  public var revision: Int64
  /// `InstanceStatus.rawValue`: 1 running, 2 compensating, 3 completed, 4 compensated, 5 stuck.
  public var status: Int64
  public var isPaused: Bool
  public var wakeAt: Timestamp?
  public var closedAt: Timestamp?
  /// The encoded state; nil once pruned.
  public var state: [UInt8]?
  /// The encoded inline ids this instance has seen.
  public var seen: [UInt8]

  public init(
    id: InstanceID, machine: MachineID, uid: Hash128, key: String, sequence: JournalSequence, revision: Int64,
    status: Int64, isPaused: Bool, wakeAt: Timestamp?, closedAt: Timestamp?, state: [UInt8]?, seen: [UInt8]
  ) {
    self.id = id
    self.machine = machine
    self.uid = uid
    self.key = key
    self.sequence = sequence
    self.revision = revision
    self.status = status
    self.isPaused = isPaused
    self.wakeAt = wakeAt
    self.closedAt = closedAt
    self.state = state
    self.seen = seen
  }
}

/// A message no instance took: kept by the hash of the key it was addressed to.
public struct ParkedMessage: Sendable, Hashable {
  public var key: Hash128
  public var id: Hash128
  public var sequence: JournalSequence
  public var expiresAt: Timestamp
  public init(key: Hash128, id: Hash128, sequence: JournalSequence, expiresAt: Timestamp) {
    self.key = key
    self.id = id
    self.sequence = sequence
    self.expiresAt = expiresAt
  }
}

public enum DeadLetterResolution: Int64, Sendable {
  case replayed = 1
  case discarded = 2
}

/// A refused message; reason and bytes are in its journal row.
public struct DeadLetterEntry: Sendable, Hashable {
  public var sequence: JournalSequence
  public var fingerprint: Hash128
  /// The row that resolved it and how; nil while it waits.
  public var resolvedSequence: JournalSequence?
  public var resolution: DeadLetterResolution?
  public init(
    sequence: JournalSequence, fingerprint: Hash128, resolvedSequence: JournalSequence? = nil,
    resolution: DeadLetterResolution? = nil
  ) {
    self.sequence = sequence
    self.fingerprint = fingerprint
    self.resolvedSequence = resolvedSequence
    self.resolution = resolution
  }
}

/// Everything a lane has confirmed: all effects of rows before `sequence`, and of that row the first `effect` ones.
public struct LanePosition: Sendable, Hashable {
  public var id: LaneID
  public var name: String
  public var sequence: JournalSequence
  public var effect: Int64
  public init(id: LaneID, name: String, sequence: JournalSequence, effect: Int64) {
    self.id = id
    self.name = name
    self.sequence = sequence
    self.effect = effect
  }
}

/// An outgoing message its lane's cursor has passed without its being confirmed.
public struct HeldMessage: Sendable, Hashable {
  public var lane: LaneID
  public var sequence: JournalSequence
  public var effect: Int64
  public var ordering: Hash128
  public var attempts: Int64
  public var nextAt: Timestamp?
  public var reason: String
  public init(
    lane: LaneID, sequence: JournalSequence, effect: Int64, ordering: Hash128, attempts: Int64, nextAt: Timestamp?,
    reason: String
  ) {
    self.lane = lane
    self.sequence = sequence
    self.effect = effect
    self.ordering = ordering
    self.attempts = attempts
    self.nextAt = nextAt
    self.reason = reason
  }
}

/// A definition in use, by content. The same saga, version and role with another hash is refused.
public struct StoredMachine: Sendable, Hashable {
  public var id: MachineID
  public var saga: String
  public var version: Int64
  public var role: String
  /// SHA-256 of `source`, 32 bytes.
  public var sha256: [UInt8]
  public var source: [UInt8]
  public init(id: MachineID, saga: String, version: Int64, role: String, sha256: [UInt8], source: [UInt8]) {
    self.id = id
    self.saga = saga
    self.version = version
    self.role = role
    self.sha256 = sha256
    self.source = source
  }
}

/// The earliest time at which an instance wants an input of its own.
public struct Wake: Sendable, Hashable {
  public var at: Timestamp
  public var instance: InstanceID
  public init(at: Timestamp, instance: InstanceID) {
    self.at = at
    self.instance = instance
  }
}
