import Foundation
import SagaCore

/// This program once more, as a process of its own, whose lines are read as they come.
///
/// They come through a pipe, and nobody reads them when this process has ended: then the other one ends, too, at the next that it
/// writes.
final class SecondProcess {
  private let process = Process()
  private let output = Pipe()
  private let program: String
  private var unread: [UInt8] = []

  /// Starts it, with Swift's random hashing on. Its errors go where those of this process go.
  ///
  /// - Throws: `Failure` (environment) when it cannot be started.
  init(_ arguments: [String]) throws {
    // What was typed may have been found on the `PATH`; the bundle knows the file.
    let file = URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0])
    program = file.path
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_DETERMINISTIC_HASHING"] = nil
    process.executableURL = file
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    do { try process.run() } catch {
      throw Failure.environment("\(program): no second process can be started: \(error.localizedDescription)")
    }
  }

  /// The next line that it prints.
  ///
  /// - Throws: `Failure` (environment) with its exit code when it ends without one, or when the line is no JSON.
  func nextLine() throws -> JSON {
    let handle = output.fileHandleForReading
    var searched = 0
    while true {
      if let end = unread[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(unread[..<end])
        unread.removeSubrange(...end)
        do throws(JSONError) { return try JSONParser.parse(line, limits: .definition) } catch {
          throw Failure.environment("\(program): the second process printed a line that is no JSON: \(error.message)")
        }
      }
      searched = unread.count
      let data = handle.availableData
      if data.isEmpty { throw earlyEnd() }
      unread += data
    }
  }

  private func earlyEnd() -> Failure {
    process.waitUntilExit()
    let status = process.terminationStatus
    let end = process.terminationReason == .exit ? "with exit code \(status)" : "by signal \(status)"
    return Failure.environment("\(program): the second process ended early, \(end); what it said of it stands above")
  }

  /// Ends it, whether or not it has more to say.
  func end() {
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }
}
