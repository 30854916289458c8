import SagaCore
import SagaRuntime
import Testing

@testable import SagaSQLite

/// What the protocol says, of every store that is shipped.
@Suite("A store keeps its contract") struct StoreConformanceTests {
  enum Kind: CaseIterable, Sendable { case memory, sqlite }

  let folder = Folder()

  private func store(_ kind: Kind) throws -> any Store {
    switch kind {
    case .memory:
      var contents = MemoryContents()
      contents.epoch = 1
      return MemoryStore(contents)
    case .sqlite: return try folder.writer()
    }
  }

  /// Instances 1 and 2 closed at 10, 3 is open; rows 4 and 5 are the last ones of 1 and 3, 6 and 7 belong to nobody.
  private func closed(_ kind: Kind) throws -> any Store {
    let store = try store(kind)
    try store.addInstances(3)
    var row = Sample.row(5, of: 3)
    row.previousSequence = 3
    var first = Sample.row(4, of: 1)
    first.previousSequence = 1
    try store.add([first, row, Sample.loose(6, .dead, at: 50), Sample.loose(7, .marks, at: 60)])
    let instances = [
      Sample.instance(1, sequence: 4, status: 3, closedAt: 10), Sample.instance(2, status: 4, closedAt: 10),
      Sample.instance(3, sequence: 5),
    ]
    try store.fold(instances, to: 7)
    return store
  }

  private func sequences(_ store: any Store) throws -> [JournalSequence] {
    try store.journal(after: 0, limit: 1000).map(\.sequence)
  }

  @discardableResult
  private func finish(_ store: any Store, _ work: Maintenance, rows: Int = 1000) throws -> Int {
    var changed = 0
    for _ in 0..<1000 {
      let progress = try store.maintain(work, budget: PageBudget(rows: rows))
      #expect(progress.examined <= rows)
      changed += progress.changed
      if progress.isFinished { return changed }
    }
    Issue.record("it never finishes")
    return changed
  }

  private func sweep(before cut: Int64, through: JournalSequence = .max) -> Maintenance {
    .sweep(closedBefore: time(cut), through: through, archive: nil)
  }

  private func failure(_ store: any Store, _ batch: CommitBatch) -> CommitError? {
    do throws(CommitError) {
      _ = try store.commit(batch)
      return nil
    } catch {
      return error
    }
  }

  @Test("a batch on another last sequence or epoch leaves nothing", arguments: Kind.allCases) func moved(kind: Kind)
    throws
  {
    let store = try store(kind)
    try store.addInstances(2)
    var batch = CommitBatch(expectedLast: 1, epoch: 1, rows: [Sample.row(2, of: 1)])
    batch.keys = [.insert(hash(1), 1)]
    guard case .moved(actualLast: 2)? = failure(store, batch) else {
      Issue.record("not moved")
      return
    }
    batch = CommitBatch(expectedLast: 2, epoch: 7, rows: [Sample.loose(3, .dead)])
    guard case .fenced(1)? = failure(store, batch) else {
      Issue.record("not fenced")
      return
    }
    #expect(try store.recover().lastSequence == 2)
    #expect(try store.load { $0.keys = [hash(1)] }.keys.isEmpty)
  }

  @Test("a refused batch leaves nothing, and the next one goes through", arguments: Kind.allCases)
  func refused(kind: Kind) throws {
    let store = try store(kind)
    try store.addInstances(1)
    try store.add { $0.keys = [.insert(hash(1), 1)] }
    let changes: [(inout CommitBatch) -> Void] = [
      { $0.keys = [.insert(hash(2), 1), .insert(hash(1), 1)] },
      { $0.rows[1].sequence = 9 },
      { $0.rows[0].inputSequence = 2 },
      { $0.births = [Sample.instance(2, status: 3)] },
      { $0.births = [Sample.instance(1)] },
      { $0.machines = [Sample.machine] },
      { $0.parked.written = [ParkedMessage(key: hash(5), id: hash(6), sequence: 99, expiresAt: time(1))] },
      { $0.deadLetters.written = [DeadLetterEntry(sequence: 99, fingerprint: hash(1))] },
      {
        $0.deadLetters.written = [
          DeadLetterEntry(sequence: 2, fingerprint: hash(1)), DeadLetterEntry(sequence: 3, fingerprint: hash(1)),
        ]
      },
      {
        $0.held.written = [
          HeldMessage(lane: 9, sequence: 2, effect: 0, ordering: hash(1), attempts: 0, nextAt: nil, reason: "")
        ]
      },
    ]
    for (index, change) in changes.enumerated() {
      var row = Sample.row(2, of: 1)
      row.input = [1]
      let batch = try store.batch([row, Sample.loose(3, .dead)]) {
        $0.parked.written = [ParkedMessage(key: hash(7), id: hash(6), sequence: 3, expiresAt: time(1))]
        change(&$0)
      }
      guard case .refused? = failure(store, batch) else {
        Issue.record("change \(index) was taken")
        continue
      }
      #expect(try store.recover().lastSequence == 1, "change \(index)")
      let loaded = try store.load {
        $0.keys = [hash(1), hash(2)]
        $0.parkedByKey = [hash(5), hash(7)]
        $0.fingerprints = [hash(1)]
      }
      #expect(loaded.keys == [hash(1): 1] && loaded.parked.isEmpty && loaded.deadLetters.isEmpty, "change \(index)")
    }
    try store.add([Sample.row(2, of: 1)])
    #expect(try store.recover().lastSequence == 2)
  }

