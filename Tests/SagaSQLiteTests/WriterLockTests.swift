import Foundation
import SagaCore
import Testing

@testable import SagaSQLite

@Suite struct WriterLockTests {
  let folder = Folder()

  @Test("a second writer is refused with the owner's pid, until the first one closes") func secondWriter() throws {
    let first = try folder.writer()
    let failure = openFailure { _ = try folder.writer() }
    guard case .locked(let owner?, _)? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect(owner.processID == getpid())
    #expect(owner.socketPath == first.lock?.socketPath)
    #expect("\(failure!)".contains("process \(getpid())"))
    first.close()
    _ = try folder.writer()
  }

  @Test("a writer that is released gives its lock back") func released() throws {
    do { _ = try folder.writer() }
    _ = try folder.writer()
  }

  @Test("the lock file stays, is private to the opener's descriptors, and says who holds it") func owner() throws {
    #expect(try WriterLock.owner(ofDatabase: folder.database) == nil)
    let store = try folder.writer()
    let owner = try #require(try WriterLock.owner(ofDatabase: folder.database))
    #expect(owner.processID == getpid())
    #expect(!owner.host.isEmpty)
    #expect(owner.socketPath == store.path + ".sock")
    let line = try String(contentsOfFile: folder.database + ".lock", encoding: .utf8)
    #expect(line.hasPrefix("{\"pid\":\(getpid()),") && line.hasSuffix("}\n"))
    store.close()
    #expect(try WriterLock.owner(ofDatabase: folder.database) == nil)
    #expect(FileManager.default.fileExists(atPath: folder.database + ".lock"))
  }

  @Test("a name of the same file has the same lock") func symbolicLink() throws {
    let store = try folder.writer()
    let link = folder.file("other-name.db")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.database)
    let failure = openFailure { _ = try SQLiteStore(path: link, options: Folder.options) }
    guard case .locked? = failure?.cause else {
      Issue.record("\(failure as Any)")
      return
    }
    #expect(try WriterLock.owner(ofDatabase: link)?.socketPath == store.lock?.socketPath)
  }

  @Test(
    "the lock ends with the process that holds it",
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/flock")))
  func dies() throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    // One process, which holds the lock from its first word on.
    child.arguments = ["-F", folder.database + ".lock", "sh", "-c", "echo held; exec sleep 60"]
    let output = Pipe()
    child.standardOutput = output
    try child.run()
    _ = try output.fileHandleForReading.read(upToCount: 5)
    let failure = openFailure { _ = try folder.writer() }
    guard case .locked(nil, let lockFile)? = failure?.cause else {
      Issue.record("\(failure as Any)")
      kill(child.processIdentifier, SIGKILL)
      return
    }
    #expect(lockFile.hasSuffix("saga.db.lock"))
    #expect(throws: StoreOpenError.self) { try WriterLock.owner(ofDatabase: folder.database) }
    kill(child.processIdentifier, SIGKILL)
    _ = try folder.writer { $0.lockWaitMilliseconds = 5_000 }
  }

  #if os(Linux)
    @Test("a lock file that cannot be written is named, and the lock is free again") func unwritable() throws {
      let lockFile = folder.database + ".lock"
      // It can be locked, and has no length that could be changed.
      try FileManager.default.createSymbolicLink(atPath: lockFile, withDestinationPath: "/dev/full")
      let database = folder.database
      for _ in 1...2 {
        let failure = openFailure { _ = try WriterLock(database: database, waitMilliseconds: 5_000) }
        guard case .lockFile(let named, _)? = failure?.cause else {
          Issue.record("\(failure as Any)")
          return
        }
        #expect(named.hasSuffix("saga.db.lock"))
      }
      try FileManager.default.removeItem(atPath: lockFile)
      _ = try folder.writer()
    }
  #endif

  @Test("a starter waits for the lock") func waits() throws {
    let held = try WriterLock(database: folder.database, waitMilliseconds: 0)
    let path = folder.database
    let result = Lock.Result()
    let starter = Thread {
      result.set(Result { try WriterLock(database: path, waitMilliseconds: 10_000).path })
    }
    starter.start()
    usleep(50_000)
    #expect(result.value == nil)
    withExtendedLifetime(held) {}
    _ = consume held
    #expect(try result.wait().get().hasSuffix(".lock"))
  }

  @Test("a socket path that no address holds moves to a private folder, which the lock file names")
  func longSocketPath()
    throws
  {
    let deep = folder.file(String(repeating: "d", count: 100))
    try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
    let store = try SQLiteStore(path: deep + "/saga.db", options: Folder.options)
    let socket = try #require(store.lock?.socketPath)
    #expect(socket.utf8.count <= 100)
    let directory = (socket as NSString).deletingLastPathComponent
    let attributes = try FileManager.default.attributesOfItem(atPath: directory)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    #expect(try WriterLock.owner(ofDatabase: store.path)?.socketPath == socket)
    let other = try SQLiteStore(path: deep + "/other.db", options: Folder.options)
    #expect(other.lock?.socketPath != socket)
  }

  @Test("a socket path that is given is used") func givenSocketPath() throws {
    let store = try folder.writer { $0.socketPath = "/tmp/operator.sock" }
    #expect(store.lock?.socketPath == "/tmp/operator.sock")
  }

  @Test(
    "a line that is no owner is none",
    arguments: ["", "\n", "{\"pid\":1}\n", "not json\n", "{\"pid\":1,\"host\":\"h\""])
  func lines(_ text: String) {
    #expect(LockOwner(line: Array(text.utf8)) == nil)
  }

  @Test("an owner comes back from its line") func line() {
    let owner = LockOwner(
      processID: 7, host: "a \"host\"\n", startedAt: Timestamp(milliseconds: 5), socketPath: "/tmp/ü.sock")
    #expect(LockOwner(line: owner.line) == owner)
  }
}

/// What another thread answers.
private enum Lock {
  /// Guarded by its condition.
  final class Result: @unchecked Sendable {
    private let condition = NSCondition()
    private var stored: Swift.Result<String, any Error>?

    var value: Swift.Result<String, any Error>? { condition.withLock { stored } }

    func set(_ result: Swift.Result<String, any Error>) {
      condition.withLock { stored = result }
      condition.broadcast()
    }

    func wait() -> Swift.Result<String, any Error> {
      condition.lock()
      defer { condition.unlock() }
      while stored == nil { condition.wait() }
      return stored!
    }
  }
}
