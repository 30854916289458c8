import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Ids of a key that passes to another instance")
struct InheritedIDTests {
  /// A parcel `a` that had the tracking id `t` and is closed, and a parcel `b` that claims it.
  struct Passing {
    let world: World

    init(
      _ definition: String = Definitions.parcel, configure: (inout EngineConfiguration) -> Void = { _ in },
      between: (World) throws -> Void = { _ in }, beforeClaim: (World) throws -> Void = { _ in }
    ) throws {
      world = try World([definition], configure: configure)
      for key in ["a", "b"] {
        try world.offer("open-\(key)", "Opened", ["id": .string(key)])
        try world.offer("pay-\(key)", "Paid", ["id": .string(key), "cents": key == "a" ? 0 : 10])
      }
      try world.offer("pack-a", "Packed", ["id": "a", "trackingId": "t"])
      try world.offer("1", "Tracked", ["trackingId": "t"])
      try between(world)
      try world.offer("send-a", "Sent", ["id": "a"])
      try beforeClaim(world)
      #expect(try world.offer("pack-b", "Packed", ["id": "b", "trackingId": "t"]) == .handled)
    }

    func tracked(_ id: String, _ data: JSON = ["trackingId": "t"]) throws -> DeliveryReceipt.Outcome {
      try world.offer(id, "Tracked", data)
    }
  }

  @Test(
    "are known to the next owner, in memory, after a restart and folded", arguments: ["memory", "restart", "folded"])
  func known(how: String) throws {
    let passing = try Passing(beforeClaim: { if how == "folded" { try $0.fold() } })
    if how == "folded" { try passing.world.fold() }
    if how != "memory" { try passing.world.restart() }
    let rows = passing.world.contents.journal.count
    #expect(try passing.tracked("1") == .duplicate)
    #expect(passing.world.contents.journal.count == rows)
    #expect(try passing.world.instance("b")?.data == ["tracked": 0])
    #expect(try passing.tracked("2") == .handled)
    #expect(try passing.tracked("2") == .duplicate)
    #expect(try passing.world.instance("b")?.data == ["tracked": 1])
  }