  @Test("load answers what was asked and nothing that it leads to", arguments: Kind.allCases) func load(kind: Kind)
    throws
  {
    let store = try closed(kind)
    try store.add([Sample.loose(8, .dead), Sample.loose(9, .parked), Sample.loose(10, .parked)]) {
      $0.keys = [.insert(hash(1), 1), .insert(hash(2), 3)]
      $0.deadLetters.written = [DeadLetterEntry(sequence: 8, fingerprint: hash(3))]
      $0.parked.written = [
        ParkedMessage(key: hash(4), id: hash(6), sequence: 10, expiresAt: time(1)),
        ParkedMessage(key: hash(4), id: hash(5), sequence: 9, expiresAt: time(2)),
      ]
      $0.fold = FoldPortion(instances: [], spilled: [SpilledID(instance: 1, id: hash(8), body: 7)])
    }
    let loaded = try store.load {
      $0.keys = [hash(1), hash(2), hash(1), hash(99)]
      $0.instances = [2, 2, 99]
      $0.seen = [SeenProbe(instance: 1, id: hash(8)), SeenProbe(instance: 2, id: hash(8))]
      $0.parkedByKey = [hash(4), hash(99), hash(4)]
      $0.fingerprints = [hash(3), hash(99)]
    }
    #expect(loaded.keys == [hash(1): 1, hash(2): 3])
    #expect(loaded.instances == [2: Sample.instance(2, status: 4, closedAt: 10)])
    #expect(loaded.seen == [SeenProbe(instance: 1, id: hash(8)): 7])
    #expect(loaded.parked.mapValues { $0.map(\.sequence) } == [hash(4): [9, 10]])
    #expect(loaded.deadLetters.keys.sorted { $0.low < $1.low } == [hash(3)])
    #expect(try store.rows([9, 99, 1, 9]).map(\.sequence) == [9, 1, 9])
    #expect(try store.journal(after: 3, limit: 2).map(\.sequence) == [4, 5])
  }

  @Test("wakes come by (time, instance), after a given one", arguments: Kind.allCases) func wakes(kind: Kind) throws {
    let store = try store(kind)
    try store.addInstances(9) { $0.wakeAt = $0.id == 5 ? nil : time(100 - $0.id % 3) }
    var all: [Wake] = []
    while true {
      let page = try store.wakes(through: time(99), after: all.last, limit: 2)
      if page.isEmpty { break }
      all += page
    }
    #expect(all.map(\.instance) == [2, 8, 1, 4, 7])
    #expect(try store.wakes(through: time(97), after: nil, limit: 10).isEmpty)
  }

  @Test("pages may be short, and the last one has no next", arguments: Kind.allCases, [1, 2, 3, 100])
  func pages(kind: Kind, limit: Int) throws {
    let store = try store(kind)
    try store.addInstances(7) {
      if $0.id % 2 == 0 { ($0.status, $0.closedAt) = (3, time(1)) }
    }
    let rows = (8...13).map { Sample.loose($0, .dead) }
    try store.add(rows) {
      $0.deadLetters.written = (8...10).map {
        DeadLetterEntry(
          sequence: $0, fingerprint: hash(UInt64($0)), resolvedSequence: $0 == 9 ? 13 : nil,
          resolution: $0 == 9 ? .discarded : nil)
      }
      $0.parked.written = (11...13).map {
        ParkedMessage(key: hash(1), id: hash(UInt64($0)), sequence: $0, expiresAt: time($0 == 11 ? 9 : 5))
      }
      $0.fold = FoldPortion(
        instances: [],
        completion: FoldCompletion(
          foldedSequence: 0, clock: time(0),
          lanes: [1, 2].map { LanePosition(id: $0, name: "lane \($0)", sequence: 0, effect: 0) }))
      $0.held.written = [(2, 8, 0), (1, 9, 1), (1, 9, 0)].map {
        HeldMessage(lane: $0.0, sequence: $0.1, effect: $0.2, ordering: hash(1), attempts: 0, nextAt: nil, reason: "")
      }
    }
    func all(_ query: StoreQuery) throws -> [[Int64]] {
      var found: [[Int64]] = []
      var token: PageToken?
      for _ in 0..<100 {
        let page = try store.page(query, after: token, limit: limit)
        let these =
          page.instances.map { [$0.id] } + page.deadLetters.map { [$0.sequence] }
          + page.parked.map { [$0.expiresAt.milliseconds, $0.sequence] }
          + page.held.map { [$0.lane, $0.sequence, $0.effect] }
        #expect(these.count <= limit)
        found += these
        token = page.next
        if token == nil { return found }
      }
      Issue.record("the pages have no end")
      return found
    }
    #expect(try all(.instances(statuses: nil, machines: nil)) == (1...7).map { [$0] })
    #expect(try all(.instances(statuses: [3], machines: [1])) == [[2], [4], [6]])
    #expect(try all(.instances(statuses: nil, machines: [2])).isEmpty)
    #expect(try all(.deadLetters(onlyUnresolved: false)) == [[8], [9], [10]])
    #expect(try all(.deadLetters(onlyUnresolved: true)) == [[8], [10]])
    #expect(try all(.parked(expiringBy: nil)) == [[5, 12], [5, 13], [9, 11]])
    #expect(try all(.parked(expiringBy: time(5))) == [[5, 12], [5, 13]])
    #expect(try all(.held(lane: nil)) == [[1, 9, 0], [1, 9, 1], [2, 8, 0]])
    #expect(try all(.held(lane: 1)) == [[1, 9, 0], [1, 9, 1]])
  }

