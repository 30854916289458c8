import SagaCore
import SagaRuntime
import TestSupport

@testable import SagaSQLite

/// One role that keeps early messages, correlates, publishes and has timers.
enum Parcel {
  static let definition = """
    {
      "saga": "parcel", "version": 1,
      "messages": {
        "Opened": { "key": "event.data.id" },
        "Paid": { "key": "event.data.id", "missing": "1h" },
        "Packed": { "key": "event.data.id" },
        "Sent": { "key": "event.data.id" },
        "Tracked": { "key": { "trackingId": "event.data.trackingId" }, "missing": "1h" }
      },
      "data": { "type": "object", "properties": { "tracked": { "type": "integer", "default": 0 } } },
      "roles": {
        "desk": {
          "start": { "Opened": { "goto": "opened" } },
          "on": { "Tracked": { "set": { "tracked": "data.tracked + 1" } } },
          "after": { "30d": { "goto": "lost" } },
          "states": {
            "opened": { "on": { "Paid": { "publish": { "Receipt": { "id": "saga.key" } }, "goto": "paid" } },
                        "after": { "1h": { "publish": { "Reminder": { "id": "saga.key" } } } } },
            "paid": { "on": { "Packed": { "correlate": { "trackingId": "event.data.trackingId" }, "goto": "packed" } },
                      "after": { "2h": { "publish": { "PackingOverdue": { "id": "saga.key" } } } } },
            "packed": { "on": { "Sent": { "goto": "sent", "publish": { "Delivered": { "id": "saga.key" } } } } },
            "sent": { "final": "completed" },
            "lost": { "final": "completed" }
          }
        }
      }
    }
    """

  static func machines() throws -> [Machine] {
    let loaded = LoadedDefinition.load(source: Array(definition.utf8), file: "parcel.json")
    guard !loaded.machines.isEmpty else { throw Crash(what: "\(loaded.diagnostics)") }
    return loaded.machines
  }

  static func message(_ id: String, _ type: String, _ data: JSON) -> IncomingMessage {
    IncomingMessage(bytes: CloudEvent(id: id, source: "/test", type: type, data: data).encode())
  }
}

struct Crash: Error { var what = "power" }

/// Counts the commits of a run over all its engines and ends an engine at some of them.
final class CrashingStore: ForwardingStore {
  enum Moment: CaseIterable, Sendable {
    /// The commit did not happen.
    case before
    /// It did, and nobody heard of it.
    case after
  }

  final class Plan {
    var commits = 0
    let moment: (Int) -> Moment?
    init(_ moment: @escaping (Int) -> Moment?) { self.moment = moment }
  }

  private let plan: Plan

  init(_ inner: any Store, _ plan: Plan) {
    self.plan = plan
    super.init(inner)
  }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let moment = plan.moment(plan.commits)
    plan.commits += 1
    if moment == .before { throw .outcomeUnknown(Crash()) }
    let receipt = try inner.commit(batch)
    if moment == .after { throw .outcomeUnknown(Crash()) }
    return receipt
  }
}

/// An engine that a test may lose at any commit; what it hands out is kept as a receiver would, by id.
final class Rig {
  /// Opens the shard as a crash left it.
  let open: () throws -> any Store
  let plan: CrashingStore.Plan
  var configuration = EngineConfiguration()
  private let machines: [Machine]
  private(set) var store: (any Store)?
  private(set) var engine: ShardEngine?
  private(set) var restarts = 0
  private(set) var sent: [OutgoingDelivery] = []
  var now = Timestamp(milliseconds: 1_700_000_000_000)

  init(
    _ open: @escaping () throws -> any Store, plan: CrashingStore.Plan = CrashingStore.Plan { _ in nil },
    configure: (inout EngineConfiguration) -> Void = { _ in }
  ) throws {
    self.open = open
    self.plan = plan
    machines = try Parcel.machines()
    configure(&configuration)
  }

  /// Does something with the engine, again with a new one after each crash.
  @discardableResult
  func with<Value>(_ body: (ShardEngine) throws -> Value) throws -> Value {
    var turns = Turns()
    while true {
      try turns.next()
      do {
        return try body(try running())
      } catch EngineError.outcomeUnknown {
        drop()
        restarts += 1
      }
    }
  }

