import SagaCore
import TestSupport

@testable import SagaRuntime

/// An engine on a store in memory, with a clock that the test moves.
final class World {
  var store: FaultyStore
  private(set) var engine: ShardEngine
  var now = Timestamp(milliseconds: 1_700_000_000_000)
  let machines: [Machine]
  let configuration: EngineConfiguration

  struct Unloadable: Error { var text: String }

  init(
    _ definitions: [String], contents: MemoryContents = MemoryContents(),
    configure: (inout EngineConfiguration) -> Void = { _ in }
  ) throws {
    machines = try definitions.flatMap { try World.load($0) }
    var configuration = EngineConfiguration()
    configure(&configuration)
    self.configuration = configuration
    store = FaultyStore(MemoryStore(contents))
    engine = try ShardEngine(store: store, machines: machines, configuration: configuration, now: now)
  }

  static func load(_ definition: String) throws -> [Machine] {
    let loaded = LoadedDefinition.load(source: Array(definition.utf8), file: "test.json")
    guard !loaded.machines.isEmpty else {
      throw Unloadable(text: loaded.diagnostics.map { "\($0.position): \($0.message)" }.joined(separator: "\n"))
    }
    return loaded.machines
  }

  var contents: MemoryContents { store.memory.contents }

  /// Drops the engine and everything in memory, as a crash does, and recovers from the store.
  func restart() throws {
    store = FaultyStore(MemoryStore(contents))
    engine = try ShardEngine(store: store, machines: machines, configuration: configuration, now: now)
  }

  func event(_ id: String, _ type: String, _ data: JSON, correlation: String? = nil) -> CloudEvent {
    var event = CloudEvent(id: id, source: "/test", type: type, data: data)
    event.correlationid = correlation
    return event
  }

  func message(_ id: String, _ type: String, _ data: JSON, correlation: String? = nil) -> IncomingMessage {
    IncomingMessage(bytes: event(id, type, data, correlation: correlation).encode())
  }

  /// Offers one message and gives the outcome of its only delivery.
  @discardableResult
  func offer(
    _ id: String, _ type: String, _ data: JSON, correlation: String? = nil
  ) throws -> DeliveryReceipt.Outcome {
    try engine.offer([message(id, type, data, correlation: correlation)], now: now)[0].deliveries[0].outcome
  }

  /// Ticks until nothing is ready now.
  @discardableResult
  func settle() throws -> TickReport {
    var turns = Turns()
    while true {
      try turns.next()
      let report = try engine.tick(now: now)
      if !report.hasMore { return report }
    }
  }

  func pass(_ seconds: Int64) throws {
    now = now.advanced(byMilliseconds: seconds * 1000)
    try settle()
  }

  /// Takes and confirms everything that a lane has.
  @discardableResult
  func drain(_ lane: String = "output") throws -> [OutgoingDelivery] {
    var all: [OutgoingDelivery] = []
    var turns = Turns()
    while true {
      try turns.next()
      let some = try engine.takeOutgoing(lane: lane, limit: 100, now: now)
      if some.isEmpty { return all }
      all += some
      try confirm(some, lane)
    }
  }

  func confirm(_ deliveries: [OutgoingDelivery], _ lane: String = "output") throws {
    let results = deliveries.map { DeliveryResult(position: $0.position, outcome: .confirmed) }
    try engine.confirm(lane: lane, results, now: now)
  }

  /// Folds everything into the tables.
  func fold() throws {
    var turns = Turns()
    while try engine.maintain(now: now, isIdle: true).hasMore { try turns.next() }
  }

  /// The instance of a key, as the engine has it in memory or the store.
  func instance(_ key: String, saga: String = "parcel", role: String = "desk") throws -> Instance? {
    let machine = machines.first { $0.identity.saga == saga && $0.identity.role == role }!
    let id = contents.keys[machine.keyHash(primary: key)]
    return try id.flatMap { try engine.instance($0) }?.current.instance
  }

  func state(_ key: String, saga: String = "parcel", role: String = "desk") throws -> String? {
    let machine = machines.first { $0.identity.saga == saga && $0.identity.role == role }!
    return try instance(key, saga: saga, role: role).map { machine.stateName(of: $0) }
  }

  /// The types of everything the journal has sent, in order.
  func sentTypes() throws -> [String] {
    try contents.journal.flatMap { row in
      try row.outgoing.map { try OutgoingRecord.decode($0) } ?? []
    }.map { try CloudEvent.decode($0.event).type }
  }

  /// The dead letters that wait, by journal sequence.
  func deadLetters() throws -> [(entry: DeadLetterEntry, fault: MessageFault)] {
    try store.page(.deadLetters(onlyUnresolved: true), after: nil, limit: 1000).deadLetters.map { entry in
      let row = try store.rows([entry.sequence])[0]
      return (entry, try DecidedRecord(decoding: row.decided).fault!)
    }
  }
}

/// A store that fails where a test says so.
final class FaultyStore: ForwardingStore {
  let memory: MemoryStore
  /// Taken off and thrown by the next commits; nil lets one pass.
  var failures: [CommitError?] = []
  /// Refuses rows that this names.
  var refuses: (JournalRow) -> Bool = { _ in false }
  /// Runs before each commit.
  var beforeCommit: (CommitBatch) -> Void = { _ in }
  private(set) var commits: [CommitBatch] = []
  /// How many wakes have been read.
  private(set) var wakesRead = 0

  init(_ memory: MemoryStore) {
    self.memory = memory
    super.init(memory)
  }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    beforeCommit(batch)
    if !failures.isEmpty, let failure = failures.removeFirst() { throw failure }
    if batch.rows.contains(where: refuses) { throw .refused(constraint: "a test") }
    let receipt = try inner.commit(batch)
    commits.append(batch)
    return receipt
  }

  /// How many instances a page looks at; nil for all.
  var examinedPerPage: Int?

  /// As a store whose pages end after so many instances, wanted or not.
  override func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    guard let examinedPerPage, case .headers(let statuses, let machines) = query else {
      return try super.page(query, after: after, limit: limit)
    }
    var page = try super.page(.headers(statuses: nil, machines: nil), after: after, limit: examinedPerPage)
    page.headers = page.headers.filter {
      (statuses?.contains($0.status) ?? true) && (machines?.contains($0.machine) ?? true)
    }
    return page
  }

  override func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    let wakes = try super.wakes(through: through, after: after, limit: limit)
    wakesRead += wakes.count
    return wakes
  }
}
