// The snippets of docs/guides/dead-letters.md. GuideTests sees to it that they are here, word for word.
import SagaRuntime

func guideDeadLetters(engine: SagaEngine) async throws {
  let expired = try DeadLetterCondition("code == 'message.expired' && event.data.cents > 100")
  let wouldBe = try await engine.replayDeadLetters(
    where: expired, isDryRun: true, by: "anna", reason: "what would happen")
  let report = try await engine.replayDeadLetters(
    where: expired, limit: 1000, perSecond: 50, by: "anna", reason: "the order service is back")
  print(wouldBe.refused, report.resolved.count)
}
