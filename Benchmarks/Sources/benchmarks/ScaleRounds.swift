import Floor
import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// What it costs that much is stored: time, memory, disk, and time again after a crash.
struct ScaleRounds {
  let rounds: StoreRounds
  let options: Options

  static let group = 100
  /// What all sizes are compared with.
  static let smallest = 10_000

  static func sections(_ rounds: StoreRounds, _ options: Options, goals: inout GoalTable) throws -> [Section] {
    let scale = ScaleRounds(rounds: rounds, options: options)
    // A million as well, where ten are asked for.
    let larger = Set([1_000_000, options.instances]).sorted().filter { smallest < $0 && $0 <= options.instances }
    return [
      try scale.growth([smallest] + larger, &goals),
      try RecoveryRounds(rounds: rounds, options: options).section(&goals),
      try scale.disk(&goals),
    ]
  }

  private func file(_ instances: Int) -> AccountFile {
    AccountFile(
      path: rounds.folder.appendingPathComponent("scale-\(instances).db").path, instances: instances,
      isHalfClosed: true, timeout: "30d", spanMilliseconds: 60_000)
  }

  /// What one kind of keys costs at one size, the floor beside it, and both against the smallest size in the same round.
  private struct Cost {
    var size: Int
    var isHot: Bool
    var engine: Measurement
    var floor: Measurement
    var engineGrowth = Measurement(name: "  against 10⁴ instances", unit: "×")
    var floorGrowth = Measurement(name: "  the floor against 10⁴ instances", unit: "×")

    init(size: Int, isHot: Bool) {
      self.size = size
      self.isHot = isHot
      let keys = isHot ? "hot keys" : "uniform keys"
      engine = Measurement(name: "\(Report.whole(Double(size))) instances, \(keys)", unit: "µs per event")
      floor = Measurement(name: "  the floor", unit: engine.unit)
    }

    var measurements: [Measurement] {
      size == ScaleRounds.smallest ? [engine, floor] : [engine, floor, engineGrowth, floorGrowth]
    }
  }

  private func growth(_ sizes: [Int], _ goals: inout GoalTable) throws -> Section {
    defer { removeFiles(sizes) }
    let prepared = try sizes.flatMap(prepare)
    var hot = sizes.map { Cost(size: $0, isHot: true) }
    var uniform = sizes.map { Cost(size: $0, isHot: false) }
    for round in 1...options.rounds {
      Benchmarks.note("scale, round \(round) of \(options.rounds)")
      try measure(&hot, round: round)
      try measure(&uniform, round: round)
    }
    let largest = sizes[sizes.count - 1]
    let resident = try resident(file(largest))
    if let growth = hot.last?.engineGrowth.samples, largest > ScaleRounds.smallest {
      goals.record(.hotGrowth, growth, shortfall: shortfall(largest))
    }
    goals.record(.residentStored, resident[1].samples, shortfall: shortfall(largest))
    return Section(
      id: "scale",
      title:
        "stored instances, half of them finished; SQLite, synchronous=FULL, \(ScaleRounds.group) messages a commit",
      prepared + zip(hot, uniform).flatMap { $0.measurements + $1.measurements } + resident,
      notes: [
        "hot: nine keys in ten are of the newest thousand that are open; uniform: of all that are open",
        "prepared by the engine, 1,000 messages a commit, synchronous=OFF; the floor's are bare rows of 256 B, all open",
      ])
  }

  private func prepare(_ instances: Int) throws -> [Measurement] {
    let count = Report.whole(Double(instances))
    Benchmarks.note("preparing \(count) instances…")
    let stopwatch = Stopwatch()
    let events = try file(instances).prepare()
    let seconds = stopwatch.seconds
    guard floor_prepare(floorPath(instances), Int64(instances)) == 0 else {
      throw BenchmarkError("the floor's database cannot be made")
    }
    return [
      Measurement(
        name: "prepared: \(count) instances by \(Report.whole(Double(events))) events", unit: "s",
        samples: Samples([seconds])),
      Measurement(name: "  size of the file", unit: "MB", samples: Samples([try file(instances).megabytes])),
    ]
  }

  private func measure(_ costs: inout [Cost], round: Int) throws {
    let events = Int(20_000 * options.seconds)
    for index in costs.indices {
      let (size, isHot) = (costs[index].size, costs[index].isHot)
      let engine = try cost(size, isHot: isHot, round: round, events: events)
      let first = Int64((2 * round + (isHot ? 0 : 1)) * events)
      let seconds = floor_run(
        floorPath(size), Int64(size), Int64(events), Int64(ScaleRounds.group), UInt64(round), first, isHot ? 1000 : 0)
      guard seconds > 0 else { throw BenchmarkError("the floor failed") }
      let floor = seconds / Double(events) * 1e6
      costs[index].engine.samples.append(engine)
      costs[index].floor.samples.append(floor)
      costs[index].engineGrowth.samples.append(engine / costs[0].engine.samples.values[round - 1])
      costs[index].floorGrowth.samples.append(floor / costs[0].floor.samples.values[round - 1])
    }
  }

