import SagaCore
import Testing

@testable import SagaRuntime

@Suite("An engine moves instances to another version")
struct MigrateTests {
  /// Version 2 of the parcel: while it is paid it also takes `Weighed`, which version 1 keeps until it has been sent.
  static let second = Definitions.parcel
    .replacing("\"version\": 1", with: "\"version\": 2")
    .replacing(
      "\"Optional\": { \"key\"", with: "\"Weighed\": { \"key\": \"event.data.id\" }, \"Optional\": { \"key\""
    )
    .replacing("\"paid\": { \"on\": {", with: "\"paid\": { \"on\": { \"Weighed\": { \"publish\": { \"Light\": {} } },")

  private func world() throws -> World {
    let world = try World([Definitions.parcel, MigrateTests.second])
    // What is opened begins under the newest version; here the instances began before it was loaded.
    let before = try World([Definitions.parcel])
    for key in ["a", "b", "c"] { try before.offer("open-\(key)", "Opened", ["id": .string(key)]) }
    try before.offer("pay-a", "Paid", ["id": "a"])
    try before.offer("pack-b", "Packed", ["id": "b", "trackingId": "t-b"])
    world.store = FaultyStore(MemoryStore(before.contents))
    try world.restart()
    return world
  }

  private func addresses(_ keys: String...) -> [InstanceAddress] {
    keys.map { InstanceAddress(saga: "parcel", role: "desk", key: $0) }
  }

  private func migrate(_ world: World, _ keys: [InstanceAddress], to version: Int64 = 2) throws -> [OperatorReply] {
    let request = OperatorRequest.migrate(keys, Migration(to: version, by: "ada", reason: "new scales"))
    guard case .each(let replies) = try world.engine.operate(request, now: world.now) else { return [] }
    return replies
  }

  private func version(_ world: World, _ key: String) throws -> Int64? {
    try world.engine.read { try $0.instance(InstanceAddress(saga: "parcel", role: "desk", key: key))?.machine.version }
  }

  @Test("each with its own row, in one commit, for good: after a crash they are still moved")
  func moved() throws {
    let world = try world()
    let commits = world.store.commits.count
    #expect(try migrate(world, addresses("a", "b", "nobody")) == [.done, .done, .notFound])
    #expect(world.store.commits.count == commits + 1)
    for folds in [false, true] {
      if folds { try world.fold() }
      try world.restart()
      #expect(try version(world, "a") == 2)
      #expect(try version(world, "b") == 2)
      #expect(try version(world, "c") == 1)
      #expect(try JournalAudit.findings(world.store.memory).isEmpty)
    }
    #expect(try world.offer("weigh", "Weighed", ["id": "a"]) == .handled)
    #expect(try world.sentTypes().contains("Light"))
    #expect(try world.offer("pay-a", "Paid", ["id": "a"]) == .duplicate, "what it has seen goes with it")
  }

  @Test("messages that wait at the instance are offered under the new version")
  func kept() throws {
    let world = try world()
    // Packed waits at b, which is not paid yet; under either version it is taken once it is.
    #expect(try world.instance("b")?.deferred.count == 1)
    #expect(try migrate(world, addresses("b")) == [.done])
    #expect(try world.offer("pay-b", "Paid", ["id": "b"]) == .handled)
    #expect(try world.state("b") == "packed")
  }

