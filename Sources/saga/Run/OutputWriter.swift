import Foundation

/// Writes whole lines to a file or to standard output: a file is cut back to its last whole line at the start and
/// fsynced before the engine's cursor moves.
final class OutputWriter {
  /// nil for standard output.
  private let file: LineFile?
  private let isDurable: Bool

  /// Mends the end of the file. The database must be locked: another run could be writing the file still.
  ///
  /// - Parameters:
  ///   - file: nil for standard output.
  ///   - isDurable: whether a file is fsynced before its messages are confirmed, as the database is.
  /// - Throws: `Failure` when the file cannot be cut, and for one that holds something else than messages.
  init(file: LineFile?, isDurable: Bool) throws {
    self.isDurable = isDurable
    self.file = file
    try file?.cutTornLine()
  }

  /// Writes lines and makes them as durable as the database.
  ///
  /// - Throws: `Failure`; then nothing may be confirmed.
  func write(_ lines: [[UInt8]]) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
    for line in lines {
      bytes += line
      bytes.append(UInt8(ascii: "\n"))
    }
    do throws(LineFile.Fault) {
      if let file {
        try file.append(bytes)
        if isDurable { try file.synchronize() }
      } else {
        try LineFile.write(bytes, to: STDOUT_FILENO, path: "standard output")
      }
    } catch {
      throw Failure.environment("\(file?.path ?? "standard output"): \(error.reason); nothing was confirmed")
    }
  }
}
