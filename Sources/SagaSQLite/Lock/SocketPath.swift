#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where the operator socket of a database is: beside it, unless that is longer than a socket's address may be.
enum SocketPath {
  /// A socket's address holds 108 bytes on Linux and 104 on Darwin, with the final zero.
  static let maximumBytes = 100

  /// - Parameter database: the resolved path.
  /// - Throws: `SystemError` when the private directory cannot be made.
  static func choose(database: String, preferred: String?) throws(SystemError) -> String {
    let wanted = preferred ?? database + ".sock"
    if wanted.utf8.count <= maximumBytes { return wanted }
    return try privateDirectory() + "/" + digest(wanted) + ".sock"
  }

  /// A directory of this user's alone under the temporary folder, the same one for each of the user's engines.
  private static func privateDirectory() throws(SystemError) -> String {
    let environment = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let usable = environment.hasPrefix("/") && environment.utf8.count <= 60
    var parent = usable ? environment : "/tmp"
    while parent.count > 1 && parent.hasSuffix("/") { parent.removeLast() }
    let directory = parent + "/saga-\(geteuid())"
    if mkdir(directory, 0o700) == 0 { return directory }
    guard errno == EEXIST else { throw SystemError.last }
    // Somebody else could have made it first, to listen in.
    var status = stat()
    guard lstat(directory, &status) == 0 else { throw SystemError.last }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw SystemError(number: EPERM, text: "\(directory) is not a private directory of this user; remove it")
    }
    return directory
  }

  /// FNV-1a: short, and the same for the same path.
  private static func digest(_ text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return String(hash, radix: 36)
  }
}
