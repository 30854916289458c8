import SagaCore
import SagaRuntime
import TestSupport
import Testing

@testable import SagaSQLite
@testable import SagaTesting

@Suite struct PageTests {
  let folder = Folder()

  /// All pages, one after the other.
  private func pages(_ store: SQLiteStore, _ query: StoreQuery, limit: Int) throws -> [Page] {
    var pages = [try store.page(query, after: nil, limit: limit)]
    var turns = Turns()
    while let next = pages.last?.next {
      try turns.next()
      pages.append(try store.page(query, after: next, limit: limit))
    }
    return pages
  }

  @Test("wakes come by time and instance, page after page, up to the time asked for", arguments: [1, 2, 3, 100])
  func wakes(limit: Int) throws {
    let store = try folder.writer()
    // Instances 1…9 wake at 10, 20, 30, 10, 20, 30 …; 7 does not.
    try store.addInstances(9) { $0.wakeAt = $0.id == 7 ? nil : time(($0.id - 1) % 3 * 10 + 10) }
    var found: [Wake] = []
    var turns = Turns()
    while true {
      try turns.next()
      let page = try store.wakes(through: time(20), after: found.last, limit: limit)
      #expect(page.count <= limit)
      if page.isEmpty { break }
      found += page
    }
    let expected = [(10, 1), (10, 4), (20, 2), (20, 5), (20, 8)].map { Wake(at: time($0.0), instance: $0.1) }
    #expect(found == expected)
    #expect(try store.wakes(through: time(5), after: nil, limit: 5).isEmpty)
  }

  @Test("a page of many equal times is read from the index", arguments: [Query.wakesAt, .wakesAfter])
  func wakesUseTheIndex(_ query: Query) throws {
    let store = try folder.writer()
    let plan = try store.connection.prepare("EXPLAIN QUERY PLAN " + query.sql)
    let steps = try store.collect(plan) { $0.text(3) }
    #expect(steps.allSatisfy { $0.contains("instance_wake") && !$0.contains("TEMP B-TREE") }, "\(steps)")
  }

  @Test(
    "open instances are read from their index, in the order of their ids",
    arguments: [Query.openInstancesAfter, .openHeadersAfter])
  func openOnesUseTheIndex(_ query: Query) throws {
    let store = try folder.writer()
    let plan = try store.connection.prepare("EXPLAIN QUERY PLAN " + query.sql)
    let steps = try store.collect(plan) { $0.text(3) }
    #expect(steps.count == 1 && steps[0].hasPrefix("SEARCH") && steps[0].contains("instance_open"), "\(steps)")
  }

  @Test("an event of an instance that stays open writes no entry of the index of open instances, nor of closed ones")
  func eventsLeaveTheIndex() throws {
    let store = try folder.writer()
    func written(by query: Query) throws -> Set<String> {
      let names = try store.connection.prepare("SELECT rootpage, name FROM sqlite_schema WHERE rootpage>0")
      let byRoot = try Dictionary(uniqueKeysWithValues: store.collect(names) { ($0.integer(0), $0.text(1)) })
      let program = try store.connection.prepare("EXPLAIN " + query.sql)
      let opened = try store.collect(program) { ($0.text(1), $0.integer(3)) }
      return Set(opened.filter { $0.0 == "OpenWrite" }.compactMap { byRoot[$0.1] })
    }
    #expect(try written(by: .updateOpenInstance) == ["instance", "instance_wake"])
    #expect(try written(by: .updateInstance).isSuperset(of: ["instance_open", "instance_closed"]))
  }

  @Test("open instances stand on one page, however many closed ones lie between them", arguments: [[1], [1, 2, 5]])
  func openAmongClosed(statuses: [Int64]) throws {
    let store = try folder.writer()
    try store.addInstances(1)
    let closed = SQLiteStore.instancesExaminedPerPage
    let last = Int64(closed + 2)
    try store.connection.execute(
      """
      INSERT INTO instance(iid,machine,uid,key,seq,revision,status,closed_at,seen)
       WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i+1 FROM n LIMIT \(closed))
       SELECT i, 1, zeroblob(16), 'k', i, 1, 3, 1, x'' FROM n;
      INSERT INTO instance(iid,machine,uid,key,seq,revision,status,state,seen)
       VALUES(\(last), 1, zeroblob(16), 'k', \(last), 1, 1, x'', x'');
      """)
    let whole = try store.page(.instances(statuses: statuses, machines: [1]), after: nil, limit: 3)
    #expect(whole.instances.map(\.id) == [1, last] && whole.next == nil)
    let headers = try store.page(.headers(statuses: statuses, machines: nil), after: PageToken([1]), limit: 3)
    #expect(headers.headers.map(\.id) == [last] && headers.next == nil)
  }

