import SagaCore
import SagaRuntime

/// Notes what a store acknowledges, for the run that drives it.
final class RecordingStore: Store {
  private let inner: any Store
  private unowned let run: ScriptedRun

  init(_ inner: any Store, run: ScriptedRun) {
    self.inner = inner
    self.run = run
  }

  func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var change = ExpectedJournal.Change(added: batch.rows)
    change.foldedSequence = batch.fold?.completion?.foldedSequence
    run.state.expected.begin(change)
    do throws(CommitError) {
      let receipt = try inner.commit(batch)
      acknowledge()
      return receipt
    } catch {
      // Of an unknown outcome the next recovery tells.
      if case .outcomeUnknown = error { throw error }
      run.state.expected.abandon()
      throw error
    }
  }

  func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    run.state.expected.begin(ExpectedJournal.Change())
    var work = work
    if case .sweep(let cut, let through, let archive) = work {
      work = .sweep(closedBefore: cut, through: through) { [run] rows in
        try archive?(rows)
        run.state.expected.begin(ExpectedJournal.Change(deleted: Set(rows.map(\.sequence))))
      }
    }
    let progress = try inner.maintain(work, budget: budget)
    acknowledge()
    return progress
  }

  private func acknowledge() {
    run.state.expected.acknowledge()
    run.acknowledged?()
  }

  func recover() throws -> Recovered { try inner.recover() }
  func load(_ wanted: LoadRequest) throws -> Loaded { try inner.load(wanted) }
  func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    try inner.journal(after: sequence, limit: limit)
  }
  func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] { try inner.rows(sequences) }
  func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try inner.wakes(through: through, after: after, limit: limit)
  }
  func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    try inner.page(query, after: after, limit: limit)
  }
  func copy(to destination: BackupDestination) throws { try inner.copy(to: destination) }
}
