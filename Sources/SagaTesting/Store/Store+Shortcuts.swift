import SagaCore
import SagaRuntime

extension Store {
  /// A batch on top of what is there.
  func batch(_ rows: [JournalRow] = [], _ change: (inout CommitBatch) -> Void = { _ in }) throws -> CommitBatch {
    let recovered = try recover()
    var batch = CommitBatch(expectedLast: recovered.lastSequence, epoch: recovered.epoch, rows: rows)
    change(&batch)
    return batch
  }

  @discardableResult
  func add(_ rows: [JournalRow] = [], _ change: (inout CommitBatch) -> Void = { _ in }) throws -> CommitReceipt {
    try commit(batch(rows, change))
  }

  /// Instances 1 … count, each born by the row of its number.
  func addInstances(_ count: Int64, _ change: (inout StoredInstance) -> Void = { _ in }) throws {
    try add((1...count).map { Sample.birth($0) }) { batch in
      batch.machines = [Sample.machine]
      batch.births = (1...count).map {
        var instance = Sample.instance($0)
        change(&instance)
        return instance
      }
    }
  }

  /// Ends a flush pass.
  func fold(_ instances: [StoredInstance] = [], to sequence: JournalSequence, lanes: [LanePosition] = []) throws {
    try add { batch in
      batch.fold = FoldPortion(
        instances: instances,
        completion: FoldCompletion(foldedSequence: sequence, clock: time(sequence), lanes: lanes))
    }
  }

  func load(_ change: (inout LoadRequest) -> Void) throws -> Loaded {
    var wanted = LoadRequest()
    change(&wanted)
    return try load(wanted)
  }

  var sequences: [JournalSequence] { get throws { try journal(after: 0, limit: 1000).map(\.sequence) } }

  /// Instances 1 and 2 closed at 10, 3 is open; rows 4 and 5 are the last ones of 1 and 3, 6 and 7 belong to nobody.
  func addClosed() throws {
    try addInstances(3)
    try add([
      Sample.row(4, of: 1), Sample.row(5, of: 3), Sample.loose(6, .dead, at: 50), Sample.loose(7, .marks, at: 60),
    ])
    try fold(
      [
        Sample.instance(1, sequence: 4, status: 3, closedAt: 10), Sample.instance(2, status: 4, closedAt: 10),
        Sample.instance(3, sequence: 5),
      ], to: 7)
  }
}
