import SagaCore
import SagaRuntime
import SagaSQLite

/// The order saga in one file and in two, with a thread for each: what a second core gives.
enum ShardRounds {
  /// Messages of one call, of all shards together.
  static let group = 256

  static func section(_ rounds: StoreRounds, _ options: Options, goals: inout GoalTable) throws -> Section {
    Benchmarks.note("shards…")
    let workload = try Workload(orders: Int(3000 * options.seconds))
    var one = Measurement(name: "one shard", unit: "events/s")
    var two = Measurement(name: "two shards", unit: "events/s")
    var ratio = Measurement(name: "  ratio of the two", unit: "times")
    for _ in 1...options.rounds {
      one.samples.append(try eventsPerSecond(workload, shards: 1, rounds))
      two.samples.append(try eventsPerSecond(workload, shards: 2, rounds))
      ratio.samples.append((two.samples.values.last ?? .nan) / (one.samples.values.last ?? .nan))
    }
    goals.record(.twoShards, ratio.samples)
    return Section(
      id: "shards", title: "one journal and two, on SQLite, synchronous=FULL", [one, two, ratio],
      notes: ["\(group) messages a call, divided among the shards; each commits its own"])
  }

  private static func eventsPerSecond(_ workload: Workload, shards: Int, _ rounds: StoreRounds) throws -> Double {
    let stores = try SQLiteShards.open(try rounds.fresh("shards"), count: shards)
    defer { for store in stores { store.close() } }
    let engines = try stores.map { store in
      var configuration = Workload.configuration()
      configuration.shard = store.options.shard
      return try ShardEngine(
        store: store, machines: workload.machines, configuration: configuration, now: Workload.start)
    }
    let journal = ShardGroup(engines)
    var sent = 0
    let stopwatch = Stopwatch()
    var index = 0
    while index < workload.messages.count {
      let end = min(index + group, workload.messages.count)
      let now = Workload.time(index)
      _ = try journal.offer(Array(workload.messages[index..<end]), now: now)
      while true {
        let outgoing = try journal.takeOutgoing(lane: "output", limit: 1000, now: now)
        if outgoing.isEmpty { break }
        sent += outgoing.count
        try journal.confirm(
          lane: "output", outgoing.map { ShardGroup.Result(position: $0.position, outcome: .confirmed) }, now: now)
      }
      _ = try journal.tick(now: now)
      _ = try journal.maintain(now: now, isIdle: false)
      index = end
    }
    let now = Workload.time(workload.messages.count)
    while try journal.maintain(now: now, isIdle: true).hasMore {}
    let seconds = stopwatch.seconds
    guard sent == workload.outgoing else {
      throw BenchmarkError("\(shards) shards sent \(sent) messages where \(workload.outgoing) were due")
    }
    return Double(workload.messages.count) / seconds
  }
}
