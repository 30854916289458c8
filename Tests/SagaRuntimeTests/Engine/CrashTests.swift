import SagaCore
import TestSupport
import Testing

@testable import SagaRuntime

@Suite("A crash")
struct CrashTests {
  /// What a run comes to: states, history and everything sent.
  struct Result: Equatable {
    var states: [String?]
    var rows: [String]
    var sent: [String]
  }

  static let messages: [(String, String, JSON)] = [
    ("1", "Paid", ["id": "a"]), ("2", "Opened", ["id": "a"]), ("3", "Opened", ["id": "b"]),
    ("4", "Sent", ["id": "b"]), ("5", "Packed", ["id": "b", "trackingId": "t"]), ("6", "Tracked", ["trackingId": "t"]),
    ("7", "Strict", ["id": "c"]), ("8", "Paid", ["id": "b"]), ("9", "Packed", ["id": "a", "trackingId": "t"]),
    ("10", "Recalled", ["ids": ["a", "b", "c"]]), ("11", "Opened", ["id": "d"]), ("12", "Paid", ["id": "e"]),
    ("13", "Opened", ["id": "f"]), ("14", "Paid", ["id": "f"]),
  ]

  /// Runs all messages, restarting where `crash` says, and offering again what was not acknowledged.
  func run(foldEvery: Int? = nil, crash: (Int) -> CommitError?, afterCommit: Bool = false) throws -> Result {
    let world = try World([Definitions.parcel]) {
      $0.foldThreshold = foldEvery ?? 4096
      $0.foldSpan = foldEvery ?? 4096
    }
    var commit = 0
    func step(_ body: () throws -> Void) throws {
      var turns = Turns()
      while true {
        try turns.next()
        if let failure = crash(commit) {
          if afterCommit { world.store.failures = [] } else { world.store.failures = [failure] }
        }
        commit += 1
        do {
          try body()
          if afterCommit, crash(commit - 1) != nil {
            try world.restart()
            // Not acknowledged: it comes again.
            try body()
          }
          return
        } catch is EngineError {
          #expect(world.engine.isPoisoned)
          #expect(throws: EngineError.self) { try world.engine.tick(now: world.now) }
          try world.restart()
        }
      }
    }
    for (id, type, data) in CrashTests.messages { try step { try world.offer(id, type, data) } }
    let start = world.now
    for seconds: Int64 in [3_600, 7_200, 93_600] {
      try step {
        world.now = start.advanced(byMilliseconds: seconds * 1000)
        try world.settle()
      }
    }
    try world.settle()
    let sent = try world.drain()
    return Result(
      states: try ["a", "b", "c", "d", "e", "f"].map { try world.state($0) },
      rows: world.contents.journal.filter { $0.kind != .marks }.map {
        "\($0.sequence) \($0.kind) \($0.instance ?? 0) \($0.revision ?? 0) \($0.at) \($0.decided)"
      }, sent: sent.map { "\($0.id) \($0.type)" })
  }

  @Test("before any commit leaves no trace", arguments: 0..<24)
  func beforeCommit(point: Int) throws {
    let whole = try run { _ in nil }
    let crashed = try run { $0 == point ? .outcomeUnknown(World.Unloadable(text: "power")) : nil }
    #expect(crashed == whole)
  }

  @Test("after any commit leaves what was committed, and redelivery adds nothing", arguments: 0..<24)
  func afterCommit(point: Int) throws {
    let whole = try run { _ in nil }
    let crashed = try run(
      foldEvery: 3, crash: { $0 == point ? .outcomeUnknown(World.Unloadable(text: "power")) : nil }, afterCommit: true)
    #expect(crashed == whole)
  }

  @Test("after every commit makes no difference either")
  func everywhere() throws {
    let whole = try run { _ in nil }
    let crashed = try run(crash: { _ in .outcomeUnknown(World.Unloadable(text: "power")) }, afterCommit: true)
    #expect(crashed == whole)
  }

  @Test("of a store without room acknowledges nothing and poisons nothing")
  func full() throws {
    let world = try World([Definitions.parcel])
    world.store.failures = [.full]
    #expect(throws: EngineError.self) { try world.offer("1", "Opened", ["id": "p"]) }
    #expect(!world.engine.isPoisoned)
    #expect(world.contents.journal.isEmpty)
    #expect(try world.offer("1", "Opened", ["id": "p"]) == .started)
  }

  @Test("by another owner stops the engine")
  func fenced() throws {
    let world = try World([Definitions.parcel])
    world.store.memory.contents.epoch = 1
    #expect(throws: EngineError.self) { try world.offer("1", "Opened", ["id": "p"]) }
    #expect(world.engine.isPoisoned)
  }

  @Test("is not what rows of callers' transactions are: the batch is decided again on top of them")
  func moved() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    let own = OutgoingRecord(
      kind: .event, destination: nil, lanes: [], ordering: OutgoingRecord.ordering(of: "x"),
      event: world.event("own", "Invoiced", [:]).encode())
    let row = JournalRow(
      sequence: 2, at: world.now, kind: .outgoing, slot: Slot(value: 0), decided: DecidedRecord(.recorded).encode(),
      outgoing: OutgoingRecord.encode([own]))
    world.store.memory.contents.journal.append(row)
    #expect(try world.offer("2", "Paid", ["id": "p"]) == .handled)
    #expect(world.contents.journal.map(\.sequence) == [1, 2, 3])
    #expect(world.contents.journal[2].previousSequence == 1)
    #expect(try world.drain().map(\.type) == ["Invoiced", "Receipt"])
    world.store.memory.contents.journal.append(
      JournalRow(sequence: 4, at: world.now, kind: .marks, slot: Slot(value: 0), decided: []))
    #expect(throws: EngineError.self) { try world.offer("3", "Packed", ["id": "p", "trackingId": "t"]) }
    #expect(world.engine.isPoisoned)
  }
}
