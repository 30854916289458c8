import SagaRuntime
import Testing

@testable import SagaSQLite
@testable import SagaSQLiteFaults

/// A connection on a simulated machine, past the store.
private struct Plain {
  let machine: SimulatedMachine
  let mode: SQLiteOptions.JournalMode
  // EXTRA: FULL does not sync the directory when a rollback journal is gone.
  var synchronous = "EXTRA"

  func open() throws -> Connection {
    let connection = try Connection(
      path: "/plain.db", access: .readWrite(create: true), busyTimeoutMilliseconds: 0,
      fileSystem: .named(machine.fileSystemName))
    try connection.execute("PRAGMA journal_mode=\(mode.rawValue); PRAGMA synchronous=\(synchronous)")
    return connection
  }

  func check(_ connection: Connection) throws -> (integrity: String, rows: Int64) {
    (try connection.text("PRAGMA integrity_check"), try connection.integer("SELECT count(*) FROM t"))
  }
}

@Suite("SQLite on a simulated disk")
struct SQLiteOnDiskTests {
  static let modes = [SQLiteOptions.JournalMode.writeAheadLog, .rollback]

  /// A generator for choices: Weyl's sequence, mixed.
  private func choices(_ seed: Int) -> SimulatedDisk.Choose {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return { count, _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }
  }

  @Test("survives a power loss before every operation, with every commit that returned", arguments: modes)
  func survives(mode: SQLiteOptions.JournalMode) throws {
    let machine = SimulatedMachine()
    let plain = Plain(machine: machine, mode: mode)
    let connection = try plain.open()
    try connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)")
    var committed: Int64 = 0
    var snapshots: [(disk: SimulatedDisk, committed: Int64)] = []
    machine.fault = { _ in
      snapshots.append((machine.disk, committed))
      return nil
    }
    for size in [10, 9000, 300, 20_000] {
      try connection.execute("INSERT INTO t(body) VALUES(zeroblob(\(size)))")
      committed += 1
    }
    machine.fault = nil
    for (index, snapshot) in snapshots.enumerated() {
      for survival in CrashSurvival.allCases {
        machine.restart(with: snapshot.disk.afterPowerLoss(survival, choose: choices(index)))
        let after = try plain.open()
        let (integrity, rows) = try plain.check(after)
        #expect(integrity == "ok")
        #expect(rows == snapshot.committed || rows == snapshot.committed + 1, "\(survival) before \(index)")
        after.close()
      }
    }
    #expect(snapshots.count > 40)
  }

  @Test("loses commits when it is told not to sync: the check can fail", arguments: modes)
  func unsynced(mode: SQLiteOptions.JournalMode) throws {
    let machine = SimulatedMachine()
    let plain = Plain(machine: machine, mode: mode, synchronous: "OFF")
    let connection = try plain.open()
    try connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)")
    machine.restart(with: machine.disk.afterPowerLoss(.kept))
    let second = try plain.open()
    for _ in 0..<3 { try second.execute("INSERT INTO t(body) VALUES(zeroblob(5000))") }
    var broken = 0
    for seed in 0..<30 {
      let copy = SimulatedMachine(disk: machine.disk.afterPowerLoss(.reordered, choose: choices(seed)))
      let found = try? Plain(machine: copy, mode: mode).check(Plain(machine: copy, mode: mode).open())
      if found?.integrity != "ok" || found?.rows != 3 { broken += 1 }
    }
    #expect(broken > 10)
  }

  @Test("lets a reader keep its snapshot beside the writer")
  func readers() throws {
    let machine = SimulatedMachine()
    let plain = Plain(machine: machine, mode: .writeAheadLog)
    let writer = try plain.open()
    try writer.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB); INSERT INTO t(body) VALUES(x'01')")
    let reader = try plain.open()
    try reader.execute("BEGIN")
    #expect(try plain.check(reader).rows == 1)
    try writer.execute("INSERT INTO t(body) VALUES(x'02')")
    #expect(try plain.check(reader).rows == 1)
    // The reader holds back frames of the log.
    let log = try writer.checkpoint(truncate: false)
    #expect(log.moved < log.frames)
    try reader.execute("COMMIT")
    #expect(try plain.check(reader).rows == 2)
    let rest = try writer.checkpoint(truncate: true)
    #expect(rest.moved == rest.frames)
    // Two writers shut each other out.
    try writer.execute("BEGIN IMMEDIATE")
    #expect(throws: SQLiteError.self) { try reader.execute("BEGIN IMMEDIATE") }
  }

  @Test("shuts readers out while it writes with a rollback journal")
  func rollbackLocks() throws {
    let machine = SimulatedMachine()
    let plain = Plain(machine: machine, mode: .rollback)
    let writer = try plain.open()
    try writer.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)")
    let reader = try plain.open()
    try reader.execute("BEGIN")
    #expect(try plain.check(reader).rows == 0)
    try writer.execute("BEGIN IMMEDIATE; INSERT INTO t(body) VALUES(x'01')")
    #expect(throws: SQLiteError.self) { try writer.execute("COMMIT") }
    try reader.execute("COMMIT")
    try writer.execute("COMMIT")
    #expect(try plain.check(reader).rows == 1)
  }

  /// A log that never unlocks is a locking protocol error (15) in the end.
  @Test(
    "reports faults as the file system's own",
    arguments: [
      (DiskOperation.Kind.sync, DiskFault.ioError, Int32(10)), (.write, .ioError, 10), (.write, .full, 13),
      (.write, .shortWrite(bytes: 100), 10), (.sharedMemoryLock, .busy, 15), (.write, .powerLoss, 10),
    ])
  func faults(kind: DiskOperation.Kind, fault: DiskFault, code: Int32) throws {
    let machine = SimulatedMachine()
    let plain = Plain(machine: machine, mode: .writeAheadLog)
    let connection = try plain.open()
    try connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)")
    machine.fault = { $0.kind == kind ? fault : nil }
    let error = #expect(throws: SQLiteError.self) { try connection.execute("INSERT INTO t(body) VALUES(x'01')") }
    #expect(error?.code == code)
    machine.fault = nil
    #expect(machine.isDown == (fault == .powerLoss))
    machine.restart(with: machine.disk.afterPowerLoss(.lost))
    let (integrity, rows) = try plain.check(plain.open())
    #expect(integrity == "ok" && rows == 0)
    #expect(throws: SQLiteError.self) { try connection.execute("INSERT INTO t(body) VALUES(x'01')") }
  }
}
