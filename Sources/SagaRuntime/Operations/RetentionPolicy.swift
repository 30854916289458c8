import SagaCore

/// Takes over journal rows that are about to be deleted, from the store that still has them. What it throws ends the pruning, and
/// nothing more is deleted.
public typealias JournalArchiving = @Sendable (_ rows: [JournalRow], _ store: any Store) throws -> Void

/// How long a service keeps what has ended.
public struct RetentionPolicy: Sendable {
  /// How long history and state of a closed instance stay, in milliseconds.
  public var keepMilliseconds: Int64
  /// How long keys, message ids and what handlers remember stay, so that late duplicates are recognised, in milliseconds. Longer
  /// than any duplicate, and any undo of another service, may take.
  public var forgetMilliseconds: Int64
  /// How often is pruned, in milliseconds.
  public var intervalMilliseconds: Int64
  /// Takes the rows before they are deleted; `SagaSQLite` has one that moves them to a second database.
  public var archive: JournalArchiving?

  /// Keys and ids for 30 days and a look every hour, unless said otherwise; without an archive what is pruned is gone.
  public init(
    keepMilliseconds: Int64, forgetMilliseconds: Int64 = 30 * 86_400_000, intervalMilliseconds: Int64 = 3_600_000,
    archive: JournalArchiving? = nil
  ) {
    self.keepMilliseconds = keepMilliseconds
    self.forgetMilliseconds = forgetMilliseconds
    self.intervalMilliseconds = intervalMilliseconds
    self.archive = archive
  }
}

extension SagaEngine {
  /// Deletes history and state of what closed before a time, portion by portion between other work: as `ShardEngine.prune`.
  ///
  /// - Parameters:
  ///   - cut: what closed earlier is deleted.
  ///   - forgetBefore: what closed before it loses its keys and message ids too.
  ///   - archive: takes the rows before they are deleted.
  /// - Returns: how many rows, states and forgotten keys were deleted.
  /// - Throws: what `archive` throws, `RunnerError.stopped`, `EngineError`; what was deleted until then stays so.
  @discardableResult
  public func prune(
    closedBefore cut: Timestamp, forgetBefore: Timestamp, archive: JournalArchiving? = nil
  ) async throws -> Int {
    var deleted = 0
    for runner in runners { deleted += try await prune(runner, closedBefore: cut, forgetBefore: forgetBefore, archive) }
    return deleted
  }

  private func prune(
    _ runner: ShardRunner, closedBefore cut: Timestamp, forgetBefore: Timestamp, _ archive: JournalArchiving?
  ) async throws -> Int {
    // What is not folded is not deleted.
    while try await runner.ask({ try $0.maintain(now: WallClock.now, isIdle: true).hasMore }) {}
    var deleted = 0
    while true {
      let progress = try await runner.ask { engine in
        try engine.prune(
          closedBefore: cut, forgetBefore: forgetBefore,
          archive: archive.map { archive in { try archive($0, engine.store) } })
      }
      deleted += progress.changed
      if progress.isFinished { return deleted }
    }
  }

  /// Prunes what the policy says is old at a time; nothing while timers wait for the clock, by which everything may seem old.
  func prune(by policy: RetentionPolicy, now: Timestamp) async throws {
    for runner in runners where try await runner.ask({ $0.isClockHeld }) {
      return logger.warning("nothing is pruned until an operator confirms the clock")
    }
    try await prune(
      closedBefore: now.advanced(byMilliseconds: -policy.keepMilliseconds),
      forgetBefore: now.advanced(byMilliseconds: -policy.forgetMilliseconds), archive: policy.archive)
  }
}
