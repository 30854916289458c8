import Logging
import SagaCore
import Tracing

/// Turns an engine's commits into metrics and log lines, on the shard's thread.
final class ShardObserver: EngineObserver {
  private let metrics: MetricSet
  private let logger: Logger
  private let tracing: MessageTracing
  private let laneName: (LaneID) -> String
  private var beganAt = ContinuousClock.now

  /// - Parameter laneName: names a lane of the engine.
  init(metrics: MetricSet, logger: Logger, tracing: MessageTracing, laneName: @escaping (LaneID) -> String) {
    self.metrics = metrics
    self.logger = logger
    self.tracing = tracing
    self.laneName = laneName
  }

  func willCommit() { beganAt = ContinuousClock.now }

  func didCommit(_ commit: ObservedCommit) {
    metrics.count(commit, nanoseconds: (ContinuousClock.now - beganAt).nanoseconds)
    let isTracing = tracing.isOn
    for row in commit.rows {
      report(row)
      if isTracing, row.machine != nil { trace(row) }
    }
    // A message that is held again was reported the first time; one that never failed only stands behind another.
    for held in commit.held where held.attempts == 1 {
      logger.warning(
        "a message could not go and is held; others pass it",
        metadata: [
          "lane": "\(laneName(held.lane))", "sequence": "\(held.sequence)", "effect": "\(held.effect)",
          "reason": "\(held.reason)",
        ])
    }
  }

  /// A span of what moved an instance; it is over when it is known, since it is known when it is durable.
  private func trace(_ row: ObservedRow) {
    let span = tracing.startSpan(row.spanName, kind: .consumer, under: row.traceParent)
    span.attributes["saga.name"] = row.machine?.saga
    span.attributes["saga.role"] = row.machine?.role
    span.attributes["saga.key"] = row.key
    span.attributes["saga.sequence"] = row.sequence
    span.attributes["saga.status"] = row.status?.name
    span.attributes["saga.facts"] = row.facts.map { "\($0)" }
    if let fault = row.fault { span.setStatus(SpanStatus(code: .error, message: fault.message)) }
    span.end()
  }

  private func report(_ row: ObservedRow) {
    if let fault = row.fault {
      var metadata = row.metadata
      metadata["code"] = "\(fault.code)"
      metadata["reason"] = "\(fault.message)"
      logger.warning("a message went to the dead letters", metadata: metadata)
    }
    for case .stuck(let step, let reason) in row.facts {
      var metadata = row.metadata
      metadata["step"] = "\(step)"
      metadata["reason"] = "\(reason)"
      logger.error("an instance is stuck and waits for an operator", metadata: metadata)
    }
  }
}

extension ObservedRow {
  var spanName: String { "\(machine?.saga ?? "saga") \(kind)" }

  /// What tells the row and its instance apart in a log.
  var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = ["sequence": "\(sequence)"]
    if let machine {
      metadata["saga"] = "\(machine.saga)"
      if !machine.role.isEmpty { metadata["role"] = "\(machine.role)" }
    }
    if let key { metadata["key"] = "\(key)" }
    if let messageID { metadata["message_id"] = "\(messageID)" }
    return metadata
  }
}

extension Duration {
  var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
