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
  var message: String

  static func bad(_ message: String) -> Failure { Failure(code: .bad, message: message) }
  static func usage(_ message: String) -> Failure { Failure(code: .usage, message: message) }
  static func environment(_ message: String) -> Failure { Failure(code: .environment, message: message) }
}
