import Foundation
import SagaCore
import Testing

/// Files that an option names by mistake, and files that are none.
@Suite("The files that a command writes") struct NamedFileTests {
  private let world: CommandLineWorld
  init() throws { world = try CommandLineWorld.withOrders() }

  private static func run(_ more: String..., database: String = "orders.db") -> [String] {
    ["run", "--db", database, "--definitions", "orders.json", "--participants", "orders.scenario.json"] + more
  }

  private static func prune(_ more: String...) -> [String] {
    ["prune", "--db", "orders.db", "--older-than", "1h", "--at", "2026-01-06T10:30:00Z"] + more
  }

  private static func export(_ more: String...) -> [String] {
    ["history", "--db", "orders.db", "o-1", "--export"] + more
  }

  /// What lies in the folder.
  private func contents() throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: world.folder.url.path) {
      found[name] = FileManager.default.contents(atPath: world.folder.path(name))
    }
    return found
  }

  /// Arguments, and the two options whose files are one.
  private static let twice: [(arguments: [String], options: [String])] = [
    (run("--output", "orders.db"), ["--output", "--db"]),
    (run("--output", "./orders.db"), ["--output", "--db"]),
    (run("--output", "other-name.db"), ["--output", "--db"]),
    (run("--output", "orders.db-wal"), ["--output", "--db"]),
    (run("--output", "orders.db.lock"), ["--output", "--db"]),
    (["run", "--db", "new.db", "--definitions", "orders.json", "--output", "new.db"], ["--output", "--db"]),
    (
      ["run", "--db", "new.db", "--shards", "3", "--definitions", "orders.json", "--output", "new.db.shard-2"],
      ["--output", "--db"]
    ),
    (["run", "--db", "new.db", "--definitions", ".", "--output", "orders.json"], ["--output", "--definitions"]),
    (run("--ledger", "orders.json"), ["--ledger", "--definitions"]),
    (run("--ledger", "orders.scenario.json"), ["--ledger", "--participants"]),
    (run("--ledger", "both.jsonl", "--output", "both.jsonl"), ["--ledger", "--output"]),
    (run("--input", "orders.messages.jsonl", "--output", "orders.messages.jsonl"), ["--output", "--input"]),
    (export("orders.db"), ["--export", "--db"]),
    (export("orders.db-wal"), ["--export", "--db"]),
    (prune("--archive", "orders.db"), ["--archive", "--db"]),
    (prune("--archive", "orders.db-wal"), ["--archive", "--db"]),
    (prune("--archive-db", "orders.db-journal"), ["--archive-db", "--db"]),
    (["backup", "--db", "orders.db", "orders.db-wal"], ["the copy", "--db"]),
    (["simulate", "orders.json", "--trace", "orders.json"], ["--trace", "the definition"]),
    (["simulate", "orders.json", "--trace", "orders.scenario.json"], ["--trace", "the scenario"]),
  ]

  @Test("are none that it reads or writes otherwise: both options are named, and nothing is written")
  func apart() throws {
    try FileManager.default.createSymbolicLink(
      atPath: world.folder.path("other-name.db"), withDestinationPath: world.folder.path("orders.db"))
    let before = try contents()
    for (arguments, options) in NamedFileTests.twice {
      let result = try world.saga(arguments)
      result.expectRefusal(2, mentioning: options[0], options[1], "another file")
      #expect(try contents() == before, "\(arguments)")
    }
  }

  /// Arguments behind which the name of a file goes that is there already.
  private static let writing: [[String]] = [
    run("--output"), run("--ledger"), prune("--archive"), export(),
    ["simulate", "orders.json", "--seeds", "1", "--trace"],
  ]

  @Test(
    "are left as they are where they hold something else, and are named with what mends it",
    arguments: ["keep me", "keep me\n", "{\"saga\":\"mine\"}", "{\n  \"saga\": \"mine\"\n}\n", "\u{0}\u{1}binary"])
  func foreign(text: String) throws {
    try world.write("notes.txt", text)
    for arguments in NamedFileTests.writing {
      let result = try world.saga(arguments + ["notes.txt"])
      result.expectRefusal(3, mentioning: "notes.txt:")
      #expect(try world.read("notes.txt") == text, "\(arguments)")
    }
  }

  @Test("are not cut where only the last line is somebody else's")
  func foreignEnd() throws {
    let text = try world.read("orders.out.jsonl") + "keep me"
    try world.write("notes.txt", text)
    let line = text.split(separator: "\n").count
    try world.saga(NamedFileTests.run("--output", "notes.txt")).expectRefusal(
      3, mentioning: "notes.txt:\(line): is no line of `saga run`", "--output another file")
    #expect(try world.read("notes.txt") == text)
  }

  @Test(
    "go on behind their last whole line",
    arguments: ["", "{", "{\"specversion\":\"1.0\",\"id\":\"7", "{\"spec\u{0}\u{0}"])
  func torn(rest: String) throws {
    let whole = try world.read("orders.out.jsonl")
    try world.write("orders.out.jsonl", whole + rest)
    try world.write("more.jsonl", CommandLineWorld.order("more", key: "more") + "\n")
    try world.runOrders("more.jsonl").expectDone()
    let after = try world.read("orders.out.jsonl")
    #expect(after.hasPrefix(whole) && after.count > whole.count)
    for line in after.split(separator: "\n") { _ = try JSONParser.parse(Array(line.utf8)) }
  }

  @Test("are one process's at a time: a line that another one is writing is not taken for a torn one, and cut off")
  func writtenBySomebodyElse() throws {
    let half = "{\"sequence\":1}\n{\"sequence\":2,\"at\":\"20"
    try world.write("old.jsonl", half)
    let output = try world.read("orders.out.jsonl") + "{\"specversion\":\"1.0\",\"id\":\"7"
    try world.write("orders.out.jsonl", output)
    for (arguments, file, text) in [
      (NamedFileTests.prune("--archive", "old.jsonl"), "old.jsonl", half),
      (NamedFileTests.run("--output", "orders.out.jsonl"), "orders.out.jsonl", output),
    ] {
      let descriptor = open(world.folder.path(file), O_RDONLY)
      try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      try world.saga(arguments).expectRefusal(3, mentioning: file, "another process writes it", "name another file")
      #expect(try world.read(file) == text)
      close(descriptor)
      try world.saga(arguments).expectDone()
    }
  }

  @Test("an archive whose last line was torn goes on behind the whole ones")
  func tornArchive() throws {
    try world.write("old.jsonl", "{\"sequence\":1}\n{\"sequence\":2,\"at\":\"20")
    let pruned = try world.saga(NamedFileTests.prune("--archive", "old.jsonl", "--json"))
    pruned.expectDone()
    let archived = try #require(try pruned.json().first?["archived"]?.intValue)
    let rows = try world.read("old.jsonl").split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
    #expect(archived > 0 && rows.count == Int(archived) + 1)
    #expect(rows[0] == ["sequence": 1])
  }

  @Test("an earlier export and an earlier trace are written over")
  func again() throws {
    for _ in 1...2 {
      try world.saga("history", "--db", "orders.db", "o-1", "--export", "o-1.history.jsonl").expectDone()
    }
    let definition = Command.repository.appendingPathComponent(
      "Fixtures/definitions/unsafe/undo-without-the-id.json"
    ).path
    for _ in 1...2 {
      let found = try world.saga("simulate", definition, "--seeds", "100", "--no-shrink", "--trace", "a.trace.json")
      #expect(found.code == 1)
      #expect(found.output.hasSuffix("again: saga replay a.trace.json\n"))
    }
  }

  @Test("may be devices and pipes, of which nothing is cut")
  func devices() throws {
    func run(_ number: Int, _ output: String) throws -> Command.Result {
      try world.saga(
        NamedFileTests.run(
          "--input", "orders.messages.jsonl", "--clock", "events", "--linger", "2h", "--output", output,
          database: "new-\(number).db"))
    }
    try run(1, "/dev/null").expectDone()
    if FileManager.default.fileExists(atPath: "/dev/full") {
      try run(2, "/dev/full").expectRefusal(3, mentioning: "/dev/full: writing failed: ", "nothing was confirmed")
    }
    let path = world.folder.path("out.pipe")
    try #require(mkfifo(path, 0o644) == 0)
    // Somebody has to hold the other end, or what is written is gone with its writer. Reading an empty pipe fails and does not wait.
    let reader = open(path, O_RDWR | O_NONBLOCK)
    try #require(reader >= 0)
    defer { close(reader) }
    try run(3, "out.pipe").expectDone()
    var bytes = [UInt8](repeating: 0, count: 13)
    try #require(read(reader, &bytes, bytes.count) == bytes.count)
    #expect(String(decoding: bytes, as: UTF8.self) == "{\"specversion")
  }

  private static let nameless: [[String]] = [
    ["list", "--db", ""], ["run", "--db", "", "--definitions", "orders.json"], ["restore", ""],
    ["backup", "--db", "orders.db", ""], run("--output", ""), run("--ledger", ""), prune("--archive", ""),
    prune("--archive-db", ""), export(""), ["simulate", "orders.json", "--trace", ""],
    ["init", "new", "--directory", ""],
  ]

  @Test("have a name", arguments: NamedFileTests.nameless)
  func empty(arguments: [String]) throws {
    try world.saga(arguments).expectRefusal(2, mentioning: "is empty")
  }
}
