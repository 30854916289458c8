import Foundation
import SagaCore
import Testing

@testable import SagaRuntime
@testable import SagaSQLite
@testable import SagaTesting

@Suite("Commits that become durable while the next are decided") struct PipelinedStoreTests {
  /// Lets a transaction end only when the test says so.
  final class GatedStore: ForwardingStore, @unchecked Sendable {
    let gate = DispatchSemaphore(value: 0)
    var isGated = true
    var failure: CommitError?

    var refusesCommits = false

    override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
      if refusesCommits { throw .full }
      return try inner.commit(batch)
    }

    override func commitJoined() throws(CommitError) -> CommitReceipt? {
      if isGated, gate.wait(timeout: .now() + .seconds(60)) == .timedOut {
        throw .outcomeUnknown(Crash(what: "nobody has opened the gate for 60 s"))
      }
      if let failure { throw failure }
      return try inner.commitJoined()
    }
  }

  /// Whether a caller was told; read after the engine has waited for whoever tells.
  final class Flag: @unchecked Sendable { var isSet = false }

  let folder = Folder()

  private func gated() throws -> (engine: ShardEngine, store: GatedStore) {
    let store = GatedStore(try folder.writer())
    let lookup = try SQLiteStore(path: folder.database, options: Folder.options, mode: .lookup)
    let engine = try ShardEngine(
      store: PipelinedStore(store, lookup: lookup), machines: try Parcel.machines(),
      configuration: EngineConfiguration(), now: time(0))
    return (engine, store)
  }

  private func opened(_ number: Int) -> IncomingMessage {
    Parcel.message("o\(number)", "Opened", ["id": .string("p\(number)")])
  }

  private func paid(_ number: Int) -> IncomingMessage {
    Parcel.message("p\(number)", "Paid", ["id": .string("p\(number)")])
  }

  private func handOver(_ messages: [IncomingMessage], _ engine: ShardEngine) throws -> Flag {
    let told = Flag()
    engine.joinCommits()
    _ = try engine.offer(messages, now: time(1))
    try engine.handOverJoined { told.isSet = true }
    return told
  }

  @Test("are told of and sent when they are durable, and decided on before") func order() throws {
    let (engine, store) = try gated()
    store.isGated = false
    engine.joinCommits()
    _ = try engine.offer([opened(1)], now: time(1))
    try engine.commitJoined()
    store.isGated = true

    let told = try handOver([paid(1)], engine)
    #expect(engine.lastSequence == 2 && engine.durableSequence == 1)
    #expect(try engine.takeOutgoing(lane: "output", limit: 9, now: time(1)).isEmpty)
    engine.joinCommits()
    #expect(try engine.offer([paid(1)], now: time(2))[0].deliveries[0].outcome == .duplicate)
    #expect(try engine.offer([opened(2)], now: time(2))[0].deliveries[0].outcome == .started)
    #expect(!told.isSet)
    store.gate.signal()
    store.gate.signal()
    try engine.commitJoined()
    #expect(told.isSet && engine.durableSequence == 3)
    #expect(try engine.takeOutgoing(lane: "output", limit: 9, now: time(1)).map(\.type) == ["Receipt"])
  }

  @Test("are waited for by a duplicate that has nothing to write itself") func duplicate() throws {
    let (engine, store) = try gated()
    let told = try handOver([opened(1)], engine)
    let gate = store.gate
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(30)) { gate.signal() }
    let second = try handOver([opened(1)], engine)
    #expect(told.isSet && second.isSet)
    #expect(engine.durableSequence == engine.lastSequence)
  }

  @Test("end the engine when they do not become durable; whoever recovers goes on from what is") func failure() throws {
    let (engine, store) = try gated()
    store.failure = .full
    let told = try handOver([opened(1)], engine)
    engine.joinCommits()
    _ = try engine.offer([opened(2)], now: time(2))
    store.gate.signal()
    #expect {
      try engine.commitJoined()
    } throws: {
      if case EngineError.full = $0 { true } else { false }
    }
    #expect(!told.isSet)
    #expect(throws: EngineError.self) { try engine.offer([opened(3)], now: time(3)) }

    (store.failure, store.isGated) = (nil, false)
    let next = try ShardEngine(
      store: PipelinedStore(store, lookup: nil), machines: try Parcel.machines(), now: time(4))
    #expect(next.lastSequence == 0)
    #expect(try next.offer([opened(1)], now: time(4))[0].deliveries[0].outcome == .started)
  }

  @Test("are refused whole when another owner of the shard has written first") func overtaken() throws {
    let memory = MemoryStore()
    let engine = try ShardEngine(
      store: PipelinedStore(memory, lookup: nil, worker: .caller), machines: try Parcel.machines(), now: time(0))
    let other = try ShardEngine(store: memory, machines: try Parcel.machines(), now: time(0))
    let told = try handOver([opened(1), opened(2)], engine)
    _ = try other.offer([opened(3)], now: time(1))
    #expect {
      try engine.commitJoined()
    } throws: {
      if case EngineError.foreignWriter(1) = $0 { true } else { false }
    }
    #expect(!told.isSet)
    #expect(memory.contents.journal.count == 1)
    #expect(throws: EngineError.self) { try engine.offer([opened(4)], now: time(2)) }
  }

  @Test("end the engine, too, when a read is what finds out") func failureWhileReading() throws {
    let store = GatedStore(try folder.writer())
    store.isGated = false
    let engine = try ShardEngine(
      store: PipelinedStore(store, lookup: nil), machines: try Parcel.machines(), now: time(0))
    store.refusesCommits = true
    engine.joinCommits()
    _ = try engine.offer([opened(1)], now: time(1))
    #expect(throws: CommitError.self) { try engine.store.journal(after: 0, limit: 9) }
    let told = Flag()
    #expect(throws: EngineError.self) { try engine.handOverJoined { told.isSet = true } }
    #expect(!told.isSet)
    #expect(throws: EngineError.self) { try engine.offer([opened(2)], now: time(2)) }
  }

  @Test("may be transactions of the service, which the file has together with what was decided before")
  func service() throws {
    let engine = try ShardEngine(
      store: try folder.writer().pipelined(), machines: try Parcel.machines(), now: time(0))
    let told = try handOver([opened(1)], engine)
    engine.joinCommits()
    _ = try engine.offer([opened(2)], now: time(2))
    let outcomes = try engine.transact(
      [{ _ = try $0.publish("Noticed", [:], source: "/test", orderingKey: "k") }], now: time(2))
    #expect(outcomes.allSatisfy { $0 == nil } && told.isSet)
    #expect(try folder.reader().recover().lastSequence == 1)
    // In a transaction that is open already it is durable at once.
    try engine.handOverJoined { told.isSet = false }
    #expect(!told.isSet && engine.durableSequence == 3)
    #expect(try folder.reader().journal(after: 0, limit: 9).map(\.kind) == [.message, .message, .outgoing])
    #expect(try engine.takeOutgoing(lane: "output", limit: 9, now: time(2)).map(\.type) == ["Noticed"])
  }

  /// Everything that is read on the way is asked of the store again and again: hardly anything stays in memory.
  @Test("come to what commits apart come to, row by row", arguments: [PipelinedStore.Worker.thread, .caller])
  func equal(_ worker: PipelinedStore.Worker) throws {
    var onTheirWay = 0
    func run(_ open: (SQLiteStore) throws -> any Store) throws -> [JournalRow] {
      let folder = Folder()
      let store = try folder.writer { $0.journalID = [UInt8](repeating: 7, count: 16) }
      var configuration = EngineConfiguration()
      configuration.hotInstanceBytes = 1
      configuration.foldThreshold = 8
      configuration.foldSpan = 8
      configuration.inlineSeenIDs = 1
      let engine = try ShardEngine(
        store: try open(store), machines: try Parcel.machines(), configuration: configuration, now: time(0))
      let types = ["Paid", "Packed", "Sent"]
      for turn in 0..<160 {
        let now = time(Int64(turn))
        var messages = (0..<3).map { opened(3 * turn + $0) }
        for (step, type) in types.enumerated() where turn > 3 * step {
          // A group of before, which memory has let go; each twice, the second time much later.
          for group in [turn - 3 * step - 3, turn - 3 * step - 40] where group >= 0 {
            let key = "p\(3 * group + step)"
            messages.append(
              Parcel.message(
                "\(type)-\(key)", type, ["id": .string(key), "trackingId": .string("t-\(key)")]))
          }
        }
        engine.joinCommits()
        _ = try engine.offer(messages, now: now)
        while try engine.tick(now: now).hasMore {}
        try engine.handOverJoined {}
        if engine.durableSequence < engine.lastSequence { onTheirWay += 1 }
        let sent = try engine.takeOutgoing(lane: "output", limit: 100, now: now)
        try engine.confirm(
          lane: "output", sent.map { DeliveryResult(position: $0.position, outcome: .confirmed) }, now: now)
        _ = try engine.maintain(now: now, isIdle: turn % 50 == 49)
      }
      try engine.commitJoined()
      return try store.journal(after: 0, limit: 10_000)
    }
    let apart = try run { $0 }
    let pipelined = try run {
      PipelinedStore(
        $0, lookup: try SQLiteStore(path: $0.path, options: Folder.options, mode: .lookup), worker: worker)
    }
    #expect(apart.count > 700 && onTheirWay > 20)
    // Marks tell how far a lane was confirmed, which is later where it is sent later.
    func unmarked(_ rows: [JournalRow]) -> [JournalRow] {
      rows.map {
        var row = $0
        row.marks = nil
        return row
      }
    }
    #expect(unmarked(pipelined) == unmarked(apart))
  }

  @Test("are durable when the store is closed, which leaves no log") func closing() throws {
    for number in 1...20 {
      do {
        let store = try folder.writer().pipelined()
        let engine = try ShardEngine(store: store, machines: try Parcel.machines(), now: time(Int64(number)))
        engine.joinCommits()
        _ = try engine.offer([opened(number)], now: time(Int64(number)))
        try engine.handOverJoined {}
      }
      #expect(try folder.sizes()[1] == nil)
    }
    #expect(try folder.writer().recover().lastSequence == 20)
  }
}
