import SagaCore

/// What became of dead letters that were replayed or discarded together.
public struct DeadLetterReport: Sendable, Hashable {
  /// Resolved now; of a dry run, those that would be. Whether a handler of the service would take one is not known before it runs.
  public var resolved: [JournalSequence] = []
  /// Resolved by somebody before.
  public var unchanged: [JournalSequence] = []
  /// Refused again, with the reason, or taken by nothing that is loaded.
  public var refused: [JournalSequence: MessageFault] = [:]

  /// Of none.
  public init() {}
}

extension SagaEngine {
  /// Dead letters, oldest first.
  ///
  /// - Parameters:
  ///   - condition: only those that match.
  ///   - limit: at most so many.
  ///   - shard: only those of one shard, by whose rows they are named; nil takes all.
  /// - Throws: `RunnerError.stopped`, or what the store throws.
  public func deadLetters(
    where condition: DeadLetterCondition? = nil, limit: Int = 100, shard: Int? = nil
  ) async throws -> [DeadLetterView] {
    var letters: [DeadLetterView] = []
    for shard in shard.map({ [$0] }) ?? Array(runners.indices) {
      letters += try await read(shard: shard) { reader in
        var letters: [DeadLetterView] = []
        try reader.forEachDeadLetter(where: condition, limit: limit) {
          letters.append($0)
          letters[letters.count - 1].shard = shard
        }
        return letters
      }
    }
    if runners.count > 1 { letters.sort { ($0.at, $0.shard, $0.sequence) < ($1.at, $1.shard, $1.sequence) } }
    return Array(letters.prefix(limit))
  }

  /// Handles dead letters again; each is resolved by the commit that handles it. Replaying twice is harmless.
  ///
  /// - Parameters:
  ///   - condition: only those that match; nil takes all.
  ///   - limit: at most so many, oldest first.
  ///   - perSecond: at most so many a second; nil as fast as it goes.
  ///   - isDryRun: decides and writes nothing: what would become of them. Handlers of the service do not run.
  ///   - by: who asks for it; it is in the journal, with `reason`.
  ///   - reason: why.
  ///   - shard: whose dead letters, where there are several shards: the report names them by its rows.
  /// - Throws: `RunnerError.stopped`, `EngineError`, `CancellationError`; what was replayed until then stays so.
  ///   `SagaEngineError.shardNeeded`.
  public func replayDeadLetters(
    where condition: DeadLetterCondition? = nil, limit: Int = 100, perSecond: Double? = nil, isDryRun: Bool = false,
    by: String, reason: String, shard: Int? = nil
  ) async throws -> DeadLetterReport {
    var limiter = perSecond.map { RateLimiter(perSecond: $0) }
    let shard = try choose(shard)
    return try await resolve(where: condition, limit: limit, in: shard) { sequence in
      let wait = limiter?.reserve(nowMilliseconds: WallClock.monotonicMilliseconds) ?? 0
      if wait > 0 { try await Task.sleep(for: .milliseconds(wait)) }
      return try await self.operate(
        isDryRun ? .tryReplay(deadLetter: sequence) : .replay(deadLetter: sequence, by: by, reason: reason),
        shard: shard)
    }
  }

  /// Gives dead letters up; they stay in the journal.
  ///
  /// - Throws: as `replayDeadLetters`.
  public func discardDeadLetters(
    where condition: DeadLetterCondition? = nil, limit: Int = 100, by: String, reason: String, shard: Int? = nil
  ) async throws -> DeadLetterReport {
    let shard = try choose(shard)
    return try await resolve(where: condition, limit: limit, in: shard) {
      try await self.operate(.discard(deadLetter: $0, by: by, reason: reason), shard: shard)
    }
  }