  @Test("a sweep takes rows of closed instances and old rows of none", arguments: Kind.allCases, [1, 2, 1000])
  func sweeps(kind: Kind, rows: Int) throws {
    let store = try closed(kind)
    #expect(try finish(store, sweep(before: 50), rows: rows) == 3)
    // Row 6 is not older than the cut, 7 is the last.
    #expect(try sequences(store) == [3, 5, 6, 7])
    let loaded = try store.load { $0.instances = [1, 2, 3] }.instances
    #expect(loaded[1]?.state == nil && loaded[2]?.state == nil && loaded[3]?.state == [5])
    #expect(try store.recover().sweptSequence == 4)
    #expect(try finish(store, sweep(before: 51), rows: rows) == 1)
    #expect(try sequences(store) == [3, 5, 7])
  }

  @Test("a sweep that finished looks at everything again", arguments: Kind.allCases) func again(kind: Kind) throws {
    let store = try closed(kind)
    try finish(store, sweep(before: 100), rows: 2)
    try store.add {
      $0.fold = FoldPortion(instances: [Sample.instance(3, sequence: 5, status: 3, closedAt: 20)])
    }
    #expect(try finish(store, sweep(before: 100), rows: 2) == 2)
    #expect(try sequences(store) == [7])
    #expect(try store.recover().sweptSequence == 6)
  }

  @Test("a sweep stops at the position asked for and at the folded one, and an instance keeps its state with a row")
  func limits() throws {
    for kind in Kind.allCases {
      let store = try closed(kind)
      #expect(try finish(store, sweep(before: 100, through: 1)) == 1)
      #expect(try store.load { $0.instances = [1] }.instances[1]?.state != nil)
      try store.add([Sample.loose(8, .outgoing), Sample.loose(9, .outgoing), Sample.loose(10, .outgoing)])
      try finish(store, sweep(before: 100))
      #expect(try sequences(store) == [3, 5, 8, 9, 10], "\(kind)")
    }
  }

  @Test("forgetting takes keys, seen ids and rows of swept instances only", arguments: Kind.allCases, [1, 2, 1000])
  func forgets(kind: Kind, rows: Int) throws {
    let store = try closed(kind)
    try store.add {
      $0.keys = [.insert(hash(1), 1), .insert(hash(2), 1), .insert(hash(3), 2), .insert(hash(4), 3)]
      $0.fold = FoldPortion(
        instances: [Sample.instance(2, status: 4, closedAt: 50)],
        spilled: [SpilledID(instance: 1, id: hash(8), body: 1), SpilledID(instance: 3, id: hash(8), body: 1)])
    }
    try finish(store, sweep(before: 20), rows: rows)
    try finish(store, .forget(closedBefore: time(10)), rows: rows)
    #expect(try store.load { $0.instances = [1] }.instances.count == 1)
    try finish(store, .forget(closedBefore: time(1000)), rows: rows)
    let loaded = try store.load {
      $0.keys = [hash(1), hash(2), hash(3), hash(4)]
      $0.instances = [1, 2, 3]
      $0.seen = [SeenProbe(instance: 1, id: hash(8)), SeenProbe(instance: 3, id: hash(8))]
    }
    #expect(loaded.keys == [hash(3): 2, hash(4): 3])
    #expect(loaded.instances.keys.sorted() == [2, 3])
    #expect(loaded.seen.keys.map(\.instance) == [3])
  }

  @Test("sweeping and forgetting in turns comes to an end", arguments: Kind.allCases) func turns(kind: Kind) throws {
    let store = try closed(kind)
    try store.add { $0.keys = (1...20).map { .insert(hash($0), 1) } }
    for turn in 0... {
      try #require(turn < 40)
      let swept = try store.maintain(sweep(before: 100), budget: PageBudget(rows: 2))
      guard swept.isFinished else { continue }
      if try store.maintain(.forget(closedBefore: time(100)), budget: PageBudget(rows: 2)).isFinished { break }
    }
    #expect(try store.load { $0.keys = [hash(1), hash(20)] }.keys.isEmpty)
  }
}
