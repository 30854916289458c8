import SagaCore

/// One wait for the disk for several calls: what came in, what the service wrote and what sagas answered each other.
extension ShardEngine {
  /// From now on what calls decide is durable only after `commitJoined`. Until then nothing of it may leave: no receipt, no
  /// outgoing message, no answer to an operator.
  public func joinCommits() {
    guard !isJoining else { return }
    store.joinCommits()
    joinedBase = lastSequence
  }

  /// Makes what was decided since `joinCommits` durable, and what was handed over before.
  ///
  /// - Throws: `EngineError`; then nothing of it is, or nobody knows (`.outcomeUnknown`), and the engine is of no use any more.
  public func commitJoined() throws {
    guard isJoining else { return try finishHandedOver() }
    let joined = try takeJoined()
    if joined.observed != nil { observer?.willCommit() }
    do throws(CommitError) {
      if let receipt = try store.commitJoined() { logFrames = receipt.logFrames }
    } catch {
      throw give(up: joined, because: error)
    }
    become(joined)
  }

  /// As `commitJoined`, on a store with a pipeline: what was decided becomes durable while the next is decided. Waits for what
  /// was handed over before.
  ///
  /// - Parameter told: called when it is durable, on any thread; never, when it does not become so: the next call throws.
  /// - Throws: `EngineError`, as `commitJoined`.
  public func handOverJoined(_ told: @escaping @Sendable () -> Void) throws {
    guard let pipeline, isJoining else {
      try commitJoined()
      return told()
    }
    let joined = try takeJoined()
    if joined.observed != nil { observer?.willCommit() }
    do throws(CommitError) {
      if try pipeline.handOver(told) {
        handedOver = joined
        return
      }
      logFrames = try pipeline.finish()
    } catch {
      throw give(up: joined, because: error)
    }
    become(joined)
  }

  /// Waits until what was handed over is durable.
  ///
  /// - Throws: `EngineError`, as `commitJoined`.
  func finishHandedOver() throws {
    guard let pipeline, let joined = handedOver else { return }
    handedOver = nil
    do throws(CommitError) {
      logFrames = try pipeline.finish()
    } catch {
      throw give(up: joined, because: error)
    }
    become(joined)
  }

  /// Waits until what was handed over is durable or is not, for an owner that gives the engine up for another reason.
  func abandonHandedOver() {
    do {
      try finishHandedOver()
    } catch {
      // Whoever waits for it was not told, and is refused with the error that came first.
    }
  }

  /// Whether what is handed over becomes durable while more is decided.
  var hasPipeline: Bool { pipeline != nil }

  /// The last durable row.
  public var durableSequence: JournalSequence {
    #if SAGA_MUTANTS
      if Mutant.is(.sentBeforeDurable) { return lastSequence }
    #endif
    return handedOver?.base ?? joinedBase ?? lastSequence
  }

  /// Commits are apart again, and what was handed over before is durable.
  private func takeJoined() throws -> JoinedCommits {
    let joined = JoinedCommits(
      base: joinedBase ?? lastSequence, observed: observedWhileJoining, claims: joinedClaims)
    (joinedBase, observedWhileJoining, joinedClaims) = (nil, nil, [])
    do {
      try checkUsable()
      try finishHandedOver()
    } catch {
      release(joined)
      throw error
    }
    return joined
  }

  private func become(_ joined: JoinedCommits) {
    settle(joined.claims)
    if let observed = joined.observed { observer?.didCommit(observed) }
  }

  private func release(_ joined: JoinedCommits) { configuration.keys?.release(joined.claims.lazy.map(\.key)) }

  private func give(up joined: JoinedCommits, because error: CommitError) -> EngineError {
    isPoisoned = true
    release(joined)
    return stop(error)
  }

  /// What is not durable must not leave, and background work needs a transaction of its own.
  func requireApart() { precondition(!isJoining, "commits are joined; call commitJoined() first") }
}

/// What commits that are joined will have made durable.
struct JoinedCommits {
  /// The journal's last row before them.
  var base: JournalSequence
  /// For the observer.
  var observed: ObservedCommit?
  /// Values that they claim; no other shard can see that before.
  var claims: [(key: Hash128, home: Int)]
}
