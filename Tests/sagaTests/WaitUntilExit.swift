import Foundation

/// A process that did not end in its time.
struct StillRunning: Error, CustomStringConvertible {
  var description: String
}

extension Process {
  /// Waits for the end. What hangs is killed and named, so that a test fails instead of waiting for ever.
  func waitUntilExit(withinSeconds seconds: Int) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while isRunning {
      guard ContinuousClock.now < deadline else {
        kill(processIdentifier, SIGKILL)
        waitUntilExit()
        let line = (arguments ?? []).joined(separator: " ")
        throw StillRunning(description: "killed, because it had not ended after \(seconds) s: \(line)")
      }
      usleep(2000)
    }
    waitUntilExit()
  }
}
