import SagaCore

/// Is told of every commit by the engine of its shard, on the shard's thread. It only looks: nothing it does can change what
/// the engine decides. An engine without one does not even collect what it would be told.
protocol EngineObserver: AnyObject {
  /// The store is about to be given a batch.
  func willCommit()
  /// A batch is durable.
  func didCommit(_ commit: ObservedCommit)
}

/// What one commit made durable.
struct ObservedCommit {
  /// Rows of the journal, those that only move cursors included.
  var rowCount: Int
  var rows: [ObservedRow]
  /// Messages that could not go and wait beside their lanes.
  var held: [HeldMessage]
  /// Fired timers: how long after its due time each of them fired.
  var timersLateMilliseconds: [Int64]
}

/// A row that an instance wrote, or a message that belongs to none and went to the dead letters.
struct ObservedRow {
  var sequence: JournalSequence
  var kind: RowKind
  var outcome: DecidedRecord.Outcome
  /// The definition; nil where a dead letter concerns none.
  var machine: MachineIdentity?
  var key: String?
  /// The last state; nil for dead letters of no instance and instances that were pruned.
  var status: InstanceStatus?
  var facts: [Fact] = []
  /// Why the message is a dead letter.
  var fault: MessageFault?
  /// Of a dead letter that can be read: the CloudEvent's id.
  var messageID: String?
  /// Of the message that moved the instance, or of the one that started it.
  var traceParent: String?
}

extension ObservedRow {
  init(_ draft: RowDraft, of instance: LiveInstance, _ state: Instance?, at sequence: JournalSequence) {
    self.init(
      sequence: sequence, kind: draft.kind, outcome: draft.outcome, machine: instance.machine.machine.identity,
      key: instance.key, status: state?.status, facts: draft.facts, fault: draft.fault)
    if fault != nil { messageID = draft.input.flatMap(ObservedRow.messageID) }
    traceParent = draft.outgoing.first?.event.traceparent ?? state?.traceParent
  }

  init(refused bytes: [UInt8], _ fault: MessageFault, machine: MachineIdentity?, at sequence: JournalSequence) {
    self.init(sequence: sequence, kind: .dead, outcome: .dead, machine: machine, fault: fault)
    messageID = ObservedRow.messageID(of: bytes)
  }

  private static func messageID(of bytes: [UInt8]) -> String? {
    do throws(MessageFault) { return try CloudEvent.decode(bytes).id } catch { return nil }
  }
}

extension ObservedCommit? {
  /// Takes note of another commit that becomes durable together with this one.
  mutating func add(_ other: ObservedCommit) {
    guard var commit = self else {
      self = other
      return
    }
    commit.rowCount += other.rowCount
    commit.rows += other.rows
    commit.held += other.held
    commit.timersLateMilliseconds += other.timersLateMilliseconds
    self = commit
  }
}

extension ObservedCommit {
  init(_ batch: Batch) {
    self.init(
      rowCount: batch.rows.count, rows: batch.observed, held: batch.held.written,
      timersLateMilliseconds: batch.timersLateMilliseconds)
  }
}
