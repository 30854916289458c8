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
  /// Writes the batch in one transaction and makes it durable before it returns, unless commits are joined. After any error but `outcomeUnknown`
  /// nothing of it is there.
  func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt
  /// From now on commits are parts of one transaction, which `commitJoined` ends: until then none of them is durable, nobody
  /// else sees them, and what reads here does. A store that cannot may ignore it: each commit is durable by itself then.
  func joinCommits()
  /// Makes the commits since `joinCommits` durable, all or none.
  ///
  /// - Returns: nil where there were none.
  /// - Throws: `CommitError`; whatever it is, the engine has taken for done what is not, and must be made anew.
  func commitJoined() throws(CommitError) -> CommitReceipt?
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

extension Store {
  /// Each commit is durable by itself.
  public func joinCommits() {}
  /// There is nothing left to do.
  public func commitJoined() throws(CommitError) -> CommitReceipt? { nil }
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
  /// Sixteen bytes that no other journal has; message ids are made of it.
  public var journalID: [UInt8]
  /// Added to by every restore.
  public var epoch: Epoch
  /// The rows up to here are folded into the tables.
  public var foldedSequence: JournalSequence
  /// The greatest row that a sweep has deleted; 0 before the first.
  public var sweptSequence: JournalSequence
  /// The sequence of the last row; 0 for an empty journal.
  public var lastSequence: JournalSequence
  /// The greatest logical time that had been folded; rows of the tail may carry later ones.
  public var clock: Timestamp
  /// Every lane's confirmed position at the last completed flush pass.
  public var lanes: [LanePosition]
  /// Every held message.
  public var held: [HeldMessage]
  /// Every stored definition.
  public var machines: [StoredMachine]
  /// Whether any key has ids of a former owner: where none has, nobody asks for them.
  public var hasInheritedIDs: Bool
  /// Which shard the store is, by the slots that it owns; nil for slots that are no shard's.
  public var shard: ShardPlace? = .whole

  /// What a store's tables say when it is opened.
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
  /// Hashes of primary keys and correlated values.
  public var keys: [Hash128] = []
  /// Instances by their numbers.
  public var instances: [InstanceID] = []
  /// Ids that may be in the table of spilled ids.
  public var seen: [SeenProbe] = []
  /// Hashes of keys whose parked messages are wanted.
  public var parkedByKey: [Hash128] = []
  /// Fingerprints that may have a dead letter.
  public var fingerprints: [Hash128] = []
  /// Ids that former owners of keys may have taken.
  public var inherited: [InheritedProbe] = []
  /// Asks for nothing.
  public init() {}
}

/// Whether an instance has taken a message that its row does not know any more.
public struct SeenProbe: Sendable, Hashable {
  /// The instance.
  public var instance: InstanceID
  /// The hash of the message's source and id.
  public var id: Hash128
  /// A question to `Store.load`.
  public init(instance: InstanceID, id: Hash128) {
    self.instance = instance
    self.id = id
  }
}

/// The answers to a `LoadRequest`; what was not found is absent.
public struct Loaded: Sendable {
  /// Who answers to a key.
  public var keys: [Hash128: InstanceID] = [:]
  /// The folded instances.
  public var instances: [InstanceID: StoredInstance] = [:]
  /// Body hashes of the ids found in the table of spilled ids.
  public var seen: [SeenProbe: UInt64] = [:]
  /// Parked messages by key hash, oldest first.
  public var parked: [Hash128: [ParkedMessage]] = [:]
  /// Dead letters by fingerprint, resolved ones too.
  public var deadLetters: [Hash128: DeadLetterEntry] = [:]
  /// Body hashes of the ids that former owners of the keys have taken.
  public var inherited: [InheritedProbe: UInt64] = [:]
  /// Nothing was found.
  public init() {}
}

/// A folded instance as the table has it. The engine adds the unfolded rows with a greater sequence.
public struct StoredInstance: Sendable, Equatable {
  /// The sequence of its first row.
  public var id: InstanceID
  /// The definition it began with.
  public var machine: MachineID
  /// Of the message that started it: the same in every database.
  public var uid: Hash128
  /// Its primary key.
  public var key: String
  /// The last row that is folded into `state`.
  public var sequence: JournalSequence
  /// The revision of `state`.
  public var revision: Int64
  /// `InstanceStatus.rawValue`: 1 running, 2 compensating, 3 completed, 4 compensated, 5 stuck.
  public var status: Int64
  /// Whether an operator holds it.
  public var isPaused: Bool
  /// When its next timer is due; nil when none is.
  public var wakeAt: Timestamp?
  /// When it ended; nil while it is open.
  public var closedAt: Timestamp?
  /// The encoded state; nil once pruned.
  public var state: [UInt8]?
  /// The encoded inline ids this instance has seen.
  public var seen: [UInt8]

