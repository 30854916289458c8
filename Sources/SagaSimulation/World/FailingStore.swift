import SagaCore
import SagaRuntime

/// A store whose transactions fail as the world wants it, and that knows what is durable.
final class FailingStore: ForwardingStore {
  /// What may happen to a transaction.
  enum Fate { case done, failsUndone, failsDone, full }

  struct Uncertain: Error, CustomStringConvertible {
    /// Whether it happened, which nobody outside of the simulation knows.
    var isDone: Bool
    var description: String { "the simulated store does not say whether the commit is durable" }
  }

  private let fate: (Bool) -> Fate
  /// The last row that is durable, for all that was reported.
  private(set) var durableSequence: JournalSequence = 0
  private var isJoining = false
  private var hasJoined = false

  /// - Parameter fate: asked before each commit, whether it is only a part of a transaction, and before each end of one. Of a part
  ///   nothing can be done.
  init(_ inner: any Store, fate: @escaping (_ isPart: Bool) -> Fate) {
    self.fate = fate
    super.init(inner)
  }

  override func recover() throws -> Recovered {
    let recovered = try inner.recover()
    durableSequence = recovered.lastSequence
    return recovered
  }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    guard !isJoining else {
      hasJoined = true
      // One that fails takes the whole with it.
      _ = try begin(isPart: true)
      return try inner.commit(batch)
    }
    let fate = try begin()
    return try end(inner.commit(batch), fate)
  }

  override func joinCommits() {
    isJoining = true
    hasJoined = false
    inner.joinCommits()
  }

  override func commitJoined() throws(CommitError) -> CommitReceipt? {
    isJoining = false
    let fate = hasJoined ? try begin() : .done
    guard let receipt = try inner.commitJoined() else { return nil }
    return try end(receipt, fate)
  }

  private func begin(isPart: Bool = false) throws(CommitError) -> Fate {
    let fate = fate(isPart)
    switch fate {
    case .failsUndone: throw .outcomeUnknown(Uncertain(isDone: false))
    case .full: throw .full
    case .done, .failsDone: return fate
    }
  }

  private func end(_ receipt: CommitReceipt, _ fate: Fate) throws(CommitError) -> CommitReceipt {
    durableSequence = receipt.lastSequence
    if fate == .failsDone { throw .outcomeUnknown(Uncertain(isDone: true)) }
    return receipt
  }
}
