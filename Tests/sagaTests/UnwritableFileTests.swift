import Foundation
import Testing

@Suite("A file that cannot be written") struct UnwritableFileTests {
  @Test("is named by saga simulate, with the seed whose trace it should have become")
  func trace() throws {
    let world = try CommandLineWorld()
    let definition = Command.repository.appendingPathComponent(
      "Fixtures/definitions/unsafe/undo-without-the-id.json"
    ).path
    try world.saga("simulate", definition, "--seeds", "100", "--no-shrink", "--trace", "no/such/found.trace.json")
      .expectRefusal(3, mentioning: "no/such/found.trace.json: the trace of seed ", "--trace")
  }

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
    try world.saga(prune + ["--archive", "archive.pipe"]).expectRefusal(
      3, mentioning: "archive.pipe: the archive has no end to append to", "a plain file")
    #expect(try !world.saga("history", "--db", "orders.db", "o-1").output.contains("pruned"))
  }
}
