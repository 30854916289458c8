import SagaCore

/// One transaction's worth of decisions, as values. `rows` are numbered `expectedLast + 1 …` without gaps.
public struct CommitBatch: Sendable {
  /// The journal's last sequence that the decisions were made on.
  public var expectedLast: JournalSequence
  /// The epoch that the decisions were made in; a store of another one refuses them.
  public var epoch: Epoch
  /// The journal's new rows.
  public var rows: [JournalRow]
  /// Instances that start here; `StoredInstance.id` is the sequence of the row that starts it.
  public var births: [StoredInstance] = []
  /// Keys that instances gain and lose.
  public var keys: [KeyChange] = []
  /// What the new owners of keys recognise. An id that a key has already keeps its body, and stays as long as the later of
  /// both.
  public var inherited: [InheritedIDs] = []
  /// Definitions used for the first time. Written before `births`.
  public var machines: [StoredMachine] = []
  /// Messages that wait for an instance from now on, and those that no longer do.
  public var parked = Changes<ParkedMessage>()
  /// Dead letters that are new or resolved.
  public var deadLetters = Changes<DeadLetterEntry>()
  /// Messages that are passed by their lane's cursor, and those that are no longer held.
  public var held = Changes<HeldMessage>()
  /// A part of the flush pass that rides on the commit.
  public var fold: FoldPortion?

  /// A batch that does nothing but append rows, until more is added.
  public init(expectedLast: JournalSequence, epoch: Epoch, rows: [JournalRow] = []) {
    self.expectedLast = expectedLast
    self.epoch = epoch
    self.rows = rows
  }
}

/// Rows of a small table that a commit writes and removes. `written` replaces a row with the same primary key
/// (for dead letters it is how one is resolved); `removed` is applied first.
public struct Changes<Element: Sendable>: Sendable {
  /// By their primary keys.
  public var removed: [Element] = []
  /// Whole rows.
  public var written: [Element] = []
  /// No change.
  public init() {}
  /// Whether there is nothing to do.
  public var isEmpty: Bool { removed.isEmpty && written.isEmpty }
}

/// A key's claim to an instance.
public enum KeyChange: Sendable, Hashable {
  /// Fails the commit (`refused`) when the key is taken.
  case insert(Hash128, InstanceID)
  /// Takes the key over from an instance that is closed.
  case replace(Hash128, InstanceID)
  /// Lets the key go.
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
  /// A portion that does not end the pass, unless it has a completion.
  public init(instances: [StoredInstance], spilled: [SpilledID] = [], completion: FoldCompletion? = nil) {
    self.instances = instances
    self.spilled = spilled
    self.completion = completion
  }
}

/// An id that an instance has taken, in a table of its own.
public struct SpilledID: Sendable, Hashable {
  /// Who has taken it.
  public var instance: InstanceID
  /// The hash of the message's source and id.
  public var id: Hash128
  /// The first eight bytes of its body's hash.
  public var body: UInt64
  /// An id that no longer fits into its instance's row.
  public init(instance: InstanceID, id: Hash128, body: UInt64) {
    self.instance = instance
    self.id = id
    self.body = body
  }
}

/// Ends a flush pass: everything up to `foldedSequence` is in the tables.
public struct FoldCompletion: Sendable {
  /// The last row that is folded.
  public var foldedSequence: JournalSequence
  /// The greatest logical time of the rows that are folded.
  public var clock: Timestamp
  /// Where every lane stood.
  public var lanes: [LanePosition]
  /// The end of a pass.
  public init(foldedSequence: JournalSequence, clock: Timestamp, lanes: [LanePosition]) {
    self.foldedSequence = foldedSequence
    self.clock = clock
    self.lanes = lanes
  }
}

/// What a commit came to.
public struct CommitReceipt: Sendable, Hashable {
  /// The last row of the journal now.
  public var lastSequence: JournalSequence
  /// Frames now in the write-ahead log, where the store has one: the engine decides when to checkpoint.
  public var logFrames: Int
  /// The receipt of a durable commit.
  public init(lastSequence: JournalSequence, logFrames: Int) {
    self.lastSequence = lastSequence
    self.logFrames = logFrames
  }
}
