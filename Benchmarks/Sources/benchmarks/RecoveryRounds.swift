import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// A process that is killed with SIGKILL among a million open sagas, and the next one on its file.
struct RecoveryRounds {
  let rounds: StoreRounds
  let options: Options

  private static let group = 100
  /// How long an account waits; as long as it takes to open all of them, so that the first timer is due at the end, and
  /// half of them are within the engine's horizon of ten minutes.
  private static let timeoutMinutes = 20

  private static func file(_ path: String, _ instances: Int) -> AccountFile {
    AccountFile(
      path: path, instances: instances, isHalfClosed: false, timeout: "\(timeoutMinutes)m",
      spanMilliseconds: Int64(timeoutMinutes) * 60_000)
  }

  /// In each round the timers of one more block are due.
  private static func restartTime(_ file: AccountFile, round: Int) -> Timestamp {
    let block = file.spanMilliseconds * Int64(AccountFile.block) / Int64(file.instances)
    return file.end.advanced(byMilliseconds: Int64(round) * (block + 1))
  }

  func section(_ goals: inout GoalTable) throws -> Section {
    let open = options.open
    let count = Report.whole(Double(open))
    Benchmarks.note("preparing \(count) open instances…")
    let file = RecoveryRounds.file(rounds.folder.appendingPathComponent("recovery.db").path, open)
    let stopwatch = Stopwatch()
    _ = try file.prepare()
    var prepared = Measurement(name: "prepared", unit: "s")
    prepared.samples.append(stopwatch.seconds)
    var log = Measurement(name: "left in the write-ahead log by the killed process", unit: "MB")
    var started = Measurement(name: "from the start of the next process: engine recovered", unit: "s")
    var fired = Measurement(name: "  first timers fired, and durable", unit: "s")
    var loaded = Measurement(name: "  every timer of the next ten minutes in memory", unit: "s")
    var ready = Measurement(name: "  every open instance listed: key, status, timer, definition", unit: "s")
    var charged = Measurement(
      name: "  \(RecoveryRounds.group) of them, at random, have taken a message, durable", unit: "s")
    var whole = Measurement(name: "  every open instance read with its state", unit: "s")
    var timers = Measurement(name: "  timers that were due", unit: "timers")
    var memory = Measurement(name: "resident memory per million open, above an engine on an empty file", unit: "MB")
    let empty = try emptyResident()
    var firedSoFar = 0
    for round in 1...options.rounds {
      Benchmarks.note("recovery, round \(round) of \(options.rounds)")
      log.samples.append(try crash(file, round: round))
      let clock = ContinuousClock.now
      func seconds() -> Double { (ContinuousClock.now - clock) / .seconds(1) }
      let child = try Child(part: "recover", file.path, "\(open)", "\(round)")
      _ = try child.readNumbers("recovered")
      started.samples.append(seconds())
      _ = try child.readNumbers("fired")
      fired.samples.append(seconds())
      _ = try child.readNumbers("loaded")
      loaded.samples.append(seconds())
      let found = try child.readNumbers("open")
      ready.samples.append(seconds())
      _ = try child.readNumbers("charged")
      charged.samples.append(seconds())
      _ = try child.readNumbers("whole")
      whole.samples.append(seconds())
      try child.finish()
      firedSoFar += Int(found[2])
      // What has fired may not be folded yet: it stands among the open ones until then.
      guard Int(found[0]) <= open, Int(found[0]) >= open - firedSoFar else {
        throw BenchmarkError("\(Int(found[0])) are open, of \(open), of which \(firedSoFar) have expired")
      }
      timers.samples.append(found[2])
      memory.samples.append((found[1] - empty) * 1e6 / Double(open))
    }
    let shortfall = open >= 1_000_000 ? nil : "with \(count) (--open 1000000)"
    goals.record(.firstTimer, fired.samples, shortfall: shortfall)
    goals.record(.everythingOpen, ready.samples, shortfall: shortfall)
    goals.record(.residentOpen, memory.samples, shortfall: shortfall)
    return Section(
      id: "recovery", title: "after SIGKILL with \(count) open instances",
      [prepared, log, started, fired, loaded, ready, charged, whole, timers, memory],
      notes: [
        "the killed process was in the middle of commits of \(RecoveryRounds.group) messages, synchronous=FULL; times include",
        "the start of the new process; half of the timers are due within the engine's horizon; the system's page cache is warm;",
        "everything is open when all are listed: the engine reads an instance's state when the next message for it comes",
      ])
  }

