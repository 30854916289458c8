import Foundation

/// A file that is written again and again with mostly the same text.
package enum OutputFile {
  /// Why it could not be written.
  package struct Fault: Error {
    package var path: String
    package var reason: String
  }

  /// Writes a text, whole or not at all, and leaves a file that has it already untouched: build systems look at times.
  ///
  /// - Parameter path: its folder is made where there is none.
  /// - Returns: whether the file was written.
  package static func write(_ text: String, to path: String) throws(Fault) -> Bool {
    let data = Data(text.utf8)
    if FileManager.default.contents(atPath: path) == data { return false }
    do {
      let file = URL(fileURLWithPath: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file, options: .atomic)
      return true
    } catch {
      throw Fault(path: path, reason: "cannot be written: \(error.localizedDescription)")
    }
  }
}