  /// Brings in a line of exported dead letters (`DeadLetterLine`): it is a dead letter here, once however often it is brought in.
  ///
  /// - Returns: `.duplicate` where it was there already.
  /// - Throws: `MessageFault` for another line, `RunnerError.stopped`, `EngineError`.
  @discardableResult
  public func importDeadLetter(_ line: [UInt8]) async throws -> Receipt {
    try await runner.deliver(try DeadLetterLine.message(line))
  }

  private func resolve(
    where condition: DeadLetterCondition?, limit: Int, in shard: Int,
    _ body: (JournalSequence) async throws -> OperatorReply
  ) async throws -> DeadLetterReport {
    var report = DeadLetterReport()
    for sequence in try await deadLetters(where: condition, limit: limit, shard: shard).map(\.sequence) {
      switch try await body(sequence) {
      case .replayed(let deliveries) where !deliveries.isEmpty && deliveries.allSatisfy { $0.outcome == .foreign }:
        let text = "No loaded definition takes the message, or its key is null; it waits on."
        report.refused[sequence] = MessageFault(code: "message.foreign", message: text, isRetryable: true)
      case .done, .replayed, .each: report.resolved.append(sequence)
      case .unchanged, .notFound: report.unchanged.append(sequence)
      case .refused(let fault): report.refused[sequence] = fault
      }
    }
    return report
  }

  /// Handles one dead letter again. One that a handler of this service refused goes to the handlers, everything else to the sagas.
  ///
  /// - Parameter isDryRun: handlers do not run.
  func replay(
    _ sequence: JournalSequence, in shard: Int, by: String, reason: String, isDryRun: Bool
  ) async throws -> OperatorReply {
    let letter = try await read(shard: shard) { try $0.deadLetter(sequence) }
    let runner = runners[shard]
    if runners.count > 1, let reply = try await sendOn(sequence, from: runner, by: by, reason: reason, isDryRun) {
      return reply
    }
    guard let letter, letter.resolution == nil, HandlerFault.codes.contains(letter.fault.code) else {
      return try await runner.operate(
        isDryRun ? .tryReplay(deadLetter: sequence) : .replay(deadLetter: sequence, by: by, reason: reason))
    }
    let event: CloudEvent
    do throws(MessageFault) { event = try CloudEvent.decode(letter.bytes) } catch { return .refused(error) }
    guard isHandled(event) else {
      return .refused(
        MessageFault(
          code: letter.fault.code, message: "No participant and no consumer of this service takes \(event.type)."))
    }
    if isDryRun { return .replayed([]) }
    do {
      for receipt in try await handle(event) {
        if case .deadLettered(let code, let message) = receipt.outcome {
          return .refused(MessageFault(code: code, message: message))
        }
      }
    } catch let error as DeliveryError {
      return .refused(MessageFault(code: letter.fault.code, message: "\(error)", isRetryable: true))
    }
    // The handlers remember what they did: when this does not happen, the next replay finds it done.
    return try await runner.operate(.resolve(deadLetter: sequence, by: by, reason: reason))
  }
}

extension SagaEngine {
  /// Replays a dead letter of one shard that is for sagas of others; as `ShardGroup` does.
  private func sendOn(
    _ sequence: JournalSequence, from runner: ShardRunner, by: String, reason: String, _ isDryRun: Bool
  ) async throws -> OperatorReply? {
    guard let addressed = try await runner.ask({ try $0.journey(of: sequence) }) else { return nil }
    if isDryRun { return .replayed([]) }
    let receipt = try await bring(addressed.message, to: addressed.shards)
    if let refusal = receipt.refusal { return .refused(refusal) }
    guard case .done = try await runner.operate(.resolve(deadLetter: sequence, by: by, reason: reason)) else {
      return .unchanged
    }
    return .replayed(receipt.deliveries)
  }
}

/// The codes of dead letters that handlers of the service have refused.
enum HandlerFault {
  static let consumerFailed = "consumer.failed"
  static let consumerUndecodable = "consumer.undecodable"
  static let commandRefused = "command.refused"
  static let codes: Set<String> = [consumerFailed, consumerUndecodable, commandRefused]
}
