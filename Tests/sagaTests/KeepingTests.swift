import CSQLite
import Foundation
import SagaCore
import Testing

@Suite("saga backup, restore and prune") struct KeepingTests {
  private let world: CommandLineWorld
  init() throws { world = try CommandLineWorld.withOrders() }

  @Test("a backup is refused by engines until it is restored, then runs under a new epoch")
  func backup() throws {
    try world.saga("backup", "--db", "orders.db", "copy.db").expectDone()
    try world.saga("backup", "--db", "orders.db", "copy.db").expectRefusal(3, mentioning: "exists already")
    try world.saga("run", "--db", "copy.db", "--definitions", "orders.json").expectRefusal(
      3, mentioning: "saga restore")
    #expect(try world.saga("list", "--db", "copy.db", "--json").json().count == 10)
    let restored = try world.saga("restore", "copy.db")
    restored.expectDone()
    #expect(restored.output.contains("Rewind the broker"))
    try world.saga("run", "--db", "copy.db", "--definitions", "orders.json").expectDone()
    let epoch = try #require(try world.saga("stats", "--db", "copy.db", "--json").json().first?["epoch"]?.intValue)
    #expect(epoch > 2)
    #expect(restored.output.contains("epoch \(epoch)"))
  }

  @Test("a backup that is copied over a database whose engine was killed is restored without that database's log")
  func foreignLog() throws {
    try world.saga("backup", "--db", "orders.db", "copy.db").expectDone()
    // What an engine leaves that is killed before it has moved its log into the database.
    var handle: OpaquePointer?
    try #require(sqlite3_open(world.folder.path("orders.db"), &handle) == SQLITE_OK)
    try #require(
      sqlite3_exec(
        handle, "PRAGMA wal_autocheckpoint=0; DELETE FROM instance_key; UPDATE instance SET key='other'", nil, nil, nil)
        == SQLITE_OK)
    let log = FileManager.default.contents(atPath: world.folder.path("orders.db-wal")) ?? Data()
    sqlite3_close(handle)
    try #require(!log.isEmpty)
    let copy = try #require(FileManager.default.contents(atPath: world.folder.path("copy.db")))
    try world.write("orders.db", Array(copy))
    try world.write("orders.db-wal", Array(log))

