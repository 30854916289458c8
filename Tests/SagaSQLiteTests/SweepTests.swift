import SagaCore
import SagaRuntime
import TestSupport
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct SweepTests {
  let folder = Folder()

  /// Instances 1 and 2 closed at 10, 3 is open; rows 4 and 5 are the last ones of 1 and 3, 6 belongs to nobody.
  private func journal() throws -> SQLiteStore {
    let store = try folder.writer()
    try store.addInstances(3)
    try store.add([Sample.row(4, of: 1), Sample.row(5, of: 3), Sample.loose(6, .marks)])
    let closed = [
      Sample.instance(1, sequence: 4, status: 3, closedAt: 10), Sample.instance(2, status: 4, closedAt: 10),
    ]
    try store.fold(closed + [Sample.instance(3, sequence: 5)], to: 6)
    return store
  }

  private func sequences(_ store: SQLiteStore) throws -> [JournalSequence] {
    try store.journal(after: 0, limit: 1000).map(\.sequence)
  }

  @discardableResult
  private func sweep(
    _ store: any Store, before cut: Int64 = 100, through: JournalSequence = .max, rows: Int = 1000,
    archive: (([JournalRow]) throws -> Void)? = nil
  ) throws -> [MaintenanceProgress] {
    var progress: [MaintenanceProgress] = []
    var turns = Turns()
    repeat {
      try turns.next()
      let work = Maintenance.sweep(closedBefore: time(cut), through: through, archive: archive)
      progress.append(try store.maintain(work, budget: PageBudget(rows: rows)))
    } while !progress.last!.isFinished
    return progress
  }

  @Test("rows of closed instances go, those of open ones and the last row stay", arguments: [1, 2, 1000])
  func sweeps(budget: Int) throws {
    let store = try journal()
    let progress = try sweep(store, rows: budget)
    #expect(try sequences(store) == [3, 5, 6])
    #expect(progress.allSatisfy { $0.examined <= budget })
    #expect(progress.map(\.changed).reduce(0, +) == 3)
    let loaded = try store.load { $0.instances = [1, 2, 3] }.instances
    #expect(loaded[1]?.state == nil && loaded[2]?.state == nil && loaded[3]?.state == [5])
    #expect(loaded[1]?.closedAt == time(10) && loaded[1]?.seen == [6])
    let recovered = try store.recover()
    #expect(recovered.sweptSequence == 4 && recovered.lastSequence == 6)
  }

  @Test("nothing goes that closed at the cut or later") func cut() throws {
    let store = try journal()
    try sweep(store, before: 10)
    // Row 6 has no instance and is older than the cut, but it is the last one.
    #expect(try sequences(store) == [1, 2, 3, 4, 5, 6])
  }

  @Test("rows of no instance go when they themselves are older than the cut") func loose() throws {
    let store = try folder.writer()
    try store.add((1...4).map { Sample.loose($0, .outgoing, at: $0 * 10) })
    try store.fold(to: 4)
    try sweep(store, before: 30)
    #expect(try sequences(store) == [3, 4])
  }

  @Test("nothing beyond the position asked for goes, nor beyond the folded one") func through() throws {
    let store = try journal()
    try sweep(store, through: 1)
    #expect(try sequences(store) == [2, 3, 4, 5, 6])
    // The instance has a row left.
    #expect(try store.load { $0.instances = [1] }.instances[1]?.state != nil)
    let other = Folder()
    let unfolded = try other.writer()
    try unfolded.addInstances(2) {
      $0.status = 3
      $0.closedAt = time(1)
    }
    try sweep(unfolded)
    #expect(try sequences(unfolded) == [1, 2])
  }

  @Test("an instance that closes after a sweep has passed its rows is swept by the next") func later() throws {
    let store = try journal()
    try sweep(store)
    try store.add { $0.fold = FoldPortion(instances: [Sample.instance(3, sequence: 5, status: 3, closedAt: 20)]) }
    try sweep(store)
    #expect(try sequences(store) == [6])
    #expect(try store.recover().sweptSequence == 5)
  }

  @Test("rows that parked, held or unresolved dead letters point to stay; a resolved dead letter goes with its row")
  func referenced() throws {
    let store = try folder.writer()
    let resolved = DeadLetterEntry(sequence: 4, fingerprint: hash(4), resolvedSequence: 5, resolution: .replayed)
    let waiting = DeadLetterEntry(sequence: 3, fingerprint: hash(3))
    try store.add((1...6).map { Sample.loose($0, .dead) }) {
      $0.parked.written = [ParkedMessage(key: hash(1), id: hash(1), sequence: 1, expiresAt: time(1))]
      $0.fold = FoldPortion(
        instances: [],
        completion: FoldCompletion(
          foldedSequence: 6, clock: time(0), lanes: [LanePosition(id: 1, name: "out", sequence: 6, effect: 0)]))
      $0.held.written = [
        HeldMessage(lane: 1, sequence: 2, effect: 0, ordering: hash(1), attempts: 1, nextAt: nil, reason: "")
      ]
      $0.deadLetters.written = [waiting, resolved]
    }
    try sweep(store)
    #expect(try sequences(store) == [1, 2, 3, 6])
    #expect(try store.page(.deadLetters(onlyUnresolved: false), after: nil, limit: 9).deadLetters == [waiting])
  }

  @Test("rows go to the archive before they are deleted, in order, and stay when it fails") func archive() throws {
    struct DiskFull: Error {}
    let store = try journal()
    #expect(throws: DiskFull.self) { try sweep(store) { _ in throw DiskFull() } }
    #expect(try sequences(store) == [1, 2, 3, 4, 5, 6])
    let before = try store.rows([1, 2, 4])
    var archived: [JournalRow] = []
    try sweep(store, rows: 2) { archived += $0 }
    #expect(archived == before)
  }

  @Test("forgetting takes keys, seen ids and rows of swept instances, and only theirs", arguments: [1, 2, 1000])
  func forgets(budget: Int) throws {
    let store = try journal()
    try store.add {
      $0.keys = [.insert(hash(1), 1), .insert(hash(2), 1), .insert(hash(3), 2), .insert(hash(4), 3)]
      $0.fold = FoldPortion(
        instances: [Sample.instance(2, status: 4, closedAt: 50)],
        spilled: [SpilledID(instance: 1, id: hash(8), body: 1), SpilledID(instance: 3, id: hash(8), body: 1)])
    }
    try sweep(store, before: 20)
    var progress: MaintenanceProgress
    var turns = Turns()
    repeat {
      try turns.next()
      progress = try store.maintain(.forget(closedBefore: time(1000)), budget: PageBudget(rows: budget))
      #expect(progress.examined <= budget)
    } while !progress.isFinished
    let loaded = try store.load {
      $0.keys = [hash(1), hash(2), hash(3), hash(4)]
      $0.instances = [1, 2, 3]
      $0.seen = [SeenProbe(instance: 1, id: hash(8)), SeenProbe(instance: 3, id: hash(8))]
    }
    // Instance 2 is closed, and not swept.
    #expect(loaded.keys == [hash(3): 2, hash(4): 3])
    #expect(loaded.instances.keys.sorted() == [2, 3])
    #expect(loaded.seen.keys.map(\.instance) == [3])
  }

  @Test("that an instance was reported as late is remembered as long as the instance is there")
  func lateAlerts() throws {
    var contents = MemoryContents()
    contents.epoch = 1
    let stores: [any TransactionalStore] = [try folder.writer(), MemoryStore(contents)]
    for store in stores {
      try store.addInstances(2)
      try store.fold([Sample.instance(1, status: 3, closedAt: 10)], to: 2)
      // The second as an earlier version has remembered it.
      let bodies: [[UInt8]] = [[0, 0, 0, 0, 0, 0, 0, 1], [], [0, 0, 0, 0, 0, 0, 0, 2]]
      let late = bodies.enumerated().map { number, body in
        ConsumedMessage(consumer: "alerts/late", id: hash(UInt64(number)), at: time(5), body: body)
      }
      let handled = ConsumedMessage(consumer: "payments", id: hash(9), at: time(5), body: bodies[2])
      func transact(_ work: @escaping (any ServiceTransaction) throws -> Void) throws {
        if let failure = try store.transact([work], at: time(5), routing: .oneLane()).outcomes[0] { throw failure }
      }
      func remembered() throws -> [ConsumedMessage] {
        var found: [ConsumedMessage] = []
        try transact { transaction in
          found = try (late + [handled]).compactMap { try transaction.consumed(by: $0.consumer, id: $0.id) }
        }
        return found
      }
      try transact { for message in late + [handled] { try $0.remember(message) } }
      func forget() throws {
        try sweep(store)
        var turns = Turns()
        while try !store.maintain(.forget(closedBefore: time(100)), budget: PageBudget(rows: 2)).isFinished {
          try turns.next()
        }
      }
      try forget()
      #expect(try remembered() == [late[2]])
      try store.fold([Sample.instance(2, status: 3, closedAt: 20)], to: 2)
      try store.add([Sample.loose(3, .marks)])
      try forget()
      #expect(try remembered() == [])
    }
  }

  @Test("sweeping and forgetting in turns comes to an end") func turns() throws {
    let store = try journal()
    try store.add { $0.keys = (1...20).map { .insert(hash($0), 1) } }
    var turns = 0
    var isFinished = false
    while !isFinished {
      turns += 1
      try #require(turns < 40)
      let swept = try store.maintain(
        .sweep(closedBefore: time(100), through: .max, archive: nil), budget: PageBudget(rows: 2))
      guard swept.isFinished else { continue }
      isFinished = try store.maintain(.forget(closedBefore: time(100)), budget: PageBudget(rows: 2)).isFinished
    }
    #expect(try store.load { $0.keys = [hash(1), hash(20)] }.keys.isEmpty)
  }
}
