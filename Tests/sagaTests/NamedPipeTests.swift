import Foundation
import TestSupport
import Testing

@Suite("A run with named pipes")
struct NamedPipeTests {
  private let world: ShardWorld

  init() throws { world = try ShardWorld(shipped: "order-fulfillment") }

  @Test("can be asked and stopped while it waits for whoever writes its input")
  func waitsForWriter() async throws {
    try #require(mkfifo(world.folder.path("in.jsonl"), 0o600) == 0)
    try await world.command("orders", shards: nil).whileFollowing(socket: "orders.db.sock") { process in
      try world.saga("stats", "--db", "orders.db").expectDone()
      #expect(process.isRunning)
    }
  }

  @Test("that nobody reads from any more ends at the second signal, and goes on at the next start")
  func secondSignal() async throws {
    try world.write("in.jsonl", ShardWorld.orders(200))
    try #require(mkfifo(world.folder.path("orders.out"), 0o600) == 0)
    let reader = open(world.folder.path("orders.out"), O_RDWR | O_NONBLOCK)
    try #require(reader >= 0)
    let process = try world.command("orders", shards: nil).start()
    process.standardError = FileHandle.nullDevice
    try process.run()
    var before: Int32 = -1
    try await eventually("the pipe is full") {
      var waiting: Int32 = 0
      try #require(ioctl(reader, UInt(FIONREAD), &waiting) == 0 && process.isRunning)
      defer { before = waiting }
      return waiting > 32_768 && waiting == before
    }
    process.terminate()
    try await Task.sleep(for: .seconds(1))
    #expect(process.isRunning, "it waits for its reader")
    process.terminate()
    try process.waitUntilExit(withinSeconds: 60)
    close(reader)
    try FileManager.default.removeItem(atPath: world.folder.path("orders.out"))
    try world.run("orders", shards: nil)
    #expect(try world.saga("list", "--db", "orders.db", "--status", "running", "--json").json().isEmpty)
  }
}
