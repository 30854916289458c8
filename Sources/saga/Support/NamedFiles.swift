import Foundation
import SagaFiles
import SagaRuntime
import SagaSQLite

/// The files that a command's options name. None that is written may be one that is read, or is written under another
/// option too: a database with lines behind its pages is damaged, and a definition with messages behind it is none.
///
/// Files are told apart by device and inode, and by their paths where there is no file yet. Devices, pipes and
/// terminals may be named twice.
struct NamedFiles {
  private struct Name {
    var option: String
    /// As it was typed.
    var path: String
    /// Whether it is another file than the one that was typed, and belongs to that.
    var isPart: Bool
    var place: Place
  }

  private enum Place: Equatable {
    case file(device: UInt64, inode: UInt64)
    case path(String)
  }

  private var read: [Name] = []
  private var written: [Name] = []

  /// A file that is read; nothing for nil and for the standard input.
  mutating func reads(_ option: String, _ path: String?) { read += NamedFiles.names(option, path) }

  /// A file that is written; nothing for nil and for the standard output.
  mutating func writes(_ option: String, _ path: String?) { written += NamedFiles.names(option, path) }

  /// A database with all that lies beside it.
  ///
  /// - Parameter shards: how many there will be; those that are there count in any case.
  mutating func readsDatabase(_ option: String, _ path: String, shards: Int = 1) {
    read += NamedFiles.database(option, path, shards)
  }

  /// A database that is made, with all that will lie beside it.
  mutating func writesDatabase(_ option: String, _ path: String, shards: Int) {
    written += NamedFiles.database(option, path, shards)
  }

  /// - Throws: `Failure` (usage) with both options, where a file that is written has a second part to play.
  func check() throws {
    for (index, name) in written.enumerated() {
      let others = read + written[..<index].filter { $0.option != name.option }
      guard let other = others.first(where: { $0.place == name.place }) else { continue }
      let relation = other.isPart ? "belongs to" : "is the file of"
      throw Failure.usage(
        "\(name.option) \(name.path): it \(relation) \(other.option) \(other.path); give \(name.option) another file")
    }
  }

  /// How many files of a database are there, from the first on.
  static func shards(of path: String) -> Int {
    let further = (1..<ShardPlace.maximumCount).prefix {
      FileManager.default.fileExists(atPath: SQLiteShards.path(path, shard: $0))
    }
    return further.count + 1
  }

  private static func names(_ option: String, _ path: String?) -> [Name] {
    guard let path, path != "-", let found = place(of: path) else { return [] }
    return [Name(option: option, path: path, isPart: false, place: found)]
  }

  private static func database(_ option: String, _ path: String, _ count: Int) -> [Name] {
    var names: [Name] = []
    for shard in 0..<max(count, shards(of: path)) {
      for suffix in ["", "-wal", "-shm", "-journal", ".lock", ".sock"] {
        let file = SQLiteShards.path(path, shard: shard) + suffix
        guard let found = place(of: file) else { continue }
        names.append(Name(option: option, path: path, isPart: file != path, place: found))
      }
    }
    return names
  }

  private static func place(of path: String) -> Place? {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else { return nil }
      return .file(
        device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino))
    }
    let file = URL(fileURLWithPath: path)
    guard let directory = realpath(SystemCause.directory(of: path), nil) else {
      return .path(file.standardizedFileURL.path)
    }
    defer { free(directory) }
    return .path(String(cString: directory) + "/" + file.lastPathComponent)
  }
}
