import Dispatch
import Foundation
import SagaRuntime

/// SIGINT and SIGTERM end the run cleanly: commit, confirm, stop. The second ends it at once, where it waits for somebody who reads what it
/// writes, say: the next run goes on where it was. SIGPIPE is an ordinary write error.
struct Signals {
  private let sources: [any DispatchSourceSignal]

  init(_ mailbox: Mailbox<RunInput>) {
    signal(SIGPIPE, SIG_IGN)
    let queue = DispatchQueue(label: "saga signals")
    let received = Received()
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        received.count += 1
        // As shells tell of a process that a signal ended.
        if received.count > 1 { _exit(128 + number) }
        mailbox.putUrgent(.stop)
      }
      source.resume()
      return source
    }
  }

  /// `@unchecked Sendable`: used on the signals' queue only.
  private final class Received: @unchecked Sendable {
    var count = 0
  }

  func cancel() { for source in sources { source.cancel() } }
}
