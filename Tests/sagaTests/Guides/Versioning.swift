// The snippets of docs/guides/versioning.md. GuideTests sees to it that they are here, word for word.
import SagaRuntime
import SagaTesting

func guideChanged() throws {
  let recorded = try GoldenHistory(path: "Fixtures/histories/order-fulfillment/o-1.jsonl")
  let changed = try recorded.replay(against: SagaDefinitions(at: ["sagas/order-fulfillment.json"]))
  for difference in changed { print(difference) }
}