  func running() throws -> ShardEngine {
    if let engine { return engine }
    let opened = CrashingStore(try open(), plan)
    let made = try ShardEngine(store: opened, machines: machines, configuration: configuration, now: now)
    (store, engine) = (opened, made)
    return made
  }

  /// Loses the engine without a word.
  func drop() { (engine, store) = (nil, nil) }

  @discardableResult
  func offer(_ id: String, _ type: String, _ data: JSON) throws -> DeliveryReceipt.Outcome {
    try with { try $0.offer([Parcel.message(id, type, data)], now: now)[0].deliveries[0].outcome }
  }

  func settle() throws {
    try with { engine in
      var turns = Turns()
      while try engine.tick(now: now).hasMore { try turns.next() }
    }
  }

  func pass(hours: Int64) throws {
    now = now.advanced(byMilliseconds: hours * 3_600_000)
    try settle()
  }

  func drain() throws {
    try with { engine in
      var turns = Turns()
      while true {
        try turns.next()
        let some = try engine.takeOutgoing(lane: "output", limit: 10, now: now)
        if some.isEmpty { return }
        for delivery in some where !sent.contains(where: { $0.id == delivery.id }) { sent.append(delivery) }
        let results = some.map { DeliveryResult(position: $0.position, outcome: .confirmed) }
        try engine.confirm(lane: "output", results, now: now)
      }
    }
  }

  func fold() throws {
    try with { engine in
      var turns = Turns()
      while try engine.maintain(now: now, isIdle: true).hasMore { try turns.next() }
    }
  }

  func prune(before: Timestamp, forget: Timestamp) throws {
    try with { engine in
      var turns = Turns()
      while try !engine.prune(closedBefore: before, forgetBefore: forget, archive: nil).isFinished {
        try turns.next()
      }
    }
  }

  /// Every message in every order of states, timers, and waiting messages that expire.
  func script() throws {
    let messages: [(String, String, JSON)] = [
      ("1", "Paid", ["id": "a"]), ("2", "Opened", ["id": "a"]), ("3", "Opened", ["id": "b"]),
      ("4", "Sent", ["id": "b"]), ("5", "Packed", ["id": "b", "trackingId": "t"]),
      ("6", "Tracked", ["trackingId": "t"]),
      ("7", "Opened", ["id": "a"]), ("8", "Paid", ["id": "b"]), ("9", "Packed", ["id": "a", "trackingId": "t"]),
      ("10", "Opened", ["id": "d"]), ("11", "Paid", ["id": "e"]), ("12", "Unknown", ["id": "a"]),
      ("13", "Paid", ["id": 5]), ("2", "Opened", ["id": "a"]),
    ]
    for (id, type, data) in messages { try offer(id, type, data) }
    for hours: Int64 in [1, 2, 24] { try pass(hours: hours) }
    try offer("14", "Paid", ["id": "d"])
    try pass(hours: 30 * 24)
    try drain()
  }

  struct Result: Equatable {
    var instances: [String]
    var histories: [[String]]
    var rows: [String]
    var sent: [String]
  }

  /// Everything that can be observed; rows of cursor moves depend on when a process ended.
  func result() throws -> Result {
    _ = try running()
    let store = store!
    let reader = try ShardReader(store: store)
    let views = try reader.instances(limit: 1000)
    return Result(
      instances: views.map {
        "\($0.id) \($0.uid) \($0.key) \($0.revision) \($0.status) \($0.sequence) \(String(describing: $0.instance))"
      },
      histories: try views.map { view in
        try reader.history(of: view.id).map {
          "\($0.sequence) \($0.at) \($0.cause) \($0.outcome) \($0.facts) \($0.outgoing)"
        }
      },
      rows: try store.journal(after: 0, limit: 10_000).filter { $0.kind != .marks }.map {
        "\($0.sequence) \($0.kind) \($0.at) \($0.decided) \($0.outgoing ?? [])"
      },
      sent: sent.map { "\($0.id) \($0.type) \($0.orderingKey)" })
  }
}
