import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// The order saga in one file and in two, with a thread for each: what a second core gives.
enum ShardRounds {
  /// Messages of one call for each shard, which share a commit about: `saga run` takes as many times more as there are shards, too.
  static let messagesPerShard = 200

  static func section(_ rounds: StoreRounds, _ options: Options, goals: inout GoalTable) throws -> Section {
    Benchmarks.note("shards…")
    let workload = try Workload(orders: Int(3000 * options.seconds))
    var one = Measurement(name: "one shard", unit: "events/s")
    var two = Measurement(name: "two shards", unit: "events/s")
    var ratio = Measurement(name: "  ratio of the two", unit: "times")
    var apart = Measurement(name: "  two journals that do not know of each other, against one", unit: "times")
    for _ in 1...options.rounds {
      one.samples.append(try eventsPerSecond(workload, shards: 1, try rounds.fresh("shards")))
      two.samples.append(try eventsPerSecond(workload, shards: 2, try rounds.fresh("shards")))
      let both = try eventsPerSecondApart(workload, [try rounds.fresh("shards"), try rounds.fresh("shards-apart")])
      apart.samples.append(both / (one.samples.values.last ?? .nan))
      ratio.samples.append((two.samples.values.last ?? .nan) / (one.samples.values.last ?? .nan))
    }
    goals.record(.twoShards, ratio.samples)
    return Section(
      id: "shards", title: "one journal and two, on SQLite, synchronous=FULL", [one, two, ratio, apart],
      notes: [
        "\(messagesPerShard) messages a call and shard, divided among the shards; each commits its own; two journals that do not know",
        "of each other, each with all messages and a thread, show what the second core and the one disk had to give",
      ])
  }

  /// Of all journals together, each driven by a thread of its own.
  private static func eventsPerSecondApart(_ workload: Workload, _ paths: [String]) throws -> Double {
    let lock = NSLock()
    // Every access while the threads run holds the lock.
    nonisolated(unsafe) var results: [Swift.Result<Double, any Error>] = []
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let result = Swift.Result { try eventsPerSecond(workload, shards: 1, paths[index]) }
      lock.withLock { results.append(result) }
    }
    return try results.reduce(0) { try $0 + $1.get() }
  }

  private static func eventsPerSecond(_ workload: Workload, shards: Int, _ path: String) throws -> Double {
    let stores = try SQLiteShards.open(path, count: shards)
    defer { for store in stores { store.close() } }
    let engines = try stores.map { store in
      var configuration = Workload.configuration()
      configuration.shard = store.options.shard
      return try ShardEngine(
        store: store, machines: workload.machines, configuration: configuration, now: Workload.start)
    }
    let journal = ShardGroup(engines)
    let group = messagesPerShard * shards
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
      throw BenchmarkError("\(shards) shards sent \(sent) messages where \(workload.outgoing ?? 0) were due")
    }
    return Double(workload.messages.count) / seconds
  }
}
