import CSQLite

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Looks at a database file without opening it: closing any descriptor of it would drop the locks that SQLite holds for
/// other connections of this process (POSIX advisory locks belong to the process, not to the descriptor).
enum FileInspection {
  /// The absolute path with symbolic links resolved, so that one file has one lock. The file itself may be missing, also where a link leads
  /// to it: SQLite makes it there.
  static func resolve(_ path: String) throws(StoreOpenError) -> String {
    guard !path.isEmpty, path != ":memory:" else { throw StoreOpenError(path: path, cause: .noFile) }
    let asked = path
    var path = path
    // A ring of links is an error of `realpath`; one that is made just now ends here.
    for _ in 0..<maximumLinks {
      if let resolved = canonical(path) { return resolved }
      guard errno == ENOENT else { throw refusal(asked, errno) }
      guard let target = linkTarget(path) else { return try resolveMissing(path, asked) }
      path = target
    }
    throw refusal(asked, ELOOP)
  }

  /// As many as Linux follows (path_resolution(7)).
  private static let maximumLinks = 40

  /// Where a symbolic link leads; nil for what is none.
  private static func linkTarget(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
    guard count > 0 else { return nil }
    let target = String(decoding: buffer[..<count], as: UTF8.self)
    return target.hasPrefix("/") ? target : split(path).directory + "/" + target
  }

  /// - Parameter asked: what errors name.
  private static func resolveMissing(_ path: String, _ asked: String) throws(StoreOpenError) -> String {
    let (directory, name) = split(path)
    guard !name.isEmpty, name != ".", name != ".." else { throw StoreOpenError(path: asked, cause: .isDirectory) }
    guard let resolved = canonical(directory) else {
      throw StoreOpenError(path: asked, cause: .directoryNotFound(directory))
    }
    return resolved == "/" ? "/" + name : resolved + "/" + name
  }

  enum Purpose {
    case read
    case write(create: Bool)
  }

  /// Refuses what SQLite would open in a way that ends badly, or refuse with less clear words.
  ///
  /// - Parameter path: as `resolve` returned it.
  /// - Returns: whether the file is there and has something in it.
  static func check(_ path: String, for purpose: Purpose) throws(StoreOpenError) -> Bool {
    let directory = split(path).directory
    var status = stat()
    let isThere = stat(path, &status) == 0
    if !isThere && errno != ENOENT { throw refusal(path, errno) }
    if let name = NetworkFileSystem.name(of: isThere ? path : directory) {
      throw StoreOpenError(path: path, cause: .networkFileSystem(name))
    }
    if isThere {
      let type = status.st_mode & S_IFMT
      guard type != S_IFDIR else { throw StoreOpenError(path: path, cause: .isDirectory) }
      guard type == S_IFREG else { throw StoreOpenError(path: path, cause: .notRegularFile) }
      guard access(path, R_OK) == 0 else { throw StoreOpenError(path: path, cause: .notReadable) }
    }
    if !isThere || status.st_size == 0 { try requireNoLogAlone(path) }
    guard case .write(let create) = purpose else {
      guard isThere else { throw StoreOpenError(path: path, cause: .notFound) }
      return status.st_size > 0
    }
    guard isThere || create else { throw StoreOpenError(path: path, cause: .notFound) }
    // A file that nobody may write was put out of reach on purpose: that holds for root as well, whom access() lets pass.
    if isThere && (access(path, W_OK) != 0 || status.st_mode & 0o222 == 0) {
      throw StoreOpenError(path: path, cause: .notWritable)
    }
    guard access(directory, W_OK) == 0 else {
      throw StoreOpenError(path: path, cause: .directoryNotWritable(directory))
    }
    if isThere { try requireOneName(path) }
    return isThere && status.st_size > 0
  }

  /// Refuses a log whose database is missing, or empty: SQLite removes it at its first look, and the commits that are in it would be lost. Where
  /// a database is being made there may be such a log.
  ///
  /// - Parameter path: as `resolve` returned it.
  private static func requireNoLogAlone(_ path: String) throws(StoreOpenError) {
    for log in ["-wal", "-journal"].map({ path + $0 }) where size(of: log) > 0 {
      // In this order: whoever makes a database removes the mark when there is something in the file.
      if MakingMark.isSet(beside: path) || size(of: path) > 0 { continue }
      throw StoreOpenError(path: path, cause: .logAlone(log))
    }
  }

  /// Refuses a file that has further names (hard links): each has a lock and a log of its own, so that the writer under
  /// one knows nothing of the writer under another.
  ///
  /// - Parameter path: as `resolve` returned it.
  static func requireOneName(_ path: String) throws(StoreOpenError) {
    guard names(of: path) > 1 else { return }
    FileReplacement.removeTemporaryNames(of: path)
    let count = names(of: path)
    guard count <= 1 else { throw StoreOpenError(path: path, cause: .severalNames(count)) }
  }

  private static func names(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_nlink) : 0
  }

  /// In bytes; 0 if it is not there.
  static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let directory = path[..<slash]
    return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
  }

  private static func canonical(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func refusal(_ path: String, _ number: Int32) -> StoreOpenError {
    switch number {
    case ENOTDIR: StoreOpenError(path: path, cause: .directoryNotFound(split(path).directory))
    case EACCES: StoreOpenError(path: path, cause: .notReadable)
    default:
      StoreOpenError(
        path: path,
        cause: .other(
          SQLiteError(extendedCode: SQLITE_CANTOPEN, message: String(cString: strerror(number)), path: path)))
    }
  }
}
