import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@Suite("An engine with several shards in a service", .timeLimit(.minutes(10)))
struct DividedEngineTests {
  private let folder = Folder()

  /// A trip asks a hotel for a room; the hotel's sagas have keys of their own, mostly of another shard.
  private static let definitions = [
    """
    { "saga": "trip", "version": 1,
      "messages": { "TripRequested": { "key": "event.data.id" }, "HotelBooked": { "key": "event.data.trip" } },
      "start": { "TripRequested": {} },
      "steps": [ { "step": "hotel", "call": "BookHotel", "with": { "room": "saga.key + '/room'", "trip": "saga.key" },
        "reply": { "HotelBooked": {} }, "timeout": "1h", "undo": "none" } ],
      "completed": { "publish": { "TripDone": {} } }, "compensated": { "publish": { "TripOff": {} } } }
    """,
    """
    { "saga": "hotel", "version": 1,
      "messages": { "BookHotel": { "key": "event.data.room" }, "RoomGiven": { "key": "event.data.room" } },
      "data": { "type": "object", "properties": { "trip": { "type": "string", "default": "" } } },
      "start": { "BookHotel": { "set": { "trip": "event.data.trip" } } },
      "steps": [ { "step": "room", "call": "AskRoom", "to": "desk", "with": { "room": "saga.key" },
        "reply": { "RoomGiven": {} }, "timeout": "10m", "undo": "none" } ],
      "completed": { "publish": { "HotelBooked": { "trip": "data.trip" } } },
      "compensated": { "publish": { "HotelOff": {} } } }
    """,
  ]

  private struct Room: Decodable, Sendable { var room: String }

  private func engine(
    _ database: String? = nil, shards: Int? = 3, asked: Recorder<String> = Recorder(), definitions: Int = 2
  ) throws -> SagaEngine {
    var desk = Participant("desk")
    desk.handle("AskRoom", as: Room.self) { input, _ in
      asked.append(input.room)
      return .done("RoomGiven", ["room": .string(input.room)])
    }
    let sources = DividedEngineTests.definitions.prefix(definitions).enumerated().map {
      (file: "\($0).json", source: Array($1.utf8))
    }
    return try SagaEngine(
      database: database ?? folder.database, options: Folder.options, shards: shards,
      definitions: try SagaDefinitions(sources: sources), participants: [desk])
  }

  private static func request(_ id: String, _ engine: SagaEngine) async throws {
    let address = try await engine.start("TripRequested", ["id": .string(id)], source: "/test", id: id)
    for try await change in engine.changes(of: address, after: 0)
    where change.entry.facts.contains(.closed(status: .completed)) { break }
  }

  @Test("prunes into an archive that shows by its first file what is in all of them")
  func archive() async throws {
    let path = folder.file("old.db")
    try await running(try engine()) { engine in
      for number in 0..<8 { try await Self.request("t\(number)", engine) }
      let (later, never) = (WallClock.now.advanced(byMilliseconds: 1000), Timestamp(milliseconds: 0))
      #expect(try await engine.prune(closedBefore: later, forgetBefore: never, archive: path) > 0)
      // What came after the first time is added.
      for number in 8..<16 { try await Self.request("t\(number)", engine) }
      let end = WallClock.now.advanced(byMilliseconds: 1000)
      #expect(try await engine.prune(closedBefore: end, forgetBefore: never, archive: path) > 0)
    }
    let stores = try SQLiteShards.readers(path, options: Folder.options)
    defer { for store in stores { store.close() } }
    var keys: [String] = []
    for (place, store) in zip(ShardPlace.all(of: 3), stores) {
      let views = try ShardReader(store: store).instances()
      #expect(views.allSatisfy { place.owns(Slot(key: $0.key)) })
      keys += views.map(\.key)
    }
    #expect(stores.count == 3 && Set(keys).isSuperset(of: (0..<8).map { "t\($0)" }))
  }

