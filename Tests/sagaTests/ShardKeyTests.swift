import Foundation
import SagaCore
import SagaSQLite
import Testing

@testable import SagaRuntime

@Suite("Values that sagas of a divided database record")
struct ShardKeyTests {
  /// A parcel is packed under a tracking number, by which it is tracked; some are tracked before.
  static let parcel = """
    {
      "saga": "parcel", "version": 1,
      "messages": {
        "Opened": { "key": "event.data.id" },
        "Packed": { "key": "event.data.id" },
        "Tracked": { "key": { "tracking": "event.data.tracking" }, "missing": "2h" },
        "Sent": { "key": "event.data.id" }
      },
      "data": { "type": "object", "properties": { "places": { "type": "string", "default": "" } } },
      "roles": {
        "desk": {
          "start": { "Opened": { "goto": "open" } },
          "on": { "Tracked": { "set": { "places": "data.places + event.data.place" }, "publish": { "Seen": { "id": "saga.key" } } } },
          "after": { "30d": { "goto": "lost" } },
          "states": {
            "open": { "on": { "Packed": { "correlate": { "tracking": "event.data.tracking" }, "goto": "packed" } } },
            "packed": { "on": { "Sent": { "goto": "sent" } } },
            "sent": { "final": "completed" },
            "lost": { "final": "completed" }
          }
        }
      }
    }
    """

  private static let parcels = 30

  private static func tracked(_ number: Int, _ place: String, seconds: Int) -> String {
    ShardWorld.event(
      "track-\(number)-\(place)", "Tracked", #"{"tracking":"n\#(number)","place":"\#(place)"}"#, seconds: seconds)
  }

  /// Every third parcel is tracked twice before it is packed; every message by a value comes twice.
  static func input() -> [String] {
    var lines: [String] = []
    for number in 0..<parcels {
      let time = number * 20
      lines.append(ShardWorld.event("open-\(number)", "Opened", #"{"id":"p\#(number)"}"#, seconds: time))
      if number % 3 == 0 {
        for place in ["a", "b"] { lines.append(tracked(number, place, seconds: time + 1)) }
      }
      lines.append(
        ShardWorld.event(
          "pack-\(number)", "Packed", #"{"id":"p\#(number)","tracking":"n\#(number)"}"#, seconds: time + 2))
      for place in ["c", "d", "c"] { lines.append(tracked(number, place, seconds: time + 3)) }
      lines.append(ShardWorld.event("send-\(number)", "Sent", #"{"id":"p\#(number)"}"#, seconds: time + 4))
      // Late, and nobody's.
      lines.append(tracked(number, "e", seconds: time + 5))
      lines.append(
        ShardWorld.event("x-\(number)", "Tracked", #"{"tracking":"x\#(number)","place":"x"}"#, seconds: time + 5))
    }
    return lines
  }

  private func letters(_ world: ShardWorld, _ name: String) throws -> [String] {
    try world.saga("dlq", "list", "--db", "\(name).db", "--json").json().map {
      "\($0["code"]?.stringValue ?? "") \($0["message"]?.stringValue ?? "")"
    }.sorted()
  }

  @Test("find their sagas in whichever shard they are, early, late and again, as undivided ones do")
  func sameAsUndivided() throws {
    let world = try ShardWorld([ShardKeyTests.parcel])
    try world.write("in.jsonl", ShardKeyTests.input())
    try world.run("whole", shards: 1)
    try world.run("divided", shards: 4)
    let (whole, divided) = (try ShardOutcome(world.folder, "whole"), try ShardOutcome(world.folder, "divided"))
    #expect(whole.states.count == ShardKeyTests.parcels && !divided.counts.contains(0))
    for (name, state) in whole.states.sorted(by: { $0.key < $1.key }) {
      #expect(divided.states[name] == state, "\(name)")
      #expect(divided.histories[name]?.count == whole.histories[name]?.count, "\(name)")
    }
    #expect(whole.states["parcel/desk/p0"]?.data["places"] == "abcd")
    #expect(divided.published == whole.published)
    #expect(try letters(world, "divided") == letters(world, "whole"))
    #expect(try letters(world, "whole").count == ShardKeyTests.parcels)
  }

  @Test("belong to one saga: a claim from another shard is a dead letter, and leaves its saga as it was")
  func taken() throws {
    let world = try ShardWorld([ShardKeyTests.parcel])
    var lines: [String] = []
    for number in 0..<8 {
      lines.append(ShardWorld.event("open-\(number)", "Opened", #"{"id":"p\#(number)"}"#, seconds: number))
    }
    for number in 0..<8 {
      lines.append(
        ShardWorld.event("pack-\(number)", "Packed", #"{"id":"p\#(number)","tracking":"one"}"#, seconds: 10 + number))
    }
    lines.append(ShardWorld.event("track", "Tracked", #"{"tracking":"one","place":"a"}"#, seconds: 30))
    try world.write("in.jsonl", lines)
    try world.run("divided", shards: 4, linger: "0s")
    let states = try ShardOutcome(world.folder, "divided").states
    #expect(states["parcel/desk/p0"]?.data["places"] == "a")
    for number in 1..<8 {
      let state = try #require(states["parcel/desk/p\(number)"])
      #expect(state.correlations.isEmpty && state.data["places"] == "")
    }
    let letters = try letters(world, "divided")
    #expect(letters.count == 7 && letters.allSatisfy { $0.hasPrefix("key.taken ") })
  }

  @Test("are found after kills and after a division in the middle")
  func killedAndDivided() throws {
    let world = try ShardWorld([ShardKeyTests.parcel])
    let lines = ShardKeyTests.input()
    try world.write("in.jsonl", lines)
    // Ends between the early messages of a parcel and its packing: they wait in the file that is divided.
    let cut = try #require(lines.lastIndex { $0.contains("track-15-b") })
    try world.write("half.jsonl", Array(lines[...cut]))
    try world.run("whole", shards: 1)
    try world.run("divided", shards: 1, input: "half.jsonl", linger: "0s")
    try world.saga("reshard", "--db", "divided.db", "--shards", "3").expectDone()
    var random = SplitMix(seed: 5)
    for _ in 0..<6 {
      let process = try world.command("divided", shards: 3).start()
      process.standardError = FileHandle.nullDevice
      try process.run()
      // Where in a run the kill falls is left to chance; it must not matter.
      Thread.sleep(forTimeInterval: Double(20 + random.next() % 150) / 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try world.run("divided", shards: 3)
    let (whole, divided) = (try ShardOutcome(world.folder, "whole"), try ShardOutcome(world.folder, "divided"))
    #expect(divided.states.count == whole.states.count)
    for (name, state) in whole.states.sorted(by: { $0.key < $1.key }) {
      #expect(divided.states[name]?.data == state.data, "\(name)")
      #expect(divided.states[name]?.status == state.status, "\(name)")
    }
    #expect(divided.published == whole.published)
    #expect(try letters(world, "divided") == letters(world, "whole"))
  }
}
