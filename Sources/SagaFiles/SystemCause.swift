import Foundation

/// Why the system does not let a file be written, with what mends it. The system's own words name neither the directory
/// that is missing nor the file that stands where a directory should.
package enum SystemCause {
  /// - Parameters:
  ///   - number: the system's error number (`errno`).
  ///   - path: the file that was to be written.
  package static func text(_ number: Int32, path: String) -> String {
    let words = String(cString: strerror(number))
    switch number {
    case ENOENT, ENOTDIR: return directoryFault(of: path) ?? words
    case EISDIR: return "it is a directory; name a file in it"
    case EACCES, EPERM, EROFS:
      return "\(words); give this user write access to \(nearest(to: path).path), or name a file elsewhere"
    case ENOSPC, EDQUOT, EFBIG: return "\(words); make room, or name a file elsewhere"
    default: return words
    }
  }

  /// The directory that a file lies in, as far as its path says.
  package static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What is wrong with the directory of a file; nil where it is there.
  package static func directoryFault(of path: String) -> String? {
    let wanted = directory(of: path)
    let found = nearest(to: wanted)
    if !found.isDirectory { return "\(found.path) is a file, and a directory is needed there; name a file elsewhere" }
    return found.path == wanted ? nil : "there is no directory \(wanted); make it first, or name a file elsewhere"
  }

  /// The path itself, or what is there of the way to it.
  private static func nearest(to path: String) -> (path: String, isDirectory: Bool) {
    var place = path
    while true {
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory) {
        return (place, isDirectory.boolValue)
      }
      let above = directory(of: place)
      if above == place { return (place, true) }
      place = above
    }
  }
}
