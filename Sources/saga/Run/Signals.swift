import Dispatch
import Foundation
import SagaRuntime

/// SIGINT and SIGTERM end the run cleanly: commit, confirm, stop. SIGPIPE is an ordinary write error.
struct Signals {
  private let sources: [any DispatchSourceSignal]

  init(_ mailbox: Mailbox<RunInput>) {
    signal(SIGPIPE, SIG_IGN)
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { mailbox.putUrgent(.stop) }
      source.resume()
      return source
    }
  }

  func cancel() { for source in sources { source.cancel() } }
}
