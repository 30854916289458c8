import SagaCore
import Testing

@testable import SagaRuntime

@Suite("The index of dead letters")
struct DeadLetterIndexTests {
  @Test("recognises bytes that are no message by a hash that never changes: stores hold it")
  func bytes() {
    #expect(DeadLetterIndex.fingerprint(bytes: [1, 2, 3]).hex == "388e9ad132cf2225a48ae0bd52a9028f")
  }
}
