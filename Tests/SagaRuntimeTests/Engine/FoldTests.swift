import SagaCore
import TestSupport
import Testing

@testable import SagaRuntime

@Suite("Folding behind the journal")
struct FoldTests {
  func fill(_ world: World, instances: Int = 40) throws {
    for index in 0..<instances {
      let key = JSON.string("k\(index % 13)-\(index)")
      try world.offer("o\(index)", "Opened", ["id": key])
      if index % 3 == 0 { try world.offer("p\(index)", "Paid", ["id": key]) }
      for round in 0..<(index == 5 ? 80 : 1) { try world.offer("n\(index)-\(round)", "Optional", ["id": key]) }
    }
  }

  @Test("in portions on later commits ends at the position the pass began with, and never folds twice for nothing")
  func portions() throws {
    let world = try World([Definitions.parcel]) {
      $0.foldThreshold = 20
      $0.foldSpan = 10
    }
    try fill(world)
    let portions = world.store.commits.compactMap(\.fold)
    #expect(portions.count > 10)
    #expect(portions.allSatisfy { $0.instances.map(\.id) == $0.instances.map(\.id).sorted() })
    let completions = portions.compactMap(\.completion)
    #expect(completions.map(\.foldedSequence) == completions.map(\.foldedSequence).sorted())
    #expect(world.contents.foldedSequence > 100)
    #expect(world.contents.lastSequence - world.contents.foldedSequence < 60)
  }

  @Test("ends after a crash that interrupted a cascade: what waits is offered first")
  func afterInterruptedCascade() throws {
    let world = try World([Definitions.parcel])
    try world.offer("o", "Opened", ["id": "a"])
    try world.offer("p", "Packed", ["id": "a", "trackingId": "t"])
    try world.restart()
    // As a command does that opens the database and wants all of it folded.
    try world.fold()
    #expect(world.contents.foldedSequence == world.contents.lastSequence)
  }

  @Test("never lets the tail grow past its limit")
  func limit() throws {
    let world = try World([Definitions.parcel]) {
      $0.foldThreshold = 30
      $0.foldSpan = 1_000_000
      $0.maxUnfoldedRows = 40
    }
    world.store.beforeCommit = { batch in
      #expect(batch.expectedLast - world.contents.foldedSequence <= 40)
    }
    try fill(world)
  }

  @Test("or not makes no difference to what is recovered", arguments: [1, 7, 20, 100_000])
  func equivalence(threshold: Int) throws {
    let world = try World([Definitions.parcel]) {
      $0.foldThreshold = threshold
      $0.foldSpan = 5
      $0.inlineSeenIDs = 8
    }
    try fill(world)
    let before = try (0..<40).map { try world.instance("k\($0 % 13)-\($0)") }
    try world.restart()
    #expect(try (0..<40).map { try world.instance("k\($0 % 13)-\($0)") } == before)
    #expect(try world.offer("n5-0", "Optional", ["id": "k5-5"]) == .duplicate)
    #expect(try world.offer("n5-79", "Optional", ["id": "k5-5"]) == .duplicate)
    try world.fold()
    try world.restart()
    #expect(world.contents.foldedSequence == world.contents.lastSequence)
    #expect(try (0..<40).map { try world.instance("k\($0 % 13)-\($0)") } == before)
    #expect(try world.offer("n5-0", "Optional", ["id": "k5-5"]) == .duplicate)
  }

  @Test("lets instances go from memory, and reads them again")
  func eviction() throws {
    let world = try World([Definitions.parcel]) {
      $0.hotInstanceBytes = 16_384
      $0.foldThreshold = 5
      $0.foldSpan = 5
    }
    try fill(world)
    #expect(world.engine.live.count < 40)
    #expect(world.engine.live.bytes < 16_384 * 2)
    for index in 0..<40 {
      #expect(try world.offer("n\(index)-0", "Optional", ["id": .string("k\(index % 13)-\(index)")]) == .duplicate)
    }
  }

  @Test("shows readers what the engine has, as of the last commit", arguments: [5, 100_000])
  func readers(threshold: Int) throws {
    let world = try World([Definitions.parcel]) {
      $0.foldThreshold = threshold
      $0.foldSpan = 20
    }
    try fill(world)
    try world.offer("x", "Strict", ["id": "nobody"])
    try world.offer("y", "Paid", ["id": "nobody"])
    try world.drain()
    let reader = try ShardReader(store: world.store)
    let all = try reader.instances(limit: 1000)
    #expect(all.count == 40)
    var paged: [InstanceID] = []
    var turns = Turns()
    while true {
      try turns.next()
      let page = try reader.instances(after: paged.last ?? 0, limit: 7)
      if page.isEmpty { break }
      paged += page.map(\.id)
    }
    #expect(paged == all.map(\.id))
    for view in all {
      #expect(view.instance == (try world.instance(view.key)))
      #expect(try reader.instance(InstanceAddress(saga: "parcel", role: "desk", key: view.key))?.id == view.id)
    }
    let history = try reader.history(of: all[5].id)
    #expect(history.map(\.revision) == Array(1...81))
    #expect(history[0].facts.contains(.started(type: "Opened")))
    guard case .message(let event, false) = history[1].cause else {
      Issue.record("\(history[1].cause)")
      return
    }
    #expect(event.id == "n5-0")
    let statistics = try reader.statistics()
    #expect(statistics.instances.map(\.count) == [40, 0, 0, 0, 0])
    #expect(statistics.parked == 1)
    #expect(statistics.unresolvedDeadLetters == 1)
    #expect(statistics.lanes.map(\.name) == ["output"])
    #expect(try reader.deadLetters().map(\.fault.code) == ["message.missing"])
    #expect(try reader.deadLetters().map(\.machine?.saga) == ["parcel"])
    #expect(try reader.instances(InstanceFilter(statuses: [.completed])).isEmpty)
  }
}
