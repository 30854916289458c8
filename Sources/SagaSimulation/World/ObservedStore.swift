import SagaCore
import SagaRuntime

/// A store whose commits the world watches, and lets fail.
final class ObservedStore: ForwardingStore {
  /// What may happen to a commit.
  enum Fate { case done, failsUndone, failsDone, full }

  struct Uncertain: Error, CustomStringConvertible {
    var description: String { "the simulated store does not say whether the commit is durable" }
  }

  /// Asked before each commit.
  var fate: (() -> Fate)?
  /// Told after each commit that happened.
  var committed: ((CommitBatch) -> Void)?

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let fate = fate?() ?? .done
    switch fate {
    case .failsUndone: throw .outcomeUnknown(Uncertain())
    case .full: throw .full
    case .done, .failsDone: break
    }
    let receipt = try inner.commit(batch)
    committed?(batch)
    if fate == .failsDone { throw .outcomeUnknown(Uncertain()) }
    return receipt
  }
}