  @Test("not past a message that waits at the instance and whose row is damaged, nor does a dry run pass that over")
  func keptIsMissing() throws {
    let world = try world()
    let address = addresses("b")
    // Paused, it does not look at what waits when it has been moved.
    let pause = OperatorRequest.instance(address[0], Operation(verb: .pause, by: "ada", reason: "a look"))
    #expect(try world.engine.operate(pause, now: world.now) == .done)
    let kept = try #require(try world.instance("b")?.deferred.first?.sequence)
    let index = try #require(world.contents.journal.firstIndex(where: { $0.sequence == kept }))
    world.store.memory.contents.journal[index].input = nil
    let missing = "row \(kept), which keeps a message, is missing"
    let error = #expect(throws: EngineError.self) { try migrate(world, address) }
    #expect("\(try #require(error))".contains(missing))
    #expect(try version(world, "b") == 1)
    let reader = try ShardReader(store: world.store)
    let view = try #require(try reader.instance(address[0]))
    let action = BulkAction.migrate(Migration(to: 2, by: "ada", reason: "new scales"))
    let target = world.machines.first { $0.identity.version == 2 }
    let outlook = #expect(throws: EngineError.self) {
      try action.outlook(on: view, InstanceFinder(reader), target: target, now: world.now)
    }
    #expect("\(try #require(outlook))".contains(missing))
  }

  @Test("a second time there is nothing to do; an unknown version or what has ended is refused")
  func refused() throws {
    let world = try world()
    #expect(try migrate(world, addresses("a")) == [.done])
    #expect(try migrate(world, addresses("a")) == [.unchanged])
    guard case .refused(let fault) = try migrate(world, addresses("a"), to: 7)[0] else {
      Issue.record("version 7 is known")
      return
    }
    #expect(fault.code == "migration.version")
    try world.pass(31 * 86_400)
    guard case .refused(let ended) = try migrate(world, addresses("c"))[0] else {
      Issue.record("an ended instance is moved")
      return
    }
    #expect(ended.code == "migration.final")
    let many = Array(repeating: addresses("a")[0], count: OperatorRequest.maximumInstances + 1)
    guard case .refused(let tooMany)? = try migrate(world, many).first else {
      Issue.record("a request has no limit")
      return
    }
    #expect(tooMany.code == "limit.instances")
  }

  @Test("a commit that does not happen moves nothing, and one that is decided again moves once")
  func notCommitted() throws {
    let world = try world()
    world.store.failures = [.full]
    #expect(throws: EngineError.self) { try migrate(world, addresses("a")) }
    #expect(try version(world, "a") == 1)
    #expect(try world.offer("weigh", "Weighed", ["id": "a"]) != .handled, "version 1 does not take it")
    let revision = try world.instance("a")?.revision ?? 0
    world.store.failures = [.refused(constraint: "a test")]
    #expect(try migrate(world, addresses("a", "b")) == [.done, .done])
    #expect(try world.instance("a")?.revision == revision + 1)
    #expect(try version(world, "a") == 2)
  }

  @Test("are left where they are by a trial, which says what would become of each")
  func trial() throws {
    let world = try world()
    func trial(to version: Int64) throws -> [OperatorReply] {
      let migration = Migration(to: version, by: "ada", reason: "new scales")
      let reply = try world.engine.operate(.tryMigrate(addresses("a", "b", "z"), migration), now: world.now)
      guard case .each(let replies) = reply else { return [] }
      return replies
    }
    let rows = world.contents.journal.count
    #expect(try trial(to: 2) == [.done, .done, .notFound])
    #expect(try trial(to: 1) == [.unchanged, .unchanged, .notFound])
    guard case .refused(let fault) = try trial(to: 9)[0] else {
      Issue.record("a version that is not loaded is taken")
      return
    }
    #expect(fault.code == "migration.version")
    #expect(world.contents.journal.count == rows)
    #expect(try version(world, "a") == 1)
    #expect(try migrate(world, addresses("a", "b", "z")) == [.done, .done, .notFound])
  }

  @Test("the socket's form of every request gives it back")
  func socket() throws {
    let mapping = try MigrationMapping(json: ["roles": ["desk": ["states": ["opened": ["enter": "opened"]]]]])
    let force = Operation(verb: .force, by: "ada", reason: "why", state: "paid", isUnsafe: true)
    let requests: [OperatorRequest] = [
      .migrate(addresses("a", "b"), Migration(to: 2, mapping: mapping, by: "ada", reason: "why")),
      .tryMigrate(addresses("a", "b"), Migration(to: 2, mapping: mapping, by: "ada", reason: "why")),
      .instances(addresses("a", "b"), Operation(verb: .pause, by: "ada", reason: "why")),
      .instance(addresses("a")[0], force), .instances(addresses("a"), force),
    ]
    for request in requests {
      guard case .operate(let read, nil) = try SocketRequest(SocketRequest.operate(request).encode()) else {
        Issue.record("it is read as something else")
        continue
      }
      #expect(read == request)
    }
    for record in [
      InputRecord.operation(force), .migration(Migration(to: 2, mapping: mapping, by: "ada", reason: "why")),
    ] {
      #expect(try InputRecord(decoding: record.encode()) == record)
    }
  }

  @Test("a verb on many: each refuses for itself, and the report counts the reasons")
  func bulk() throws {
    let world = try world()
    try world.pass(31 * 86_400)
    try world.offer("open-d", "Opened", ["id": "d"])
    let selection = InstanceSelection(
      InstanceFilter(saga: "parcel"), condition: try InstanceCondition("data.tracked == 0 && saga.key != 'b'"))
    var report = BulkReport()
    let action = BulkAction.operate(Operation(verb: .pause, by: "ada", reason: "stocktaking"))
    let chosen = try world.engine.read { reader in
      let finder = InstanceFinder(reader)
      var after: InstanceID = 0
      var found: [InstanceAddress] = []
      while let page = try finder.next(selection, after: &after, limit: 2) {
        for view in page {
          found.append(view.address)
          report.add(view.address, try action.outlook(on: view, finder, now: world.now))
        }
      }
      return found
    }
    #expect(chosen.map(\.key) == ["a", "c", "d"])
    var done = BulkReport()
    guard case .each(let replies) = try world.engine.operate(action.request(chosen), now: world.now) else { return }
    for (address, reply) in zip(chosen, replies) { done.add(address, reply) }
    #expect(done == report, "a dry run says what happens")
    #expect(done.done == 1)
    #expect(done.refused == 2)
    #expect(done.refusals.first?.fault.message.contains("… is ") ?? false)
    #expect(done.refusals.allSatisfy { $0.fault.code == "operation.final" })
    #expect(done.refusals.flatMap(\.examples).map(\.key).sorted() == ["a", "c"])
    #expect(try world.instance("d")?.isPaused == true)
  }
}
