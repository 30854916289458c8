import SagaCore
import SagaRuntime

/// Notes what a store acknowledges, for the run that drives it.
final class RecordingStore: ForwardingStore {
  private unowned let run: ScriptedRun
  private var isJoining = false

  init(_ inner: any Store, run: ScriptedRun) {
    self.run = run
    super.init(inner)
  }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var change = ExpectedJournal.Change(added: batch.rows)
    change.foldedSequence = batch.fold?.completion?.foldedSequence
    let before = isJoining ? run.state.expected.inFlight : nil
    if isJoining { run.state.expected.join(change) } else { run.state.expected.begin(change) }
    do throws(CommitError) {
      let receipt = try inner.commit(batch)
      if !isJoining { acknowledge() }
      return receipt
    } catch {
      // Of an unknown outcome the next recovery tells.
      if case .outcomeUnknown = error { throw error }
      run.state.expected.abandon(to: before)
      throw error
    }
  }

  override func joinCommits() {
    isJoining = true
    inner.joinCommits()
  }

  override func commitJoined() throws(CommitError) -> CommitReceipt? {
    isJoining = false
    guard let receipt = try inner.commitJoined() else { return nil }
    acknowledge()
    return receipt
  }

  override func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
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
}