  /// Gigabytes that the rest has no use for.
  private func removeFiles(_ sizes: [Int]) {
    for path in sizes.flatMap({ [file($0).path, floorPath($0)] }) {
      for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
  }

  private func shortfall(_ instances: Int) -> String? {
    instances >= 10_000_000 ? nil : "with \(Report.whole(Double(instances))) (--instances 10000000)"
  }

  private func floorPath(_ instances: Int) -> String {
    rounds.folder.appendingPathComponent("scale-floor-\(instances).db").path
  }

  /// Microseconds per event of an engine that has run for a while.
  private func cost(_ instances: Int, isHot: Bool, round: Int, events: Int) throws -> Double {
    let file = file(instances)
    let store = try SQLiteStore(path: file.path)
    defer { store.close() }
    var drive = try Drive(
      store, try Accounts.machines(timeout: file.timeout), group: ScaleRounds.group, now: file.end)
    let first = (2 * round + (isHot ? 0 : 1)) * 2 * events
    let warmUp = file.charges(events / 4, isHot: isHot, first: first, seed: UInt64(first + 1))
    try drive.pass(warmUp[...], group: ScaleRounds.group, now: { _ in file.end })
    try drive.settle(now: file.end)
    let charges = file.charges(events, isHot: isHot, first: first + events, seed: UInt64(first + 2))
    let stopwatch = Stopwatch()
    try drive.pass(charges[...], group: ScaleRounds.group, now: { _ in file.end })
    try drive.settle(now: file.end)
    return stopwatch.seconds / Double(events) * 1e6
  }

  /// What a process with an engine on the file holds.
  private func resident(_ file: AccountFile) throws -> [Measurement] {
    let name = Report.whole(Double(file.instances))
    var lines = [
      Measurement(name: "resident memory, \(name) stored, just opened", unit: "MB"),
      Measurement(name: "  after 100,000 events of hot keys", unit: "MB"),
      Measurement(name: "  after 100,000 more of uniform keys: every cache at its limit", unit: "MB"),
    ]
    let child = try Child(part: "resident", file.path, "\(file.instances)")
    let found = try child.readNumbers("resident")
    try child.finish()
    for index in lines.indices { lines[index].samples.append(found[index]) }
    return lines
  }

  /// The other side of `resident`, in a process of its own.
  static func measureResident(_ path: String, instances: Int) throws {
    let file = AccountFile(
      path: path, instances: instances, isHalfClosed: true, timeout: "30d", spanMilliseconds: 60_000)
    let store = try SQLiteStore(path: path)
    defer { store.close() }
    var drive = try Drive(store, try Accounts.machines(timeout: file.timeout), group: group, now: file.end)
    try drive.settle(now: file.end)
    var found = [ResidentMemory.megabytes]
    for isHot in [true, false] {
      let first = 1_000_000_000 + (isHot ? 0 : 100_000)
      for start in stride(from: 0, to: 100_000, by: group) {
        let charges = file.charges(group, isHot: isHot, first: first + start, seed: UInt64(first + start))
        try drive.pass(charges[...], group: group, now: { _ in file.end })
      }
      try drive.settle(now: file.end)
      found.append(ResidentMemory.megabytes)
    }
    Child.say("resident \(found.map { "\($0)" }.joined(separator: " "))")
  }

  /// Bytes of the file for each byte of messages in and out, of orders that have all ended.
  private func disk(_ goals: inout GoalTable) throws -> Section {
    Benchmarks.note("filling a file…")
    var lines: [Measurement] = []
    for (name, workload) in [
      ("order-fulfillment", try Workload(orders: 20_000)),
      ("order-choreography", try Workload.choreography(orders: 20_000)),
    ] {
      var options = SQLiteOptions()
      options.synchronous = .off
      let path = try rounds.fresh("disk")
      let store = try SQLiteStore(path: path, options: options)
      defer { store.close() }
      var drive = try Drive(store, workload.machines, group: ScaleRounds.group, now: Workload.start)
      try drive.pass(workload.messages[...], group: ScaleRounds.group, now: Workload.time)
      try drive.settle(now: Workload.time(workload.messages.count))
      _ = try store.maintain(.checkpoint(truncate: true), budget: PageBudget())
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      let payload = workload.messages.reduce(0) { $0 + $1.bytes.count } + drive.sentBytes
      let ratio = Samples([Double(size) / Double(payload)])
      lines += [
        Measurement(name: "\(name), file against payload", unit: "×", samples: ratio),
        Measurement(name: "  bytes of the file per order", unit: "B", samples: Samples([Double(size) / 20_000])),
        Measurement(name: "  bytes of messages per order", unit: "B", samples: Samples([Double(payload) / 20_000])),
      ]
      if name == "order-fulfillment" { goals.record(.diskPerInstance, ratio) }
    }
    return Section(
      id: "disk", title: "20,000 finished orders on disk, folded and checkpointed", lines,
      notes: ["payload: the bytes of every message as it came in and as it went out, each once"])
  }
}
