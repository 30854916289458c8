// The snippets of docs/guides/operating.md. GuideTests sees to it that they are here, word for word.
import SagaCore
import SagaRuntime
import SagaSQLite

protocol Pager: Sendable {
  func page(_ text: String, id: String) async throws
}

func guideBulk(_ engine: SagaEngine) async throws {
  let stuck = InstanceSelection(
    InstanceFilter(saga: "order", statuses: [.stuck]), condition: try InstanceCondition("data.totalCents < 10000"))
  let retry = BulkAction.operate(Operation(verb: .retry, by: "anna", reason: "payments is back"))
  let trial = try await engine.apply(retry, to: stuck, isDryRun: true)
  let report = try await engine.apply(retry, to: stuck)
  for refusal in report.refusals { print(refusal.count, refusal.fault.message, refusal.examples) }
  print(trial.done)
}

func guideShards(definitions: SagaDefinitions, payments: Participant) async throws -> Int {
  let engine = try SagaEngine(database: "orders.db", shards: 4, definitions: definitions, participants: [payments])
  let running = try await engine.readAll { try $0.statistics().instances }
  return running.count
}

func guideAlerts(_ pager: any Pager, database: String, definitions: SagaDefinitions) throws -> SagaEngine {
  let alerts = AlertPolicy(
    lateAfterMilliseconds: 24 * 3_600_000, lateAfterMillisecondsBySaga: ["claim": 60 * 86_400_000],
    deadLetterThreshold: 10
  ) { alert in
    try await pager.page("\(alert.kind): \(alert.instance?.key ?? "") \(alert.reason)", id: alert.event.id)
  }
  let retention = RetentionPolicy(
    keepMilliseconds: 30 * 86_400_000, forgetMilliseconds: 90 * 86_400_000,
    archive: RetentionPolicy.archive(to: "/var/lib/orders/archive.db"))
  let engine = try SagaEngine(
    database: database, definitions: definitions, alerts: alerts, retention: retention)
  return engine
}