    try world.saga("list", "--db", "orders.db").expectRefusal(3, mentioning: "orders.db-wal", "saga restore")
    try world.saga("run", "--db", "orders.db", "--definitions", "orders.json").expectRefusal(
      3, mentioning: "orders.db-wal", "saga restore")
    try world.saga("restore", "orders.db").expectDone()
    let keys = try world.saga("list", "--db", "orders.db", "--json").json().compactMap { $0["key"]?.stringValue }
    #expect(keys == (1...10).map { "o-\($0)" })
    try world.saga("show", "--db", "orders.db", "o-7").expectDone()
  }

  @Test("prune archives before it deletes, and leaves open sagas alone")
  func prune() throws {
    let open = CommandLineWorld.order("open", key: "open-1")
    try world.saga("send", "--db", "orders.db", open, "--at", "2026-01-06T09:00:00Z").expectDone()
    let journal = try #require(
      try world.saga("stats", "--db", "orders.db", "--json").json().first?["lastSequence"]?.intValue)
    let pruned = try world.saga(
      "prune", "--db", "orders.db", "--older-than", "1h", "--at", "2026-01-06T10:30:00Z", "--archive", "old.jsonl",
      "--json")
    pruned.expectDone()
    let archived = try #require(try pruned.json().first?["archived"]?.intValue)
    let lines = try world.read("old.jsonl").split(separator: "\n")
    #expect(archived > 30 && archived < journal)
    #expect(lines.count == archived)
    let rows = try lines.map { try JSONParser.parse(Array($0.utf8)) }
    #expect(rows.contains { $0["input"]?["type"] == "OrderPlaced" })
    #expect(rows.allSatisfy { $0["shard"] == nil }, "there is one file only")
    try world.saga("show", "--db", "orders.db", "open-1").expectDone()
    #expect(try world.saga("history", "--db", "orders.db", "o-1").output.contains("pruned"))
    // What is left of it can be asked for, and what is gone is said.
    let completed = try world.saga("list", "--db", "orders.db", "--status", "completed", "--json").json().count
    #expect(completed == 5)
    let condition = "status == 'completed' && saga.key.startsWith('o-')"
    #expect(try world.saga("list", "--db", "orders.db", "--where", condition, "--json").json().count == completed)
    let gone = try world.saga("list", "--db", "orders.db", "--where", "data.totalCents > 0")
    #expect(gone.errors.contains("--where has no answer for 10 sagas") && gone.errors.contains("was pruned"))
    // The key and the message are still known.
    let again = CommandLineWorld.order("placed-1", key: "o-1")
    #expect(try world.saga("send", "--db", "orders.db", again).output.contains("o-1"))
  }

  @Test("an archive database is looked at like any other, and no engine goes on with it")
  func archiveDatabase() throws {
    let open = CommandLineWorld.order("open", key: "open-1")
    try world.saga("send", "--db", "orders.db", open, "--at", "2026-01-06T09:00:00Z").expectDone()
    let before = try world.saga("history", "--db", "orders.db", "o-1").output
    let listed = try world.saga("list", "--db", "orders.db", "--json").json()
    let prune = ["prune", "--db", "orders.db", "--older-than", "1h", "--at", "2026-01-06T10:30:00Z"]
    try world.saga(prune + ["--archive-db", "orders.db"]).expectRefusal(2, mentioning: "orders.db", "another file")
    try world.saga(prune + ["--archive", "a", "--archive-db", "b"]).expectRefusal(2, mentioning: "choose one")
    let pruned = try world.saga(prune + ["--archive-db", "old.db", "--json"])
    pruned.expectDone()
    #expect(try pruned.json().first?["archived"]?.intValue ?? 0 > 30)
    #expect(try world.saga("history", "--db", "old.db", "o-1").output == before)
    #expect(try world.saga("list", "--db", "old.db", "--json").json() == listed.filter { $0["key"] != "open-1" })
    #expect(try world.saga("show", "--db", "old.db", "open-1").code == 1)
    try world.saga("run", "--db", "old.db", "--definitions", "orders.json").expectRefusal(3, mentioning: "archive")
    try world.saga("restore", "old.db").expectRefusal(3, mentioning: "archive")
    // A second pruning adds to it; nothing is left to prune.
    try world.saga(prune + ["--archive-db", "old.db"]).expectDone()
    try world.saga("backup", "--db", "orders.db", "copy.db").expectDone()
    try world.saga(prune + ["--archive-db", "copy.db"]).expectRefusal(3, mentioning: "copy.db", "no archive")
  }

  @Test(
    "an archive is for nobody to read who may not read the database",
    arguments: [["--archive", "old.jsonl"], ["--archive-db", "old.db"]], [0o600, 0o640])
  func archivePermissions(option: [String], ofDatabase given: Int) throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: given], ofItemAtPath: world.folder.path("orders.db"))
    let prune = ["prune", "--db", "orders.db", "--older-than", "1h", "--at", "2026-01-06T10:30:00Z"]
    try world.saga(prune + option).expectDone()
    let attributes = try FileManager.default.attributesOfItem(atPath: world.folder.path(option[1]))
    #expect(attributes[.posixPermissions] as? Int == given)
    #expect(FileManager.default.contents(atPath: world.folder.path(option[1]))?.isEmpty == false)
    // What the user has set since is kept.
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: world.folder.path(option[1]))
    try world.saga(prune + option).expectDone()
    let kept = try FileManager.default.attributesOfItem(atPath: world.folder.path(option[1]))
    #expect(kept[.posixPermissions] as? Int == 0o644)
  }

  @Test("an archive that a link leads to is made with the permissions of the database, and the link stays one")
  func archiveBehindLink() throws {
    try world.folder.makeFolder("archives")
    for (link, target) in [("old.jsonl", "archives/o.jsonl"), ("old.db", "archives/o.db")] {
      try FileManager.default.createSymbolicLink(
        atPath: world.folder.path(link), withDestinationPath: world.folder.path(target))
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: world.folder.path("orders.db"))
    let prune = ["prune", "--db", "orders.db", "--older-than", "1h", "--at", "2026-01-06T10:30:00Z"]
    try world.saga(prune + ["--archive", "old.jsonl"]).expectDone()
    try world.saga(prune + ["--archive-db", "old.db"]).expectDone()
    for target in ["archives/o.jsonl", "archives/o.db"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: world.folder.path(target))
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(target)")
    }
  }

  @Test(
    "wrong files are named with cause and mend",
    arguments: [
      (["backup", "--db", "nope.db", "to.db"], "nope.db"),
      (["backup", "--db", "orders.db", "no/such/to.db"], "no/such"),
      (["restore", "nope.db"], "nope.db"), (["restore", "orders.json"], "not a SQLite database"),
      (["restore", "."], "directory"),
      (["prune", "--db", "nope.db", "--older-than", "1d"], "nope.db"),
      (["prune", "--db", "orders.db", "--older-than", "1d", "--archive", "no/such"], "no/such"),
    ] as [([String], String)])
  func wrongFiles(arguments: [String], word: String) throws {
    try world.saga(arguments).expectRefusal(3, mentioning: word)
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("nope.db")))
  }
}