  @Test("are known when they have left the former owner's row")
  func spilled() throws {
    let passing = try Passing(
      configure: { $0.inlineSeenIDs = 1 },
      between: { (world: World) throws in
        for id in 2...9 { try world.offer("\(id)", "Tracked", ["trackingId": "t"]) }
        try world.fold()
        try world.restart()
      })
    for id in 1...9 { #expect(try passing.tracked("\(id)") == .duplicate) }
    #expect(try passing.world.instance("b")?.data == ["tracked": 0])
  }

  @Test("are known when the key passed more than once")
  func chain() throws {
    let passing = try Passing()
    try passing.world.offer("2", "Tracked", ["trackingId": "t"])
    try passing.world.offer("send-b", "Sent", ["id": "b"])
    try passing.world.offer("open-c", "Opened", ["id": "c"])
    try passing.world.offer("pay-c", "Paid", ["id": "c"])
    #expect(try passing.world.offer("pack-c", "Packed", ["id": "c", "trackingId": "t"]) == .handled)
    try passing.world.restart()
    #expect(try passing.tracked("1") == .duplicate)
    #expect(try passing.tracked("2") == .duplicate)
    #expect(try passing.tracked("3") == .handled)
  }

  @Test("that came with another body are a contradiction, which comes to the dead letters once")
  func conflict() throws {
    let passing = try Passing()
    #expect(try passing.tracked("1", ["trackingId": "t", "more": true]).isDead("message.conflict"))
    #expect(try passing.tracked("1", ["trackingId": "t", "more": true]) == .duplicate)
    #expect(try passing.world.deadLetters().count == 1)
    #expect(try passing.tracked("1") == .duplicate)
  }

  @Test("include messages that came when the former owner had ended and nobody else had the key yet")
  func late() throws {
    let passing = try Passing(beforeClaim: { (world: World) throws in
      #expect(try world.offer("2", "Tracked", ["trackingId": "t"]) == .late)
    })
    #expect(try passing.tracked("2") == .duplicate)
    #expect(try passing.world.instance("b")?.data == ["tracked": 0])
  }

  @Test("are known within the batch in which the key passes")
  func oneBatch() throws {
    let world = try World([Definitions.parcel])
    for key in ["a", "b"] {
      try world.offer("open-\(key)", "Opened", ["id": .string(key)])
      try world.offer("pay-\(key)", "Paid", ["id": .string(key)])
    }
    try world.offer("pack-a", "Packed", ["id": "a", "trackingId": "t"])
    let messages = [
      world.message("1", "Tracked", ["trackingId": "t"]), world.message("send-a", "Sent", ["id": "a"]),
      world.message("pack-b", "Packed", ["id": "b", "trackingId": "t"]),
      world.message("1", "Tracked", ["trackingId": "t"]), world.message("2", "Tracked", ["trackingId": "t"]),
    ]
    let outcomes = try world.engine.offer(messages, now: world.now).map { $0.deliveries[0].outcome }
    #expect(outcomes == [.handled, .handled, .handled, .duplicate, .handled])
    #expect(world.store.commits.last?.inherited.map(\.recent.count) == [5])
    try world.restart()
    #expect(try world.offer("1", "Tracked", ["trackingId": "t"]) == .duplicate)
  }

  @Test("are of the key alone: the next owner takes by its own key what the former one took by its own")
  func otherKeys() throws {
    let passing = try Passing(between: { (world: World) throws in
      #expect(try world.offer("r", "Recalled", ["ids": ["a"]]) == .handled)
    })
    #expect(try passing.world.offer("r", "Recalled", ["ids": ["b"]]) == .handled)
  }

  @Test("leave a claim that is not committed without a trace")
  func refusedClaim() throws {
    let passing = try Passing(beforeClaim: { (world: World) throws in
      world.store.refuses = { $0.instance != nil }
      #expect(try world.offer("refused", "Packed", ["id": "b", "trackingId": "t"]).isDead("store.refused"))
      world.store.refuses = { _ in false }
      #expect(!world.contents.hasInheritedIDs)
      #expect(try world.offer("1", "Tracked", ["trackingId": "t"]) == .duplicate)
      #expect(try world.offer("2", "Tracked", ["trackingId": "t"]) == .late)
    })
    #expect(passing.world.contents.hasInheritedIDs)
  }

  @Test("do not hide the replay of a message that the former owner had kept and then refused; it is handled once")
  func replay() throws {
    let dividing = Definitions.parcel
      .replacing(#""Paid": { "publish""#, with: #""Paid": { "set": { "tracked": "event.data.cents" }, "publish""#)
      .replacing(#""data.tracked + 1""#, with: #""100 / data.tracked""#)
    let passing = try Passing(
      dividing,
      between: { (world: World) throws in
        let address = InstanceAddress(saga: "parcel", role: "desk", key: "a")
        #expect(try world.deadLetters().count == 1)
        _ = try world.engine.operate(
          .instance(address, Operation(verb: .pause, by: "ann", reason: "a look")), now: world.now)
        #expect(try world.offer("kept", "Tracked", ["trackingId": "t"]) == .deferred)
        _ = try world.engine.operate(
          .instance(address, Operation(verb: .resume, by: "ann", reason: "seen")), now: world.now)
        #expect(try world.deadLetters().count == 2)
      })
    let world = passing.world
    #expect(try passing.tracked("kept") == .duplicate)
    let letter = try #require(try world.deadLetters().last).entry
    _ = try world.engine.operate(.replay(deadLetter: letter.sequence, by: "ann", reason: "again"), now: world.now)
    #expect(try world.instance("b")?.data == ["tracked": 10])
    #expect(try world.deadLetters().count == 1)
    #expect(try passing.tracked("kept") == .duplicate)
    #expect(try world.instance("b")?.data == ["tracked": 10])
  }

  @Test("cost nothing where no key has passed, and are forgotten with the former owner's own")
  func forgotten() throws {
    let passing = try Passing(between: { (world: World) throws in
      #expect(!world.engine.mayHaveInherited)
    })
    let world = passing.world
    try world.drain()
    try world.drain(localLane)
    try world.pass(60)
    try world.fold()
    let (closed, later) = (world.now.advanced(byMilliseconds: -60_000), world.now)
    for forgetBefore in [closed, later] {
      #expect(try passing.tracked("1") == .duplicate)
      while try !world.engine.prune(closedBefore: later, forgetBefore: forgetBefore, archive: nil).isFinished {}
    }
    #expect(!world.contents.hasInheritedIDs)
    #expect(try passing.tracked("1") == .handled)
  }
}
