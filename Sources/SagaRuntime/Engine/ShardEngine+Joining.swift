import SagaCore

/// One wait for the disk for several calls: what came in, what the service wrote and what sagas answered each other.
extension ShardEngine {
  /// From now on what calls decide is durable only after `commitJoined`. Until then nothing of it may leave: no receipt, no
  /// outgoing message, no answer to an operator.
  public func joinCommits() {
    store.joinCommits()
    isJoining = true
  }

  /// Makes what was decided since `joinCommits` durable.
  ///
  /// - Throws: `EngineError`; then nothing of it is, or nobody knows (`.outcomeUnknown`), and the engine is of no use any more.
  public func commitJoined() throws {
    guard isJoining else { return }
    isJoining = false
    try checkUsable()
    if observedWhileJoining != nil { observer?.willCommit() }
    do throws(CommitError) {
      if let receipt = try store.commitJoined() { logFrames = receipt.logFrames }
    } catch {
      isPoisoned = true
      configuration.keys?.release(joinedClaims.lazy.map(\.key))
      throw stop(error)
    }
    settle(joinedClaims)
    joinedClaims.removeAll(keepingCapacity: true)
    if let observed = observedWhileJoining { observer?.didCommit(observed) }
    observedWhileJoining = nil
  }

  /// What is not durable must not leave, and background work needs a transaction of its own.
  func requireApart() { precondition(!isJoining, "commits are joined; call commitJoined() first") }
}