  @Test("moves sagas whose children are in other shards to their end, and asks each participant once")
  func children() async throws {
    let asked = Recorder<String>()
    try await running(try engine(asked: asked)) { engine in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 { group.addTask { try await Self.request("t\(number)", engine) } }
        try await group.waitForAll()
      }
      let counts = try await engine.readAll { reader in
        try reader.instances(InstanceFilter(statuses: [.completed])).count
      }
      #expect(counts.count == 3 && counts.reduce(0, +) == 40 && !counts.contains(0))
      let view = try await engine.instance(InstanceAddress(saga: "hotel", key: "t7/room"))
      #expect(view?.status == .completed)
      await #expect(throws: SagaEngineError.self) { try await engine.read { try $0.statistics() } }
      let again = try await engine.signal("TripRequested", ["id": "t3"], source: "/test", id: "t3")
      #expect(again.deliveries.map(\.outcome) == [.duplicate])
    }
    #expect(asked.values.sorted() == (0..<20).map { "t\($0)/room" }.sorted())
  }

  @Test("goes on with a database that says how many shards it has, and with a backup of all of them")
  func backup() async throws {
    let copy = folder.file("copy.db")
    try await running(try engine()) { engine in
      for number in 0..<4 { try await Self.request("t\(number)", engine) }
      try await engine.backUp(to: copy)
      for number in 4..<6 { try await Self.request("t\(number)", engine) }
    }
    try SQLiteShards.restore(path: copy, now: Timestamp(milliseconds: 1_900_000_000_000))
    try await running(try engine(copy, shards: nil)) { engine in
      #expect(engine.shardCount == 3)
      let before = try await engine.readAll { try $0.instances().count }
      #expect(before.reduce(0, +) == 8)
      for number in 2..<8 {
        let receipt = try await engine.signal(
          "TripRequested", ["id": .string("t\(number)")], source: "/test", id: "t\(number)")
        #expect(receipt.deliveries.map(\.outcome) == [number < 4 ? .duplicate : .started])
      }
    }
    await #expect(throws: StoreOpenError.self) { try await engine(shards: 2).run() }
  }

  @Test("several backups at once wait for each other, and none for ever")
  func backupsAtOnce() async throws {
    let copies = (0..<12).map { folder.file("copy-\($0).db") }
    try await running(try engine()) { engine in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for copy in copies {
          group.addTask { try await engine.backUp(to: copy) }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("of several backups to one name at once the first is made, and the others leave it alone")
  func backupsToOneName() async throws {
    let copy = folder.file("copy.db")
    try await running(try engine()) { engine in
      let made = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<6 {
          group.addTask { (try? await engine.backUp(to: copy)) != nil }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(made == 1)
    }
    try SQLiteShards.restore(path: copy, now: WallClock.now)
    let stores = try SQLiteShards.open(copy)
    #expect(stores.count > 1)
    for store in stores { store.close() }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.filter { $0.contains("partial") } == [])
  }

  @Test("replays a dead letter of the first shard at the shard that it turns out to be for")
  func deadLetters() async throws {
    // Nothing takes the command yet: it belongs to nobody, and so to the first shard.
    var commands: [CloudEvent] = []
    for number in 0..<6 {
      var command = CloudEvent(
        id: "c\(number)", source: "/test", type: "BookHotel",
        data: ["room": .string("r\(number)"), "trip": "t"])
      command.messagekind = MessageKind.command.rawValue
      commands.append(command)
    }
    try await running(try engine(definitions: 1)) { [commands] engine in
      for command in commands { _ = try await engine.deliver(command) }
      let letters = try await engine.deadLetters()
      #expect(letters.map(\.shard) == [0, 0, 0, 0, 0, 0])
    }
    try await running(try engine()) { engine in
      await #expect(throws: SagaEngineError.self) { try await engine.replayDeadLetters(by: "ada", reason: "") }
      let report = try await engine.replayDeadLetters(by: "ada", reason: "loaded now", shard: 0)
      #expect(report.resolved.count == 6 && report.refused.isEmpty)
      #expect(try await engine.deadLetters().isEmpty)
      let counts = try await engine.readAll { try $0.instances().count }
      #expect(counts.reduce(0, +) == 6 && counts.filter { $0 > 0 }.count > 1)
      let again = try await engine.replayDeadLetters(by: "ada", reason: "again", shard: 0)
      #expect(again == DeadLetterReport())
    }
  }

  @Test("does to many sagas of several shards what an operator asks, and tells of each in the order of the request")
  func operators() async throws {
    try await running(try engine(definitions: 1)) { engine in
      let keys = (0..<8).map { "t\($0)" }
      for key in keys { _ = try await engine.start("TripRequested", ["id": .string(key)], source: "/test", id: key) }
      let addresses = (keys + ["nobody"]).map { InstanceAddress(saga: "trip", key: $0) }
      let reply = try await engine.operate(
        .instances(addresses, Operation(verb: .pause, by: "ada", reason: "wait")))
      #expect(reply == .each(keys.map { _ in .done } + [.notFound]))
      let selection = InstanceSelection(InstanceFilter(saga: "trip", isPaused: true))
      let report = try await engine.apply(
        .operate(Operation(verb: .resume, by: "ada", reason: "go on")), to: selection)
      #expect(report.done == 8 && report.count == 8)
      guard case .refused(let fault) = try await engine.operate(.tryReplay(deadLetter: 1)) else {
        Issue.record("a row without a shard was taken")
        return
      }
      #expect(fault.code == "shard.unnamed")
    }
  }

  private static let parcel = """
    { "saga": "parcel", "version": 1,
      "messages": { "Opened": { "key": "event.data.id" }, "Packed": { "key": "event.data.id" },
        "Tracked": { "key": { "tracking": "event.data.tracking" } } },
      "roles": { "desk": { "start": { "Opened": { "goto": "open" } },
        "states": { "open": { "on": { "Packed": { "correlate": { "tracking": "event.data.tracking" }, "goto": "packed" } },
                              "after": { "1d": { "goto": "done" } } },
                    "packed": { "on": { "Tracked": {} }, "after": { "1d": { "goto": "done" } } },
                    "done": { "final": "completed" } } } } }
    """

  @Test("lets one of the sagas that claim a value at the same time have it, and brings it the message that has waited")
  func claims() async throws {
    let definitions = try SagaDefinitions(sources: [(file: "parcel.json", source: Array(Self.parcel.utf8))])
    let engine = try SagaEngine(
      database: folder.database, options: Folder.options, shards: 4, definitions: definitions)
    try await running(engine) { engine in
      for number in 0..<10 {
        let value = "n\(number)"
        let early = try await engine.signal("Tracked", ["tracking": .string(value)], source: "/test", id: "t\(number)")
        #expect(early.deliveries.map(\.outcome) == [.parked])
        let keys = (0..<6).map { "p\(number)-\($0)" }
        for key in keys { try await engine.signal("Opened", ["id": .string(key)], source: "/test", id: "o" + key) }
        let outcomes = try await withThrowingTaskGroup(of: (String, DeliveryReceipt.Outcome).self) { group in
          for key in keys {
            group.addTask {
              let data: JSON = ["id": .string(key), "tracking": .string(value)]
              let receipt = try await engine.signal("Packed", data, source: "/test", id: "p" + key)
              return (key, receipt.deliveries[0].outcome)
            }
          }
          var outcomes: [String: DeliveryReceipt.Outcome] = [:]
          for try await (key, outcome) in group { outcomes[key] = outcome }
          return outcomes
        }
        let winners = outcomes.filter { $0.value == .handled }.keys
        #expect(winners.count == 1, "\(outcomes)")
        let address = InstanceAddress(saga: "parcel", role: "desk", key: try #require(winners.first))
        for try await change in engine.changes(of: address, after: 0) {
          if case .message(let event, _) = change.entry.cause, event.type == "Tracked" { break }
        }
        let next = try await engine.signal("Tracked", ["tracking": .string(value)], source: "/test", id: "l\(number)")
        #expect(next.deliveries.map(\.outcome) == [.handled] && next.deliveries[0].machine?.saga == "parcel")
        let again = try await engine.signal("Tracked", ["tracking": .string(value)], source: "/test", id: "t\(number)")
        #expect(again.deliveries.map(\.outcome) == [.duplicate])
      }
      #expect(try await engine.readAll { try $0.statistics().parked }.reduce(0, +) == 0)
      #expect(try await engine.deadLetters(limit: 1000).allSatisfy { $0.fault.code == "key.taken" })
    }
  }

  @Test("refuses handlers inside its transactions, whose rows would have to be in every file")
  func insideHandlers() throws {
    var error: (any Error)?
    do {
      _ = try SagaEngine(
        database: folder.database, options: Folder.options, shards: 2, definitions: Shop.definitions(),
        participants: [Shop.payments()])
    } catch let thrown {
      error = thrown
    }
    guard case .needsOneShard("payments")? = error as? SagaEngineError else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
