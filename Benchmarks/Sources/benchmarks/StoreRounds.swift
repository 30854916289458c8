import Floor
import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// One round over a store: wall and processor time.
struct Round {
  var events: Int
  var seconds: Double
  var processorSeconds: Double
  var eventsPerSecond: Double { Double(events) / seconds }
  var processorMicroseconds: Double { processorSeconds / Double(events) * 1e6 }
}

/// Engine and floor on the same disk, one after the other.
struct StoreRounds {
  let folder: URL
  /// An instance count of the floor as `PERFORMANCE.md` measured it.
  static let floorInstances = 100_000

  init(folder: String) throws {
    self.folder = URL(fileURLWithPath: folder)
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  private func fresh(_ name: String) throws -> String {
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasPrefix("\(name).") {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(file))
    }
    return folder.appendingPathComponent("\(name).db").path
  }

  /// Bytes in, decided, committed, outgoing taken and confirmed; at the end everything is folded and checkpointed.
  func engine(_ workload: Workload, messages: ArraySlice<IncomingMessage>, group: Int) throws -> Round {
    var options = SQLiteOptions()
    options.synchronous = .full
    let store = try SQLiteStore(path: try fresh("engine"), options: options)
    defer { store.close() }
    return try StoreRounds.run(store, workload, messages: messages, group: group)
  }

  /// The same without a disk.
  func memory(_ workload: Workload, messages: ArraySlice<IncomingMessage>, group: Int) throws -> Round {
    try StoreRounds.run(MemoryStore(), workload, messages: messages, group: group)
  }

  private static func run(
    _ store: any Store, _ workload: Workload, messages: ArraySlice<IncomingMessage>, group: Int
  ) throws -> Round {
    let engine = try ShardEngine(
      store: store, machines: workload.machines, configuration: Workload.configuration(), now: Workload.start)
    var sent = 0
    let stopwatch = Stopwatch()
    var index = messages.startIndex
    while index < messages.endIndex {
      let end = min(index + group, messages.endIndex)
      let now = Workload.time(index)
      let receipts = try engine.offer(Array(messages[index..<end]), now: now)
      precondition(receipts.count == end - index)
      index = end
      while true {
        let outgoing = try engine.takeOutgoing(lane: "output", limit: 1000, now: now)
        if outgoing.isEmpty { break }
        sent += outgoing.count
        try engine.confirm(
          lane: "output", outgoing.map { DeliveryResult(position: $0.position, outcome: .confirmed) }, now: now)
      }
      _ = try engine.tick(now: now)
      _ = try engine.maintain(now: now, isIdle: false)
    }
    let now = Workload.time(messages.endIndex)
    while try engine.maintain(now: now, isIdle: true).hasMore {}
    let round = stopwatch.round(events: messages.count)
    if messages.count == workload.messages.count, sent != workload.outgoing {
      throw BenchmarkError("the engine sent \(sent) messages where \(workload.outgoing) were due")
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
    let seconds = floor_run(path, Int64(instances), Int64(events), Int64(group), UInt64(seed))
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

/// Wall time and the processor time of this process.
struct Stopwatch {
  private let begin = ContinuousClock.now
  private let processor = Stopwatch.processorSeconds

  var seconds: Double { (ContinuousClock.now - begin) / .seconds(1) }

  /// Processor time so far: what one core would need, whatever else the machine does.
  var processorTime: Double { Stopwatch.processorSeconds - processor }

  func round(events: Int) -> Round {
    Round(events: events, seconds: seconds, processorSeconds: Stopwatch.processorSeconds - processor)
  }

  private static var processorSeconds: Double {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #endif
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}
