import Dispatch
import Foundation
import SagaCore

/// The operator socket of an embedded engine: how the `saga` command reaches the process that may write. What comes in waits for
/// the engine's `run()`.
///
/// `@unchecked Sendable`: every access to `socket` holds the lock.
final class OperatorRequests: @unchecked Sendable {
  /// A request and the socket's thread that waits for its answer.
  struct Waiting: Sendable {
    var request: JSON
    fileprivate var answer: Answer

    func reply(_ json: JSON) { answer.set(json) }
  }

  let stream: AsyncStream<Waiting>
  private let continuation: AsyncStream<Waiting>.Continuation
  private let lock = NSLock()
  private var socket: OperatorSocket?

  init() { (stream, continuation) = AsyncStream.makeStream(of: Waiting.self, bufferingPolicy: .bufferingOldest(16)) }

  /// - Throws: `SocketError`.
  func open(_ path: String) throws {
    let opened = try OperatorSocket(path: path) { [continuation] json in
      let answer = Answer()
      guard case .enqueued = continuation.yield(Waiting(request: json, answer: answer)) else {
        return ["result": "refused", "code": "engine.stopping", "message": "the engine is stopping; try again"]
      }
      return answer.wait(seconds: OperatorSocket.timeoutSeconds)
        ?? [
          "result": "refused", "code": "engine.busy",
          "message": "the engine did not answer in time; look before you repeat",
        ]
    }
    lock.withLock { socket = opened }
  }

  func close() {
    let open = lock.withLock {
      defer { socket = nil }
      return socket
    }
    open?.stop()
    continuation.finish()
  }

  /// `@unchecked Sendable`: written once before the semaphore is signalled, read after.
  fileprivate final class Answer: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private var json: JSON?

    func set(_ json: JSON) {
      self.json = json
      semaphore.signal()
    }

    func wait(seconds: Int) -> JSON? {
      semaphore.wait(timeout: .now() + .seconds(seconds)) == .success ? json : nil
    }
  }
}
