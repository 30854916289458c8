import Dispatch
import SagaCore

/// Hands one answer from an engine to the operator socket's thread, which waits for it.
///
/// `@unchecked Sendable`: the answer is written once before the semaphore is signalled, and read after.
package final class PendingAnswer: @unchecked Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private var answer: JSON?

  package init() {}

  package func set(_ answer: JSON) {
    self.answer = answer
    semaphore.signal()
  }

  /// Waits as long as a client of the socket does.
  package func wait() -> JSON {
    let isThere = semaphore.wait(timeout: .now() + .seconds(OperatorSocket.timeoutSeconds)) == .success
    return (isThere ? answer : nil)
      ?? [
        "result": "refused", "code": "engine.busy",
        "message": "the engine did not answer in time; look before you repeat",
      ]
  }

  /// What is answered where nobody takes requests any more.
  package static let stopping: JSON = [
    "result": "refused", "code": "engine.stopping", "message": "the engine is stopping; try again",
  ]
}
