import Foundation
import SagaCore
import Testing

@Suite("A file that cannot be written") struct UnwritableFileTests {
  private static let broken = Command.repository.appendingPathComponent(
    "Fixtures/definitions/unsafe/undo-without-the-id.json"
  ).path

  @Test("is named by saga simulate before any seed is run")
  func traceBeforehand() throws {
    let world = try CommandLineWorld()
    try world.folder.makeFolder("folder")
    try world.write("file", "")
    let traces = [
      ("no/such/found.trace.json", "there is no directory no/such"), ("folder", "it is a directory"),
      ("file/found.trace.json", "file is a file"),
    ]
    for (trace, cause) in traces {
      let refused = try world.saga("simulate", Self.broken, "--seeds", "100", "--no-shrink", "--trace", trace)
      refused.expectRefusal(3, mentioning: "\(trace): --trace cannot be written: \(cause)")
      #expect(refused.output.isEmpty)
    }
  }

  @Test(
    "takes nothing from what saga simulate has found, which is told first",
    .enabled(if: UnwritableFileTests.hasFullDevice))
  func traceAfterwards() throws {
    let world = try CommandLineWorld()
    let arguments = ["simulate", Self.broken, "--seeds", "100", "--no-shrink", "--trace", "/dev/full"]
    let told = try world.saga(arguments)
    #expect(told.code == 1)
    #expect(told.output.contains("VIOLATION settles") && told.output.contains("\nseed "))
    #expect(!told.output.contains("again: saga replay"))
    #expect(told.errors.contains("/dev/full: the trace of seed ") && told.errors.contains("another --trace"))
    let counted = try world.saga(arguments + ["--json"])
    #expect(counted.code == 1)
    let report = try #require(try counted.json().first)
    #expect(report["oracle"] == "settles" && report["trace"]?.isNull == true)
    #expect(report["traceFault"]?.stringValue?.contains("/dev/full") == true)
  }

  static let hasFullDevice = FileManager.default.fileExists(atPath: "/dev/full")

  @Test("is named by saga prune, which deletes nothing")
  func archive() throws {
    let world = try CommandLineWorld.withOrders()
    let path = world.folder.path("archive.pipe")
    try #require(mkfifo(path, 0o644) == 0)
    // Somebody has to hold the other end, or opening it would wait.
    let reader = open(path, O_RDWR)
    try #require(reader >= 0)
    defer { close(reader) }
    let prune = ["prune", "--db", "orders.db", "--older-than", "1h", "--at", "2026-01-06T10:30:00Z"]
    for name in ["archive.pipe", "/dev/null"] {
      try world.saga(prune + ["--archive", name]).expectRefusal(
        3, mentioning: "\(name): the archive has no end to append to", "a plain file")
    }
    #expect(try !world.saga("history", "--db", "orders.db", "o-1").output.contains("pruned"))
  }

  @Test("is named with the directory that is missing, or with what stands in its place")
  func causes() throws {
    let world = try CommandLineWorld.withOrders()
    try world.folder.makeFolder("folder")
    try world.write("file", "")
    func history(_ file: String) -> [String] { ["history", "--db", "orders.db", "o-1", "--export", file] }
    func run(_ option: String, _ file: String) -> [String] {
      let base = ["run", "--db", "orders.db", "--definitions", "orders.json"]
      return base + ["--participants", "orders.scenario.json", option, file]
    }
    func prune(_ file: String) -> [String] {
      ["prune", "--db", "orders.db", "--older-than", "1d", "--archive", file]
    }
    let refusals: [(arguments: [String], says: String)] = [
      (history("folder"), "folder: cannot be written: it is a directory; name a file in it"),
      (history("nodir/x"), "nodir/x: cannot be written: there is no directory nodir; make it first"),
      (["init", "x", "--directory", "file"], "file/x.json: cannot be written: file is a file, and a directory"),
      (["init", "x", "--directory", "nodir"], "nodir/x.json: cannot be written: there is no directory nodir"),
      (
        ["generate", "swift", "orders.json", "--output", "file"],
        "file/orders.saga.swift: cannot be written: file is a file, and a directory is needed"
      ),
      (prune("nodir/x"), "nodir/x: the archive cannot be opened: there is no directory nodir"),
      (prune("folder"), "folder: the archive cannot be opened: it is a directory"),
      (run("--output", "nodir/x"), "nodir/x: the output cannot be opened: there is no directory nodir"),
      (run("--output", "folder"), "folder: the output cannot be opened: it is a directory"),
      (run("--ledger", "nodir/x"), "nodir/x: the ledger cannot be opened: there is no directory nodir"),
      (run("--ledger", "/dev/null"), "/dev/null: is no plain file"),
      (["backup", "--db", "orders.db", "nodir/x.db"], "nodir/x.db: there is no directory nodir; create it first"),
    ]
    for (arguments, says) in refusals {
      let refused = try world.saga(arguments)
      refused.expectRefusal(3, mentioning: "saga: \(says)")
      for foreign in ["NSCocoa", "operation could", "partial-"] { #expect(!refused.errors.contains(foreign)) }
    }
  }
}
