import SagaRuntime
import SagaSQLite

/// A command that could not do what it was asked: the file, the cause and the mend, and the exit code that says which
/// kind it is.
struct Failure: Error {
  enum Code: Int32 {
    case done = 0
    /// What was asked about is bad: an invalid definition, a refused operation, nothing found.
    case bad = 1
    case usage = 2
    /// File, disk, lock, broker.
    case environment = 3
  }
  var code: Code
  /// Empty when the command has said everything itself.
  var message: String

  static func bad(_ message: String) -> Failure { Failure(code: .bad, message: message) }
  static func usage(_ message: String) -> Failure { Failure(code: .usage, message: message) }
  static func environment(_ message: String) -> Failure { Failure(code: .environment, message: message) }

  /// Ends the command with exit code 1 after it has printed what is bad.
  static let reported = Failure(code: .bad, message: "")
}

extension Failure {
  /// Whatever else stores, engines and files throw.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case EngineError.definitionConflict, EngineError.definitionMissing, EngineError.undividable:
      self = .bad("\(error)")
    default: self = .environment("\(error)")
    }
  }

  /// The same with the file in front, unless the error names it.
  init(_ error: any Error, path: String) {
    self.init(error)
    if !(error is Failure), !message.contains(path) { message = "\(path): \(message)" }
  }
}