  @Test("an instance that ends is open no more, and one that a late success opens again is open again")
  func openedAgain() throws {
    let store = try folder.writer()
    try store.addInstances(2)
    func open() throws -> [InstanceID] {
      try store.page(.headers(statuses: [1, 2, 5], machines: nil), after: nil, limit: 9).headers.map(\.id)
    }
    try store.fold([Sample.instance(1, status: 4, closedAt: 10)], to: 1)
    #expect(try open() == [2])
    try store.fold([Sample.instance(1, status: 2)], to: 2)
    #expect(try open() == [1, 2])
    #expect(try store.connection.text("PRAGMA integrity_check") == "ok")
  }

  @Test("instances are listed by id, of the statuses and machines asked for", arguments: [1, 2, 50])
  func instances(limit: Int) throws {
    let store = try folder.writer()
    var second = Sample.machine
    second.id = 2
    second.version = 2
    try store.add { $0.machines = [second] }
    try store.addInstances(7) {
      $0.machine = $0.id % 2 + 1
      $0.status = $0.id % 3 == 0 ? 5 : 1
    }
    func ids(_ statuses: [Int64]?, _ machines: [MachineID]?) throws -> [InstanceID] {
      try pages(store, .instances(statuses: statuses, machines: machines), limit: limit)
        .flatMap { $0.instances.map(\.id) }
    }
    #expect(try ids(nil, nil) == [1, 2, 3, 4, 5, 6, 7])
    #expect(try ids([5], nil) == [3, 6])
    #expect(try ids(nil, [2]) == [1, 3, 5, 7])
    #expect(try ids([1, 2], [1]) == [2, 4])
    #expect(try ids([], nil).isEmpty)
  }

  @Test("dead letters are listed by sequence, all or the waiting ones", arguments: [1, 2, 50])
  func deadLetters(limit: Int) throws {
    let store = try folder.writer()
    var letters = (1...5).map { DeadLetterEntry(sequence: $0, fingerprint: hash(UInt64($0))) }
    letters[1].resolvedSequence = 5
    letters[1].resolution = .discarded
    try store.add((1...5).map { Sample.loose($0, .dead) }) { $0.deadLetters.written = letters }
    let all = try pages(store, .deadLetters(onlyUnresolved: false), limit: limit).flatMap(\.deadLetters)
    #expect(all == letters)
    let waiting = try pages(store, .deadLetters(onlyUnresolved: true), limit: limit).flatMap(\.deadLetters)
    #expect(waiting.map(\.sequence) == [1, 3, 4, 5])
  }

  @Test("parked messages are listed by expiry and sequence, several of one time apart", arguments: [1, 2, 50])
  func parked(limit: Int) throws {
    let store = try folder.writer()
    let messages: [ParkedMessage] = (1...6).map { (number: UInt64) in
      let expiresAt = time(number == 1 ? 30 : 20)
      return ParkedMessage(key: hash(10 - number), id: hash(number), sequence: Int64(number), expiresAt: expiresAt)
    }
    try store.add((1...6).map { Sample.loose($0, .parked) }) { $0.parked.written = messages }
    let all = try pages(store, .parked(expiringBy: nil), limit: limit).flatMap(\.parked)
    #expect(all.map(\.sequence) == [2, 3, 4, 5, 6, 1])
    let due = try pages(store, .parked(expiringBy: time(20)), limit: limit).flatMap(\.parked)
    #expect(due == Array(messages.dropFirst()))
    #expect(try store.page(.parked(expiringBy: time(19)), after: nil, limit: 5).parked.isEmpty)
  }

  @Test("held messages are listed by lane, sequence and effect, of all lanes or one", arguments: [1, 2, 50])
  func held(limit: Int) throws {
    let store = try folder.writer()
    try store.add([Sample.loose(1, .outgoing), Sample.loose(2, .outgoing)])
    try store.fold(
      to: 0, lanes: (1...2).map { LanePosition(id: $0, name: "lane \($0)", sequence: 0, effect: 0) })
    let places: [(LaneID, Int64, Int64)] = [(1, 1, 0), (1, 1, 3), (1, 2, 0), (2, 1, 0), (2, 2, 1)]
    let messages = places.map {
      HeldMessage(lane: $0.0, sequence: $0.1, effect: $0.2, ordering: hash(1), attempts: 1, nextAt: nil, reason: "down")
    }
    try store.add { $0.held.written = messages.reversed() }
    #expect(try pages(store, .held(lane: nil), limit: limit).flatMap(\.held) == messages)
    #expect(try pages(store, .held(lane: 1), limit: limit).flatMap(\.held) == Array(messages.prefix(3)))
    #expect(try pages(store, .held(lane: 9), limit: limit).flatMap(\.held).isEmpty)
  }
}
