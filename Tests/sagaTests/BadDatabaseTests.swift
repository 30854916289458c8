import CSQLite
import Foundation
import SagaCore
import Testing

/// Files that are no database, or none that may be used: through a command that reads, one that writes and one that runs.
@Suite("Bad databases") struct BadDatabaseTests {
  private static func commands(_ file: String) -> [[String]] {
    [
      ["list", "--db", file], ["send", "--db", file, CommandLineWorld.order("1", key: "k")],
      ["run", "--db", file, "--definitions", "orders.json", "--input", "orders.messages.jsonl"],
    ]
  }

  private let world: CommandLineWorld
  init() throws { world = try CommandLineWorld.withOrders() }

  private func expectRefusal(of file: String, mentioning word: String, from first: Int = 0) throws {
    for arguments in BadDatabaseTests.commands(file)[first...] {
      try world.saga(arguments).expectRefusal(3, mentioning: word)
    }
  }

  @Test("text that is no database is left alone")
  func text() throws {
    try world.write("text.db", "once upon a time, there was a file that was long enough to be looked at by SQLite\n")
    let before = try world.read("text.db")
    try expectRefusal(of: "text.db", mentioning: "text.db")
    #expect(try world.read("text.db") == before)
  }

  @Test("a directory, a folder that is not there, a definition")
  func otherThings() throws {
    try world.folder.makeFolder("folder")
    try expectRefusal(of: "folder", mentioning: "directory")
    try expectRefusal(of: "no/such/file.db", mentioning: "no/such")
    try expectRefusal(of: "orders.json", mentioning: "not a SQLite database")
  }

  @Test("a database of another program, and of a newer version")
  func foreign() throws {
    try execute("other.db", "CREATE TABLE t(a); INSERT INTO t VALUES(1)")
    try expectRefusal(of: "other.db", mentioning: "another program")
    try execute("orders.db", "PRAGMA user_version=999")
    try expectRefusal(of: "orders.db", mentioning: "newer version")
  }

  @Test("a read-only file can be read and not written")
  func readOnly() throws {
    let path = world.folder.path("orders.db")
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    try world.saga("list", "--db", "orders.db").expectDone()
    try expectRefusal(of: "orders.db", mentioning: "read-only", from: 1)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
  }

  @Test("a damaged file is said to be damaged, not trusted")
  func damaged() throws {
    let path = world.folder.path("orders.db")
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    for index in 100..<min(bytes.count, 60_000) { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    try world.write("damaged.db", bytes)
    for arguments in BadDatabaseTests.commands("damaged.db") {
      try world.saga(arguments).expectRefusal(3, mentioning: "damaged.db")
    }
  }

  @Test("a file that may not grow any more stops the run; nothing is lost when there is room again")
  func full() throws {
    let orders = (0..<1500).map { CommandLineWorld.order("more-\($0)", key: "more-\($0)") }
    try world.write("more.jsonl", orders.joined(separator: "\n"))
    let run = "run --db full.db --definitions orders.json --input more.jsonl --output full.jsonl"
    // At most 400 kB a file; without the signal a write beyond it fails, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 800; exec '\(Command.executable.path)' \(run)"
    let refused = try Command(["-c", script], in: world.folder.url, executable: URL(fileURLWithPath: "/bin/sh")).run()
    refused.expectRefusal(3, mentioning: "full.db")
    let published = try world.read("full.jsonl").split(separator: "\n").count
    #expect(try world.saga("list", "--db", "full.db", "--json").json().count >= published)
    try world.saga(run.split(separator: " ").map(String.init)).expectDone()
    #expect(try world.saga("list", "--db", "full.db", "--json").json().count == 1500)
    let ids = try world.read("full.jsonl").split(separator: "\n").map {
      try JSONParser.parse(Array($0.utf8))["id"]?.stringValue
    }
    #expect(Set(ids).count == 1500)
  }

  private func execute(_ name: String, _ sql: String) throws {
    var handle: OpaquePointer?
    try #require(sqlite3_open(world.folder.path(name), &handle) == SQLITE_OK)
    defer { sqlite3_close(handle) }
    #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
  }
}
