import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite("An engine on SQLite") struct EngineOnSQLiteTests {
  /// A database that is opened from a copy of its files each time, as after a power failure: nobody has closed it.
  final class Disk {
    private var folder = Folder()
    private var store: SQLiteStore?

    /// The store before stays open while its files are copied.
    func open() throws -> any Store {
      if store != nil {
        let next = Folder()
        try folder.copyFiles(to: next)
        folder = next
      }
      let opened = try folder.writer()
      store = opened
      return opened
    }
  }

  private func crashing(
    _ moment: @escaping (Int) -> CrashingStore.Moment?, foldThreshold: Int = 4096
  ) throws -> Rig {
    let disk = Disk()
    return try Rig(disk.open, plan: CrashingStore.Plan(moment)) {
      $0.foldThreshold = foldThreshold
      $0.foldSpan = foldThreshold
    }
  }

  private func inMemory() throws -> Rig {
    var contents = MemoryContents()
    contents.epoch = 1
    let store = MemoryStore(contents)
    return try Rig({ store })
  }

  @Test("comes to what one in memory comes to: instances, histories, rows, ids of what goes out") func sameAsMemory()
    throws
  {
    let memory = try inMemory()
    try memory.script()
    let disk = try crashing { _ in nil }
    try disk.script()
    let (left, right) = (try memory.result(), try disk.result())
    #expect(left.instances == right.instances)
    #expect(left.histories == right.histories)
    #expect(left.rows == right.rows)
    #expect(left.sent == right.sent)
    #expect(right.sent.count >= 5 && right.instances.count == 3)
  }

  @Test("lost at any commit comes to the same", arguments: CrashingStore.Moment.allCases, [3, 4096])
  func crash(moment: CrashingStore.Moment, foldThreshold: Int) throws {
    let whole = try crashing { _ in nil }
    try whole.script()
    let expected = try whole.result()
    try #require(whole.plan.commits > 15)
    for point in 0..<whole.plan.commits {
      let rig = try crashing({ $0 == point ? moment : nil }, foldThreshold: foldThreshold)
      try rig.script()
      #expect(rig.restarts == 1)
      #expect(try rig.result() == expected, "lost \(moment) commit \(point)")
    }
  }

  @Test("lost at every commit in turn comes to the same") func everywhere() throws {
    let whole = try crashing { _ in nil }
    try whole.script()
    let rig = try crashing { $0 % 2 == 0 ? .after : .before }
    try rig.script()
    #expect(rig.restarts > 15)
    #expect(try rig.result() == whole.result())
  }

  @Test("keeps the key and the seen ids of a pruned instance until it is forgotten") func prune() throws {
    let disk = Disk()
    let rig = try Rig(disk.open)
    try rig.offer("1", "Opened", ["id": "a"])
    try rig.offer("2", "Opened", ["id": "b"])
    try rig.pass(hours: 24)
    try rig.offer("3", "Paid", ["id": "a"])
    try rig.offer("4", "Packed", ["id": "a", "trackingId": "t"])
    try rig.offer("5", "Sent", ["id": "a"])
    let closed = rig.now
    try rig.pass(hours: 24)
    try rig.offer("6", "Paid", ["id": "b"])
    try rig.drain()
    try rig.fold()
    try rig.prune(before: rig.now, forget: closed)
    for _ in 0..<2 {
      let view = try #require(try ShardReader(store: rig.store!).instance(address("a")))
      #expect(view.status == .completed && view.instance == nil && view.closedAt == closed)
      #expect(try ShardReader(store: rig.store!).history(of: view.id).isEmpty)
      #expect(try rig.offer("1", "Opened", ["id": "a"]) == .duplicate)
      #expect(try rig.offer("5", "Sent", ["id": "a"]) == .duplicate)
      // The same at a new engine.
      rig.drop()
      _ = try rig.running()
    }
    #expect(try rig.offer("7", "Tracked", ["trackingId": "t"]) == .late)
    #expect(try rig.offer("7", "Tracked", ["trackingId": "t"]) == .duplicate)
    #expect(try ShardReader(store: rig.store!).instance(address("b"))?.status == .running)
    try rig.drain()
    try rig.fold()
    let forget = rig.now.advanced(byMilliseconds: 1)
    try rig.prune(before: forget, forget: forget)
    #expect(try ShardReader(store: rig.store!).instance(address("a")) == nil)
    #expect(try rig.offer("1", "Opened", ["id": "a"]) == .started)
    #expect(try ShardReader(store: rig.store!).instance(address("b"))?.status == .running)
  }

  private func address(_ key: String) -> InstanceAddress { InstanceAddress(saga: "parcel", role: "desk", key: key) }

  @Test("writes a new dead letter for what a replay had waiting when a sweep has taken the old one") func sweptLetter()
    throws
  {
    let folder = Folder()
    let rig = try Rig({ try folder.writer() })
    #expect(try rig.offer("1", "Paid", ["id": "p"]) == .parked)
    try rig.pass(hours: 1)
    let letter = try #require(try ShardReader(store: rig.store!).deadLetters().first)
    let replay = OperatorRequest.replay(deadLetter: letter.sequence, by: "ann", reason: "too early")
    _ = try rig.with { try $0.operate(replay, now: rig.now) }
    try rig.fold()
    try rig.prune(before: rig.now.advanced(byMilliseconds: 1), forget: Timestamp(milliseconds: 0))
    #expect(try ShardReader(store: rig.store!).deadLetters(onlyUnresolved: false).isEmpty)
    try rig.pass(hours: 1)
    let again = try ShardReader(store: rig.store!).deadLetters()
    #expect(again.map(\.fault.code) == ["message.expired"])
    #expect(again.map(\.bytes) == [letter.bytes])
  }

  @Test("keeps a second writer out, and readers see each commit") func others() throws {
    let folder = Folder()
    let rig = try Rig({ try folder.writer() })
    try rig.offer("1", "Opened", ["id": "a"])
    let failure = openFailure { _ = try folder.writer() }
    guard case .locked(let owner?, _)? = failure?.cause else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(owner.processID > 0)
    let old = try ShardReader(store: folder.reader())
    for index in 0..<20 {
      try rig.offer("n\(index)", "Opened", ["id": .string("k\(index)")])
      let reader = try ShardReader(store: folder.reader())
      #expect(try reader.instances(limit: 100).count == index + 2)
      #expect(try reader.instance(address("k\(index)"))?.status == .running)
      if index == 10 { try rig.fold() }
    }
    // One snapshot, however long it is held.
    #expect(try old.instances(limit: 100).count == 1)
    #expect(try rig.offer("2", "Paid", ["id": "a"]) == .handled)
    rig.drop()
    _ = try folder.writer()
  }

  @Test("folds a tail longer than its limit across restarts", arguments: [1, 7, 1000]) func folding(restartEvery: Int)
    throws
  {
    let disk = Disk()
    let rig = try Rig(disk.open) {
      $0.foldThreshold = 20
      $0.foldSpan = 1_000_000
      $0.maxUnfoldedRows = 30
      $0.inlineSeenIDs = 4
      $0.hotInstanceBytes = 16_384
    }
    for index in 0..<120 {
      let key = JSON.string("k\(index % 17)")
      let outcome = try rig.offer("m\(index)", index < 17 ? "Opened" : "Packed", ["id": key, "trackingId": "t"])
      #expect(outcome == (index < 17 ? .started : .deferred))
      let recovered = try rig.store!.recover()
      #expect(recovered.lastSequence - recovered.foldedSequence <= 31)
      if index % restartEvery == restartEvery - 1 { rig.drop() }
      _ = try rig.running()
    }
    #expect(try rig.store!.recover().foldedSequence > 80)
    for index in 0..<120 {
      let key = JSON.string("k\(index % 17)")
      let again = try rig.offer("m\(index)", index < 17 ? "Opened" : "Packed", ["id": key, "trackingId": "t"])
      #expect(again == .duplicate, "m\(index)")
    }
    try rig.fold()
    rig.drop()
    _ = try rig.running()
    let recovered = try rig.store!.recover()
    #expect(recovered.foldedSequence == recovered.lastSequence)
    #expect(try rig.offer("m17", "Packed", ["id": "k0", "trackingId": "t"]) == .duplicate)
  }

  @Test("without room acknowledges nothing, and goes on when there is some") func full() throws {
    let folder = Folder()
    var pages: Int? = 80
    let rig = try Rig({ try folder.writer { $0.maximumPageCount = pages } })
    let note = JSON.string(String(repeating: "x", count: 20_000))
    var taken = 0
    #expect {
      while taken < 1000 {
        try rig.offer("m\(taken)", "Opened", ["id": .string("k\(taken)"), "note": note])
        taken += 1
      }
    } throws: {
      if case EngineError.full = $0 { true } else { false }
    }
    try #require(taken > 0 && taken < 1000)
    let refused = [Parcel.message("m\(taken)", "Opened", ["id": .string("k\(taken)"), "note": note])]
    #expect(throws: EngineError.self) { try rig.running().offer(refused, now: rig.now) }
    #expect(try ShardReader(store: folder.reader()).instances(limit: 1000).count == taken)
    rig.drop()
    pages = nil
    #expect(try rig.offer("m\(taken - 1)", "Opened", ["id": .string("k\(taken - 1)"), "note": note]) == .duplicate)
    #expect(try rig.offer("m\(taken)", "Opened", ["id": .string("k\(taken)"), "note": note]) == .started)
    #expect(try rig.store!.recover().lastSequence == Int64(taken) + 1)
  }
}
