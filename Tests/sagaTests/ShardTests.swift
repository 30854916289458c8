import Foundation
import SagaCore
import SagaSQLite
import Testing

@testable import SagaRuntime

@Suite("A divided database")
struct ShardTests {
  /// A trip asks a hotel for a room; the hotel's sagas have keys of their own, mostly of another shard.
  static let trip = """
    { "saga": "trip", "version": 1,
      "messages": { "TripRequested": { "key": "event.data.id" }, "HotelBooked": { "key": "event.data.trip" },
        "HotelFailed": { "key": "event.data.trip" } },
      "start": { "TripRequested": {} },
      "steps": [ { "step": "hotel", "call": "BookHotel", "with": { "room": "saga.key + '/room'", "trip": "saga.key" },
        "reply": { "HotelBooked": {}, "HotelFailed": { "fail": "'no hotel'" } }, "timeout": "1h", "undo": "none" } ],
      "completed": { "publish": { "TripDone": {} } }, "compensated": { "publish": { "TripOff": {} } } }
    """
  static let hotel = """
    { "saga": "hotel", "version": 1,
      "messages": { "BookHotel": { "key": "event.data.room" }, "RoomGiven": { "key": "event.data.room" } },
      "data": { "type": "object", "properties": { "trip": { "type": "string", "default": "" } } },
      "start": { "BookHotel": { "set": { "trip": "event.data.trip" } } },
      "steps": [ { "step": "room", "call": "AskRoom", "to": "desk", "with": { "room": "saga.key" },
        "reply": { "RoomGiven": {} }, "timeout": "10m", "undo": "none" } ],
      "completed": { "publish": { "HotelBooked": { "trip": "data.trip" } } },
      "compensated": { "publish": { "HotelFailed": { "trip": "data.trip" } } } }
    """
  static let desk = """
    { "participants": { "desk": { "AskRoom": [
      { "reply": "RoomGiven", "data": { "room": "command.data.room" }, "latency": "1s", "weight": 3 },
      { "reply": "RoomGiven", "data": { "room": "command.data.room" }, "latency": "2s", "weight": 1, "twice": true },
      { "silent": true, "weight": 1 } ] } } }
    """
  /// What one asker publishes begins two helpers of other keys, in one message; each answers.
  static let helpers = """
    {
      "saga": "help", "version": 1,
      "messages": { "Asked": { "key": "event.data.id" }, "Called": { "key": "[event.data.id + '/l', event.data.id + '/r']" },
        "Answered": { "key": "event.data.id" } },
      "data": { "type": "object", "properties": { "answers": { "type": "integer", "default": 0 } } },
      "roles": {
        "asker": {
          "start": { "Asked": { "publish": { "Called": { "id": "saga.key" } }, "goto": "waiting" } },
          "states": {
            "waiting": { "on": { "Answered": [
              { "when": "data.answers == 1", "set": { "answers": "2" }, "goto": "done" },
              { "set": { "answers": "data.answers + 1" } } ] }, "after": { "1d": { "goto": "done" } } },
            "done": { "final": "completed" }
          }
        },
        "helper": {
          "start": { "Called": { "publish": { "Answered": { "id": "event.data.id" } }, "goto": "done" } },
          "states": { "done": { "final": "completed" } }
        }
      }
    }
    """

  @Test(
    "has the sagas, histories, effects and messages of an undivided one over the same input",
    arguments: ["order-fulfillment", "order-choreography"])
  func sameAsUndivided(name: String) throws {
    let world = try ShardWorld(shipped: name)
    try world.write("in.jsonl", ShardWorld.orders(60))
    try world.run("whole", shards: nil)
    try world.run("divided", shards: 3)
    let (whole, divided) = (try ShardOutcome(world.folder, "whole"), try ShardOutcome(world.folder, "divided"))
    #expect(whole.counts.count == 1 && divided.counts.count == 3 && !divided.counts.contains(0))
    #expect(Set(whole.states.values.map(\.status)).count > 1, "several ends were reached")
    divided.expectSame(as: whole)
  }

  @Test("starts children whose keys belong to other shards, once each, and hears their answers")
  func children() throws {
    let world = try ShardWorld([ShardTests.trip, ShardTests.hotel], scenario: ShardTests.desk)
    try world.write(
      "in.jsonl", (0..<40).map { ShardWorld.event("t\($0)", "TripRequested", "{\"id\":\"t\($0)\"}", seconds: $0) })
    try world.run("whole", shards: 1)
    try world.run("divided", shards: 4)
    let (whole, divided) = (try ShardOutcome(world.folder, "whole"), try ShardOutcome(world.folder, "divided"))
    #expect(whole.states.count == 80)
    #expect(whole.states.values.allSatisfy { $0.status == .completed })
    divided.expectSame(as: whole)
  }

  @Test("brings one message to the sagas of several shards")
  func severalKeys() throws {
    let world = try ShardWorld([ShardTests.helpers])
    try world.write(
      "in.jsonl", (0..<30).map { ShardWorld.event("a\($0)", "Asked", "{\"id\":\"a\($0)\"}", seconds: $0) })
    try world.run("whole", shards: 1)
    try world.run("divided", shards: 5)
    let (whole, divided) = (try ShardOutcome(world.folder, "whole"), try ShardOutcome(world.folder, "divided"))
    #expect(whole.states.count == 90)
    #expect(whole.states.values.allSatisfy { $0.status == .completed })
    #expect(divided.states.keys.sorted() == whole.states.keys.sorted())
    // Which of its two helpers answers first is not said: only what came of it is compared.
    for (name, state) in whole.states {
      #expect(divided.states[name]?.status == state.status)
      #expect(divided.states[name]?.data == state.data)
      #expect(divided.histories[name]?.count == whole.histories[name]?.count)
    }
  }

  @Test("killed again and again ends as one that never was")
  func killed() throws {
    let world = try ShardWorld(shipped: "order-choreography")
    try world.write("in.jsonl", ShardWorld.orders(150))
    let started = Date()
    try world.run("reference", shards: 2)
    let milliseconds = Date().timeIntervalSince(started) * 1000
    var random = SplitMix(seed: 7)
    for _ in 0..<6 {
      let process = try world.command("killed", shards: 2).start()
      process.standardError = FileHandle.nullDevice
      try process.run()
      // Where in a run the kill falls is left to chance; it must not matter.
      Thread.sleep(forTimeInterval: (15 + Double(random.next() % 900) / 1000 * milliseconds) / 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try world.run("killed", shards: nil)
    let (reference, killed) = (try ShardOutcome(world.folder, "reference"), try ShardOutcome(world.folder, "killed"))
    #expect(reference.states.count >= 150 && !reference.counts.contains(0))
    killed.expectSame(as: reference)
  }
}