  /// An instance to be written, or one that a store has read.
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

/// What can be said of a folded instance without reading its state.
public struct InstanceHeader: Sendable, Equatable {
  /// The sequence of its first row.
  public var id: InstanceID
  /// The definition it began with.
  public var machine: MachineID
  /// Its primary key.
  public var key: String
  /// `InstanceStatus.rawValue`.
  public var status: Int64
  /// Whether an operator holds it.
  public var isPaused: Bool
  /// When its next timer is due; nil when none is.
  public var wakeAt: Timestamp?

  /// The header of an instance that a store has read.
  public init(id: InstanceID, machine: MachineID, key: String, status: Int64, isPaused: Bool, wakeAt: Timestamp?) {
    self.id = id
    self.machine = machine
    self.key = key
    self.status = status
    self.isPaused = isPaused
    self.wakeAt = wakeAt
  }

  /// The header of an instance.
  public init(_ instance: StoredInstance) {
    self.init(
      id: instance.id, machine: instance.machine, key: instance.key, status: instance.status,
      isPaused: instance.isPaused, wakeAt: instance.wakeAt)
  }
}

/// A message no instance took: kept by the hash of the key it was addressed to.
public struct ParkedMessage: Sendable, Hashable {
  /// The hash of the key that it was addressed to.
  public var key: Hash128
  /// The hash of its source and id.
  public var id: Hash128
  /// The row that has its bytes.
  public var sequence: JournalSequence
  /// When it is a dead letter.
  public var expiresAt: Timestamp
  /// A message that waits for an instance.
  public init(key: Hash128, id: Hash128, sequence: JournalSequence, expiresAt: Timestamp) {
    self.key = key
    self.id = id
    self.sequence = sequence
    self.expiresAt = expiresAt
  }
}

/// How a dead letter was resolved. The raw values are the file format.
public enum DeadLetterResolution: Int64, Sendable {
  /// It was handled after all.
  case replayed = 1
  /// An operator gave it up.
  case discarded = 2
}

/// A refused message; reason and bytes are in its journal row.
public struct DeadLetterEntry: Sendable, Hashable {
  /// The row that has its bytes and the reason.
  public var sequence: JournalSequence
  /// The hash of what it is recognised by when it comes again.
  public var fingerprint: Hash128
  /// The row that resolved it and how; nil while it waits.
  public var resolvedSequence: JournalSequence?
  /// How; nil while it waits.
  public var resolution: DeadLetterResolution?
  /// A dead letter that is new, or resolved.
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
  /// The lane's number.
  public var id: LaneID
  /// The lane's name.
  public var name: String
  /// The row of the next message.
  public var sequence: JournalSequence
  /// The index of the next message in its row, from 0.
  public var effect: Int64
  /// Where a lane stands.
  public init(id: LaneID, name: String, sequence: JournalSequence, effect: Int64) {
    self.id = id
    self.name = name
    self.sequence = sequence
    self.effect = effect
  }
}

/// An outgoing message its lane's cursor has passed without its being confirmed.
public struct HeldMessage: Sendable, Hashable {
  /// The lane's number.
  public var lane: LaneID
  /// The row of the message.
  public var sequence: JournalSequence
  /// The message's index in its row, from 0.
  public var effect: Int64
  /// The hash of its ordering key: later ones of the lane with the same one wait behind it.
  public var ordering: Hash128
  /// How often sending it has failed.
  public var attempts: Int64
  /// When it is tried again; nil waits for an operator.
  public var nextAt: Timestamp?
  /// What the transport said.
  public var reason: String
  /// A message that could not go.
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
  /// Its number in this database.
  public var id: MachineID
  /// The saga's name.
  public var saga: String
  /// The definition's version.
  public var version: Int64
  /// The role's name; empty for an orchestration.
  public var role: String
  /// SHA-256 of `source`, 32 bytes.
  public var sha256: [UInt8]
  /// The definition's file, byte for byte, with the schema files it refers to.
  public var source: [UInt8]
  /// A definition used for the first time, or one that a store has read.
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
  /// When.
  public var at: Timestamp
  /// The instance.
  public var instance: InstanceID
  /// What an instance wants.
  public init(at: Timestamp, instance: InstanceID) {
    self.at = at
    self.instance = instance
  }
}