  /// Kills a process at work.
  ///
  /// - Returns: megabytes in the log that it left.
  private func crash(_ file: AccountFile, round: Int) throws -> Double {
    let child = try Child(part: "crash", file.path, "\(file.instances)", "\(round)")
    // As many commits as it takes until the journal's tail and the log are as long as they become.
    for _ in 0..<300 { _ = try child.readNumbers("committed") }
    child.kill()
    let log = try FileManager.default.attributesOfItem(atPath: file.path + "-wal")[.size] as? Int ?? 0
    return Double(log) / 1e6
  }

  private func emptyResident() throws -> Double {
    let child = try Child(part: "empty", try rounds.fresh("empty"))
    let found = try child.readNumbers("resident")
    try child.finish()
    return found[0]
  }

  // MARK: the processes

  /// Charges accounts until it is killed.
  static func run(untilKilled path: String, instances: Int, round: Int) throws {
    let file = file(path, instances)
    // Before the first timer is due.
    let now = restartTime(file, round: round - 1)
    let store = try SQLiteStore(path: path)
    var drive = try Drive(store, try Accounts.machines(timeout: file.timeout), group: group, now: now)
    for commit in 0... {
      let first = round * 1_000_000_000 + commit * group
      let charges = file.charges(group, isHot: true, first: first, seed: UInt64(first))
      try drive.pass(charges[...], group: group, now: { _ in now })
      Child.say("committed \(commit)")
    }
  }

  /// Recovers, fires what is due, lists everything that is open, and reads it.
  static func recover(_ path: String, instances: Int, round: Int) throws {
    let file = file(path, instances)
    let now = restartTime(file, round: round)
    let store = try SQLiteStore(path: path)
    defer { store.close() }
    let engine = try ShardEngine(
      store: store, machines: try Accounts.machines(timeout: file.timeout), configuration: Workload.configuration(),
      now: now)
    Child.say("recovered")
    var report = try engine.tick(now: now)
    var fired = report.firedTimers
    Child.say("fired \(fired)")
    while report.hasMore {
      report = try engine.tick(now: now)
      fired += report.firedTimers
    }
    // One call reads one page of timers.
    let configuration = engine.configuration
    for _ in 0...(instances / configuration.timerPage) { _ = try engine.tick(now: now) }
    Child.say("loaded")
    func count(_ query: StoreQuery, _ list: (SagaRuntime.Page) -> Int) throws -> Int {
      var (count, token) = (0, PageToken?.none)
      repeat {
        let page = try store.page(query, after: token, limit: 1000)
        count += list(page)
        token = page.next
      } while token != nil
      return count
    }
    let running = [InstanceStatus.running.rawValue]
    let open = try count(.headers(statuses: running, machines: nil)) { $0.headers.count }
    Child.say("open \(open) \(ResidentMemory.megabytes) \(fired)")
    let charges = file.charges(group, isHot: false, first: round * 1_000_000_000 + 500_000_000, seed: UInt64(round))
    // For those that have expired it comes too late.
    let outcomes = try engine.offer(charges, now: now).flatMap(\.deliveries).map(\.outcome)
    guard outcomes.count == group, outcomes.allSatisfy({ $0 == .handled || $0 == .late }) else {
      throw BenchmarkError("accounts do not take charges after the restart")
    }
    Child.say("charged")
    let whole = try count(.instances(statuses: running, machines: nil)) { $0.instances.count }
    Child.say("whole \(whole)")
  }

  /// An engine with nothing to do.
  static func measureEmpty(_ path: String) throws {
    let store = try SQLiteStore(path: path)
    defer { store.close() }
    var drive = try Drive(
      store, try Accounts.machines(timeout: "\(timeoutMinutes)m"), group: group, now: Workload.start)
    try drive.settle(now: Workload.start)
    Child.say("resident \(ResidentMemory.megabytes)")
  }
}
