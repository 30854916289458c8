import Foundation

/// A file that is written as a whole.
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
    try makeDirectory(SystemCause.directory(of: path), for: path)
    let target = resolved(path)
    let partial = "\(target).partial-\(getpid())"
    do throws(Fault) {
      try put(Array(data), into: partial, flags: O_TRUNC, for: path)
      // What the user has set is kept.
      var status = stat()
      if stat(target, &status) == 0 { chmod(partial, status.st_mode & 0o7777) }
      if rename(partial, target) != 0 { throw fault(errno, path) }
    } catch {
      unlink(partial)
      throw error
    }
    return true
  }

  /// Writes bytes to where they belong: over a file that is there, or to a pipe or a device.
  ///
  /// - Parameter isNew: whether a file that is there is left as it is, and the writing fails.
  package static func put(_ bytes: [UInt8], to path: String, isNew: Bool = false) throws(Fault) {
    try put(bytes, into: path, flags: isNew ? O_EXCL : O_TRUNC, for: path)
  }

  /// - Parameter named: the file that errors name.
  private static func put(
    _ bytes: [UInt8], into path: String, flags: Int32, for named: String
  ) throws(Fault) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o666)
    guard descriptor >= 0 else { throw fault(errno, named) }
    if let number = DescriptorWriting.writeAll(bytes, to: descriptor) {
      close(descriptor)
      throw fault(number, named)
    }
    // Some file systems say only now that there was no room.
    if close(descriptor) != 0 { throw fault(errno, named) }
  }

  /// Makes a directory with those above it.
  private static func makeDirectory(_ directory: String, for path: String) throws(Fault) {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue { return }
    let above = SystemCause.directory(of: directory)
    if above != directory { try makeDirectory(above, for: path) }
    // Another process may make it at this moment; a file in its place is noticed when something is written into it.
    if mkdir(directory, 0o777) != 0, errno != EEXIST { throw fault(errno, path) }
  }

  /// Where a link leads: the link stays one.
  private static func resolved(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }

  private static func fault(_ number: Int32, _ path: String) -> Fault {
    Fault(path: path, reason: "cannot be written: \(SystemCause.text(number, path: path))")
  }
}
