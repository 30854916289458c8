import Floor
import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// Engine and floor on the same disk, one after the other.
struct StoreRounds {
  let folder: URL
  /// Of 256 B each. The engine of the same rounds has fewer; `docs/performance.md` shows a floor of its size besides.
  static let floorInstances = 100_000

  init(folder: String) throws {
    self.folder = URL(fileURLWithPath: folder)
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// A path at which nothing is.
  func fresh(_ name: String) throws -> String {
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasPrefix("\(name).") {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(file))
    }
    return folder.appendingPathComponent("\(name).db").path
  }

  /// Bytes in, decided, committed, outgoing taken and confirmed; at the end everything is folded and checkpointed.
  func engine(_ workload: Workload, messages: ArraySlice<IncomingMessage>, group: Int) throws -> Round {
    let store = try SQLiteStore(path: try fresh("engine"))
    defer { store.close() }
    return try StoreRounds.run(store, workload, messages: messages, group: group)
  }

  /// The same with commits that become durable while the next are decided.
  func pipelined(_ workload: Workload, messages: ArraySlice<IncomingMessage>, group: Int) throws -> Round {
    let store = try SQLiteStore(path: try fresh("engine")).pipelined()
    return try StoreRounds.run(store, workload, messages: messages, group: group, isPipelined: true)
  }

  /// The same without a disk.
  func memory(_ workload: Workload, messages: ArraySlice<IncomingMessage>, group: Int) throws -> Round {
    try StoreRounds.run(MemoryStore(), workload, messages: messages, group: group)
  }

  private static func run(
    _ store: any Store, _ workload: Workload, messages: ArraySlice<IncomingMessage>, group: Int,
    isPipelined: Bool = false
  ) throws -> Round {
    var drive = try Drive(store, workload.machines, group: group, now: Workload.start)
    let stopwatch = Stopwatch()
    if isPipelined {
      try drive.passPipelined(messages, group: group, now: Workload.time)
    } else {
      try drive.pass(messages, group: group, now: Workload.time)
    }
    try drive.settle(now: Workload.time(messages.endIndex))
    let round = stopwatch.round(events: messages.count)
    if messages.count == workload.messages.count, let due = workload.outgoing, drive.sent != due {
      throw BenchmarkError("the engine sent \(drive.sent) messages where \(due) were due")
    }
    return round
  }

  /// The same number of messages through the bare C program.
  func floor(instances: Int, events: Int, group: Int, seed: Int) throws -> Round {
    let template = folder.appendingPathComponent("floor-\(instances).template").path
    if !FileManager.default.fileExists(atPath: template) {
      guard floor_prepare(template, Int64(instances)) == 0 else {
        throw BenchmarkError("the floor's database cannot be made")
      }
    }
    let path = try fresh("floor")
    try FileManager.default.copyItem(atPath: template, toPath: path)
    sync()
    let stopwatch = Stopwatch()
    let seconds = floor_run(path, Int64(instances), Int64(events), Int64(group), UInt64(seed), 0, 0)
    guard seconds > 0 else { throw BenchmarkError("the floor failed") }
    var round = stopwatch.round(events: events)
    round.seconds = seconds
    return round
  }

  func fdatasyncPerSecond(seconds: Double) throws -> Double {
    let calls = floor_fdatasync(try fresh("fdatasync"), seconds)
    guard calls > 0 else { throw BenchmarkError("fdatasync failed in \(folder.path)") }
    return calls
  }
}

extension StoreRounds {
  static func results(_ workload: Workload, _ rounds: StoreRounds, _ options: Options) throws -> [GroupResult] {
    var groups = options.groups.map { GroupResult(group: $0) }
    for round in 1...options.rounds {
      Benchmarks.note("store, round \(round) of \(options.rounds)")
      for index in groups.indices { try measure(&groups[index], round, workload, rounds, options) }
    }
    return groups
  }

  /// So many that a round takes about as long as asked: small groups wait for the disk.
  static func orders(group: Int, seconds: Double) -> Int {
    let perSecond = group >= 50 ? 20_000.0 : group >= 5 ? 12_000.0 : 3_000.0
    return max(200, Int(perSecond * seconds / 6))
  }

  private static func measure(
    _ result: inout GroupResult, _ number: Int, _ workload: Workload, _ rounds: StoreRounds, _ options: Options
  ) throws {
    let orders = orders(group: result.group, seconds: options.seconds)
    let messages = workload.messages.prefix(orders * 6)
    var engine: Round?
    var pipelined: Round?
    if options.measures(.store, .engine) {
      let round = try rounds.engine(workload, messages: messages, group: result.group)
      result.engine.append(round.eventsPerSecond)
      result.engineProcessor.append(round.processorMicroseconds)
      engine = round
      let other = try rounds.pipelined(workload, messages: messages, group: result.group)
      result.pipelined.append(other.eventsPerSecond)
      result.pipelinedProcessor.append(other.processorMicroseconds)
      pipelined = other
    }
    if options.measures(.store, .floor) {
      let large = try rounds.floor(
        instances: StoreRounds.floorInstances, events: messages.count, group: result.group, seed: number)
      let small = try rounds.floor(instances: orders, events: messages.count, group: result.group, seed: number)
      result.floor.append(large.eventsPerSecond)
      result.floorProcessor.append(large.processorMicroseconds)
      result.smallFloor.append(small.eventsPerSecond)
      if let engine {
        result.ratio.append(engine.eventsPerSecond / large.eventsPerSecond)
        result.smallRatio.append(engine.eventsPerSecond / small.eventsPerSecond)
      }
      if let pipelined { result.pipelinedRatio.append(pipelined.eventsPerSecond / large.eventsPerSecond) }
    }
    if options.measures(.store, .memory) {
      let round = try rounds.memory(workload, messages: messages, group: result.group)
      result.memoryProcessor.append(round.processorMicroseconds)
    }
  }
}
