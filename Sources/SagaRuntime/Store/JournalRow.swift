import SagaCore

/// The position of a row in a shard's journal: from 1, without gaps, never used twice.
public typealias JournalSequence = Int64
/// An instance is named by the sequence of its first row.
public typealias InstanceID = Int64
/// Added to by every restore, so that a restored journal never repeats a message id.
public typealias Epoch = Int64
/// The number of a stored definition (a role of a version of a saga).
public typealias MachineID = Int64
/// The number of a destination's outgoing queue.
public typealias LaneID = Int64

/// What a journal row records. The raw values are the file format.
public enum RowKind: Int64, Sendable, CaseIterable {
  /// A message reached an instance: handled, deferred or late.
  case message = 1
  /// A timer of an instance fired.
  case timer = 2
  /// An operator acted on an instance.
  case operation = 3
  /// A message parked earlier was offered again.
  case reoffer = 4
  /// A message found no instance and waits for one.
  case parked = 5
  /// A message was refused; `dead_letter` points here.
  case dead = 6
  /// Messages of the embedding service's own transaction, with no instance behind them.
  case outgoing = 7
  /// Only cursor moves of lanes.
  case marks = 8
  /// The journal was restored from a backup.
  case restore = 9
}

/// One append-only row: what came in, what was decided and what goes out. It is inbox, history and outbox in one.
///
/// A row with an instance has a revision, one more than the instance's previous row; `previousSequence` names that row
/// (nil at revision 1, the birth, whose sequence is the instance's id).
public struct JournalRow: Sendable, Equatable {
  /// Its place in the journal.
  public var sequence: JournalSequence
  /// The logical time of the decision.
  public var at: Timestamp
  /// What it records.
  public var kind: RowKind
  /// Of the key it concerns; shards are divided by it.
  public var slot: Slot
  /// The instance it belongs to; nil for rows of none.
  public var instance: InstanceID?
  /// The instance's revision after it, from 1.
  public var revision: Int64?
  /// The instance's row before it.
  public var previousSequence: JournalSequence?
  /// The row whose `input` this row's decision was made on; only ever a row of the same instance.
  public var inputSequence: JournalSequence?
  /// The message as it came in, byte for byte (or the encoded operator command or timer firing).
  public var input: [UInt8]?
  /// The encoded decision: outcome, facts, and the new state as an image or a patch.
  public var decided: [UInt8]
  /// The encoded outgoing messages, in effect order.
  public var outgoing: [UInt8]?
  /// The encoded cursor moves of lanes that became known before this row.
  public var marks: [UInt8]?

  /// A row to be committed, or one that a store has read.
  public init(
    sequence: JournalSequence, at: Timestamp, kind: RowKind, slot: Slot, instance: InstanceID? = nil,
    revision: Int64? = nil, previousSequence: JournalSequence? = nil, inputSequence: JournalSequence? = nil,
    input: [UInt8]? = nil, decided: [UInt8], outgoing: [UInt8]? = nil, marks: [UInt8]? = nil
  ) {
    self.sequence = sequence
    self.at = at
    self.kind = kind
    self.slot = slot
    self.instance = instance
    self.revision = revision
    self.previousSequence = previousSequence
    self.inputSequence = inputSequence
    self.input = input
    self.decided = decided
    self.outgoing = outgoing
    self.marks = marks
  }
}
