import SagaCore

/// One transaction's worth of decisions, as values. `rows` are numbered `expectedLast + 1 …` without gaps.
public struct CommitBatch: Sendable {
  /// The journal's last sequence that the decisions were made on.
  public var expectedLast: JournalSequence
  public var epoch: Epoch
  public var rows: [JournalRow]
  /// Instances that start here; `StoredInstance.id` is the sequence of the row that starts it.
  public var births: [StoredInstance] = []
  public var keys: [KeyChange] = []
  /// What the new owners of keys recognise. An id that a key has already keeps its body, and stays as long as the later of
  /// both.
  public var inherited: [InheritedIDs] = []
  /// Definitions used for the first time. Written before `births`.
  public var machines: [StoredMachine] = []
  public var parked = Changes<ParkedMessage>()
  public var deadLetters = Changes<DeadLetterEntry>()
  public var held = Changes<HeldMessage>()
  public var fold: FoldPortion?

  public init(expectedLast: JournalSequence, epoch: Epoch, rows: [JournalRow] = []) {
    self.expectedLast = expectedLast
    self.epoch = epoch
    self.rows = rows
  }
}

/// Rows of a small table that a commit writes and removes. `written` replaces a row with the same primary key
/// (for dead letters it is how one is resolved); `removed` is applied first.
public struct Changes<Element: Sendable>: Sendable {
  public var removed: [Element] = []
  public var written: [Element] = []
  public init() {}
  public var isEmpty: Bool { removed.isEmpty && written.isEmpty }
}

/// A key's claim to an instance.
public enum KeyChange: Sendable, Hashable {
  /// Fails the commit (`refused`) when the key is taken.
  case insert(Hash128, InstanceID)
  /// Takes the key over from an instance that is closed.
  case replace(Hash128, InstanceID)
  case remove(Hash128)
}

/// A part of a flush pass: instances whose folded form is written behind. The last portion carries the new position.
public struct FoldPortion: Sendable {
  /// An instance that is there keeps the uid and the key of its birth.
  public var instances: [StoredInstance]
  /// Ids that no longer fit inline; one that is there already takes the body given last.
  public var spilled: [SpilledID]
  /// Set only in the pass's last portion.
  public var completion: FoldCompletion?
  public init(instances: [StoredInstance], spilled: [SpilledID] = [], completion: FoldCompletion? = nil) {
    self.instances = instances
    self.spilled = spilled
    self.completion = completion
  }
}

public struct SpilledID: Sendable, Hashable {
  public var instance: InstanceID
  public var id: Hash128
  public var body: UInt64
  public init(instance: InstanceID, id: Hash128, body: UInt64) {
    self.instance = instance
    self.id = id
    self.body = body
  }
}

/// Ends a flush pass: everything up to `foldedSequence` is in the tables.
public struct FoldCompletion: Sendable {
  public var foldedSequence: JournalSequence
  public var clock: Timestamp
  public var lanes: [LanePosition]
  public init(foldedSequence: JournalSequence, clock: Timestamp, lanes: [LanePosition]) {
    self.foldedSequence = foldedSequence
    self.clock = clock
    self.lanes = lanes
  }
}

public struct CommitReceipt: Sendable, Hashable {
  public var lastSequence: JournalSequence
  /// Frames now in the write-ahead log, where the store has one: the engine decides when to checkpoint.
  public var logFrames: Int
  public init(lastSequence: JournalSequence, logFrames: Int) {
    self.lastSequence = lastSequence
    self.logFrames = logFrames
  }
}
