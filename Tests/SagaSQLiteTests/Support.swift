import Foundation
import SagaCore
import SagaRuntime

@testable import SagaSQLite

/// A folder of its own for each test, removed with the object.
final class Folder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "saga-sqlite-tests-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  var database: String { file("saga.db") }

  /// Without the waits and, unless a test is about durability, without the disk.
  static var options: SQLiteOptions {
    var options = SQLiteOptions()
    options.synchronous = .off
    options.lockWaitMilliseconds = 0
    options.busyTimeoutMilliseconds = 50
    return options
  }

  func writer(_ change: (inout SQLiteOptions) -> Void = { _ in }) throws -> SQLiteStore {
    var options = Self.options
    change(&options)
    return try SQLiteStore(path: database, options: options)
  }

  func reader() throws -> SQLiteStore { try SQLiteStore(path: database, options: Self.options, mode: .reader) }

  /// What is there now, as a crash would leave it: readers and writers have not closed.
  func copyFiles(to other: Folder) throws {
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: database + suffix, toPath: other.database + suffix)
    }
  }

  /// Of the database and its log.
  func sizes() throws -> [Int?] {
    ["", "-wal"].map { FileManager.default.contents(atPath: database + $0)?.count }
  }

  /// A second read-write connection, which the lock is there to prevent.
  func foreign() throws -> Connection {
    try Connection(path: database, access: .readWrite(create: false), busyTimeoutMilliseconds: 50)
  }
}

func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
func hash(_ value: UInt64) -> Hash128 { Hash128(high: value &* 0x9E37_79B9_7F4A_7C15, low: value) }

/// The smallest values that the schema takes.
enum Sample {
  static let machine = StoredMachine(
    id: 1, saga: "order", version: 1, role: "", sha256: [UInt8](repeating: 7, count: 32), source: [1, 2, 3])

  static func birth(_ id: InstanceID, at: Int64 = 0) -> JournalRow {
    JournalRow(
      sequence: id, at: time(at), kind: .message, slot: Slot(value: 1), instance: id, revision: 1, input: [1],
      decided: [2])
  }

  static func row(_ sequence: JournalSequence, of id: InstanceID, revision: Int64 = 2, at: Int64 = 0) -> JournalRow {
    JournalRow(
      sequence: sequence, at: time(at), kind: .message, slot: Slot(value: 1), instance: id, revision: revision,
      previousSequence: sequence - 1, decided: [3])
  }

  /// A row of no instance.
  static func loose(_ sequence: JournalSequence, _ kind: RowKind, at: Int64 = 0) -> JournalRow {
    JournalRow(sequence: sequence, at: time(at), kind: kind, slot: Slot(value: 0), input: [9], decided: [4])
  }

  static func instance(
    _ id: InstanceID, sequence: JournalSequence? = nil, status: Int64 = 1, wakeAt: Int64? = nil, closedAt: Int64? = nil
  ) -> StoredInstance {
    StoredInstance(
      id: id, machine: 1, uid: hash(UInt64(id)), key: "key-\(id)", sequence: sequence ?? id, revision: 1,
      status: status, isPaused: false, wakeAt: wakeAt.map(time), closedAt: closedAt.map(time), state: [5], seen: [6])
  }
}

extension Store {
  /// A batch on top of what is there.
  func batch(_ rows: [JournalRow] = [], _ change: (inout CommitBatch) -> Void = { _ in }) throws -> CommitBatch {
    let recovered = try recover()
    var batch = CommitBatch(expectedLast: recovered.lastSequence, epoch: recovered.epoch, rows: rows)
    change(&batch)
    return batch
  }

  @discardableResult
  func add(_ rows: [JournalRow] = [], _ change: (inout CommitBatch) -> Void = { _ in }) throws -> CommitReceipt {
    try commit(batch(rows, change))
  }

  /// Instances 1 … count, each born by the row of its number.
  func addInstances(_ count: Int64, _ change: (inout StoredInstance) -> Void = { _ in }) throws {
    try add((1...count).map { Sample.birth($0) }) { batch in
      batch.machines = [Sample.machine]
      batch.births = (1...count).map {
        var instance = Sample.instance($0)
        change(&instance)
        return instance
      }
    }
  }

  /// Ends a flush pass.
  func fold(_ instances: [StoredInstance] = [], to sequence: JournalSequence, lanes: [LanePosition] = []) throws {
    try add { batch in
      batch.fold = FoldPortion(
        instances: instances,
        completion: FoldCompletion(foldedSequence: sequence, clock: time(sequence), lanes: lanes))
    }
  }

  func load(_ change: (inout LoadRequest) -> Void) throws -> Loaded {
    var wanted = LoadRequest()
    change(&wanted)
    return try load(wanted)
  }
}

/// The cause for which opening fails.
func openFailure(_ body: () throws -> Void) -> StoreOpenError? {
  do {
    try body()
    return nil
  } catch {
    return error as? StoreOpenError
  }
}
