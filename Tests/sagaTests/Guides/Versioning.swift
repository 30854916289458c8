// The snippets of docs/guides/versioning.md. GuideTests sees to it that they are here, word for word.
import SagaCore
import SagaRuntime
import SagaTesting

func guideChanged() throws {
  let recorded = try GoldenHistory(path: "Fixtures/histories/order-fulfillment/o-1.jsonl")
  let changed = try recorded.replay(against: SagaDefinitions(at: ["sagas/order-fulfillment.json"]))
  for difference in changed { print(difference) }
}

func guideMove(_ engine: SagaEngine) async throws {
  let mapping = try MigrationMapping(json: ["steps": ["charge": "chargeCard"]])
  let move = BulkAction.migrate(Migration(to: 2, mapping: mapping, by: "anna", reason: "new carrier"))
  let open = InstanceFilter(saga: "orders", statuses: [.running, .compensating, .stuck])
  let report = try await engine.apply(move, to: InstanceSelection(open, version: 1))
  print(report.done)
}
