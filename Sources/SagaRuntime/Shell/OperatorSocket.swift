import Foundation
import SagaCore

/// Why the operator socket could not be opened or used.
public struct SocketError: Error, CustomStringConvertible, Sendable {
  /// The socket's path.
  public var path: String
  /// What is wrong and how it is mended.
  public var message: String
  public var description: String { "\(path): \(message)" }
}

/// A Unix-domain socket beside the database (mode 0600): how commands reach the one process that may write.
///
/// One request and one answer a connection, each a line of JSON; served one at a time on a thread of its own.
/// `@unchecked Sendable`: after `init` only `stop` writes `isStopped`, under the lock.
public final class OperatorSocket: @unchecked Sendable {
  /// The longest request or answer, in bytes.
  public static let maximumLineBytes = 4_194_304
  /// How long a client may take to send its request, and the engine to answer, in seconds.
  public static let timeoutSeconds = 30

  private let descriptor: Int32
  private let path: String
  /// Which file `path` was when it was made: meanwhile another process may have put its own there.
  private var file: FileIdentity?
  private let lock = NSLock()
  private var isStopped = false

  /// Opens the socket, replacing one that a dead process left: the caller holds the writer lock.
  ///
  /// - Parameters:
  ///   - path: where the socket is made, at most 100 bytes long.
  ///   - handle: called on the socket's thread; may block until the engine has answered.
  /// - Throws: `SocketError`.
  public init(path: String, handle: @escaping @Sendable (JSON) -> JSON) throws {
    self.path = path
    unlink(path)
    descriptor = try UnixSocket.make(path)
    let bound = try UnixSocket.withAddress(path) { bind(descriptor, $0, $1) }
    guard bound == 0, chmod(path, 0o600) == 0, listen(descriptor, 16) == 0 else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw SocketError(path: path, message: "the operator socket cannot be opened: \(reason)")
    }
    file = FileIdentity(path)
    let thread = Thread { [self] in serve(handle) }
    thread.name = "saga operator socket"
    thread.start()
  }

  /// Closes the socket and removes its file, unless that is a successor's by now.
  public func stop() {
    lock.lock()
    defer { lock.unlock() }
    guard !isStopped else { return }
    isStopped = true
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
    if FileIdentity(path) == file { unlink(path) }
  }

  /// What tells a file from another one that has taken its path.
  private struct FileIdentity: Equatable {
    let device: UInt64
    let number: UInt64

    init?(_ path: String) {
      var status = stat()
      guard lstat(path, &status) == 0 else { return nil }
      device = UInt64(truncatingIfNeeded: status.st_dev)
      number = UInt64(truncatingIfNeeded: status.st_ino)
    }
  }

  private var hasStopped: Bool {
    lock.lock()
    defer { lock.unlock() }
    return isStopped
  }

  private func serve(_ handle: (JSON) -> JSON) {
    while !hasStopped {
      let client = accept(descriptor, nil, nil)
      if client < 0 {
        let cause = errno
        switch cause {
        case EINTR, ECONNABORTED: break
        // For want of files or memory: the client waits, and is served when there are some again.
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: usleep(100_000)
        default: return
        }
        continue
      }
      UnixSocket.limitTime(client, seconds: OperatorSocket.timeoutSeconds)
      switch UnixSocket.read(client) {
      case .line(let line): answer(client, respond(to: line, handle))
      case .tooLong:
        answer(
          client,
          [
            "result": "refused", "code": "socket.size",
            "message": .string("a request has at most \(OperatorSocket.maximumLineBytes) bytes"),
          ])
        UnixSocket.drain(client)
      case .closed: break
      }
      close(client)
    }
  }

  /// A client that has gone meanwhile does not hear it; nothing else can be done for it.
  private func answer(_ client: Int32, _ json: JSON) {
    var bytes = JSONWriter.compact(json)
    bytes.append(UInt8(ascii: "\n"))
    _ = UnixSocket.writeAll(client, bytes)
  }

  private func respond(to line: [UInt8], _ handle: (JSON) -> JSON) -> JSON {
    let limits = JSONLimits(maximumBytes: OperatorSocket.maximumLineBytes)
    do throws(JSONError) {
      return handle(try JSONParser.parse(line, limits: limits))
    } catch {
      return ["result": "refused", "code": "socket.json", "message": .string(error.message)]
    }
  }
}

/// The other end.
public enum OperatorClient {
  /// Sends one request and waits for its answer.
  ///
  /// - Throws: `SocketError` when nobody answers.
  public static func call(_ path: String, _ request: JSON) throws -> JSON {
    let descriptor = try UnixSocket.make(path)
    defer { close(descriptor) }
    guard try UnixSocket.withAddress(path, { connect(descriptor, $0, $1) }) == 0 else {
      throw SocketError(
        path: path, message: "the running engine does not answer on its socket: \(String(cString: strerror(errno)))")
    }
    UnixSocket.limitTime(descriptor, seconds: OperatorSocket.timeoutSeconds * 2)
    var line = JSONWriter.compact(request)
    line.append(UInt8(ascii: "\n"))
    // One that refuses a long request answers before it has read all of it: then writing fails and there is an answer.
    _ = UnixSocket.writeAll(descriptor, line)
    guard let answer = UnixSocket.readLine(descriptor),
      let json = try? JSONParser.parse(answer, limits: JSONLimits(maximumBytes: OperatorSocket.maximumLineBytes))
    else {
      throw SocketError(path: path, message: "the running engine closed the connection without an answer")
    }
    return json
  }
}

enum UnixSocket {
  static func make(_ path: String) throws -> Int32 {
    #if canImport(Darwin)
      let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
    #else
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    #endif
    guard descriptor >= 0 else {
      throw SocketError(path: path, message: "no socket can be made: \(String(cString: strerror(errno)))")
    }
    return descriptor
  }

  static func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) throws
    -> Result
  {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    guard bytes.count <= room else {
      throw SocketError(path: path, message: "the path is longer than the \(room) bytes a socket may have")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  static func limitTime(_ descriptor: Int32, seconds: Int) {
    var time = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
  }

  /// What came before the end of a line.
  enum Reading {
    case line([UInt8])
    /// The line has no end within `OperatorSocket.maximumLineBytes`.
    case tooLong
    /// The peer closed early, or is too slow.
    case closed
  }

  static func read(_ descriptor: Int32) -> Reading {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while line.count < OperatorSocket.maximumLineBytes {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return .closed }
      if let end = buffer[..<count].firstIndex(of: UInt8(ascii: "\n")) { return .line(line + buffer[..<end]) }
      line += buffer[..<count]
    }
    return .tooLong
  }

  /// nil when there is no whole line.
  static func readLine(_ descriptor: Int32) -> [UInt8]? {
    if case .line(let line) = read(descriptor) { line } else { nil }
  }

  /// Reads on until the peer closes or has sent as much again: closing with unread bytes would take back the answer.
  static func drain(_ descriptor: Int32) {
    shutdown(descriptor, Int32(SHUT_WR))
    limitTime(descriptor, seconds: 1)
    var left = OperatorSocket.maximumLineBytes
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while left > 0 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      left -= count
    }
  }

  static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress! + start, bytes.count - start, flags) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return false }
      start += count
    }
    return true
  }
}
