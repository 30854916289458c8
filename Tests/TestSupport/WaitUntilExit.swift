import Foundation

/// A process that did not end in its time.
package struct StillRunning: Error, CustomStringConvertible {
  package var description: String

  package init(_ process: Process, afterSeconds seconds: Int) {
    let line = (process.arguments ?? []).joined(separator: " ")
    description = "killed, because it had not ended after \(seconds) s: \(line)"
  }
}

extension Process {
  /// Waits for the end. What hangs is killed and named, so that a test fails instead of waiting for ever.
  package func waitUntilExit(withinSeconds seconds: Int) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while isRunning {
      guard ContinuousClock.now < deadline else {
        kill(processIdentifier, SIGKILL)
        waitUntilExit()
        throw StillRunning(self, afterSeconds: seconds)
      }
      usleep(2000)
    }
    waitUntilExit()
  }
}
