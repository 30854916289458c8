import SagaCore
import SagaRuntime
import Testing

@Suite("Retention")
struct RetentionPolicyTests {
  @Test("forgets ids after the time that the checks of definitions assume")
  func assumed() {
    #expect(RetentionPolicy(keepMilliseconds: 1).forgetMilliseconds == CheckLimits.forgetMilliseconds)
  }
}
