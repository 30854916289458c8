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
    fileprivate var answer: PendingAnswer

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
      let answer = PendingAnswer()
      guard case .enqueued = continuation.yield(Waiting(request: json, answer: answer)) else {
        return PendingAnswer.stopping
      }
      return answer.wait()
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
}
