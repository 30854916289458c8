import CSQLite
import SagaCore
import SagaRuntime

/// Lends the embedding service's one write connection, to one user at a time.
///
/// With GRDB: `writer.unsafeReentrantWrite { try body($0.sqliteConnection!) }`. Whatever it is, nothing else may use the connection
/// while `body` runs, and no transaction may be open on it.
public protocol SQLiteConnectionLender: Sendable {
  /// Runs `body` with the connection, on whatever thread the connection needs, and waits for it.
  ///
  /// - Throws: what `body` throws, or why there is no connection.
  func withConnection<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value
}

/// A shard among the tables of the embedding service, on the service's own connection: there is never a second writer, and the service's
/// transactions can publish and consume (`SQLiteOutbox`).
///
/// The connection's PRAGMAs are checked, not set: WAL, `synchronous` FULL, foreign keys on. The service checkpoints the log as it likes; the
/// engine does it besides. After a commit of unknown outcome the service has to open its connection, and the engine, anew.
public final class BorrowedSQLiteStore: TransactionalStore {
  private let lender: any SQLiteConnectionLender
  private let inner: SQLiteStore
  /// Whether the connection is lent just now. What calls the store back meanwhile, as an archive does that pruning moves rows to, is on the
  /// thread that has it: a lender behind a lock would wait for itself.
  private var isLent = false

  /// - Parameters:
  ///   - lender: lends the connection for each call of the engine.
  ///   - options: of these count `synchronous`, the least the connection must have, `lockWaitMilliseconds`, `journalID` and `socketPath`.
  /// - Throws: `StoreOpenError`, or what the lender throws.
  public init(_ lender: any SQLiteConnectionLender, options: SQLiteOptions = SQLiteOptions()) throws {
    self.lender = lender
    inner = try lender.withConnection { try SQLiteStore(borrowing: $0, options: options) }
  }

  deinit {
    // Statements belong to the connection and are finalized on it; one that is gone took them along.
    try? lender.withConnection { _ in inner.close() }
  }

  /// Where the operator socket belongs.
  public var operatorSocketPath: String? { inner.lock?.socketPath }

  /// The service's database.
  var path: String { inner.path }

  public var isShared: Bool { true }

  private func lent<Value>(_ body: (SQLiteStore) throws -> Value) throws -> Value {
    if isLent { return try body(inner) }
    return try lender.withConnection { handle in
      guard inner.isOn(handle) else { throw SQLiteStoreError.otherConnection(path: inner.path) }
      guard sqlite3_get_autocommit(handle) != 0 else { throw ServiceTransactionError.open }
      try inner.connection.requireUnshadowed()
      isLent = true
      defer { isLent = false }
      return try body(inner)
    }
  }

  /// The same for calls that say by their error what became of a commit.
  private func lentForCommit<Value>(
    _ body: (SQLiteStore) throws(CommitError) -> Value
  ) throws(CommitError) -> Value {
    do {
      return try lent { try body($0) }
    } catch let error as CommitError {
      throw error
    } catch SQLiteStoreError.shadowed(let path, let name) {
      // Nothing was begun.
      throw .refused(constraint: "\(SQLiteStoreError.shadowed(path: path, name: name))")
    } catch {
      throw .outcomeUnknown(error)
    }
  }

  public func recover() throws -> Recovered { try lent { try $0.recover() } }
  public func load(_ wanted: LoadRequest) throws -> Loaded { try lent { try $0.load(wanted) } }
  public func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    try lent { try $0.journal(after: sequence, limit: limit) }
  }
  public func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] { try lent { try $0.rows(sequences) } }
  public func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try lent { try $0.wakes(through: through, after: after, limit: limit) }
  }
  public func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    try lent { try $0.page(query, after: after, limit: limit) }
  }
  public func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    try lent { try $0.maintain(work, budget: budget) }
  }
  public func copy(to destination: BackupDestination) throws { try lent { try $0.copy(to: destination) } }

  public func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    try lentForCommit { (store) throws(CommitError) in try store.commit(batch) }
  }

  public func transact(
    _ works: [(any ServiceTransaction) throws -> Void], at now: Timestamp, routing: ServiceRouting
  ) throws(CommitError) -> (outcomes: [(any Error)?], receipt: CommitReceipt) {
    try lentForCommit { (store) throws(CommitError) in try store.transact(works, at: now, routing: routing) }
  }
}

extension StoreSource {
  /// The service's own database, by its own connection.
  public static func sqlite(
    borrowing lender: any SQLiteConnectionLender, options: SQLiteOptions = SQLiteOptions()
  ) -> StoreSource {
    StoreSource {
      let path = try lender.withConnection { sqlite3_db_filename($0, "main").map { String(cString: $0) } ?? "" }
      return try SQLiteStore(path: path, options: options, mode: .reader)
    } open: {
      let store = try BorrowedSQLiteStore(lender, options: options)
      return Opened(store: store, operatorSocketPath: store.operatorSocketPath)
    }
  }
}

/// Publishes and consumes inside a transaction that the embedding service has begun on its own connection.
///
/// The engine finds what was published within a second, or at once when told by `SagaEngine.noticeTransactions()`.
public enum SQLiteOutbox {
  /// - Parameters:
  ///   - handle: the connection, in a transaction; the database is one that `BorrowedSQLiteStore` has opened before.
  ///   - now: the time the rows carry.
  ///   - body: is given the transaction to publish and consume in; the transaction is of no use afterwards.
  /// - Throws: what `body` throws, `ServiceTransactionError.notOpen`, `SQLiteError`; roll the transaction back then.
  ///   `SQLiteStoreError.transactionRolledBack` where SQLite has done so by itself (`INSERT OR ROLLBACK`), `ServiceTransactionError.ended`
  ///   where `body` has ended it.
  public static func within<Value>(
    _ handle: OpaquePointer, now: Timestamp = WallClock.now, _ body: (SQLiteTransaction) throws -> Value
  ) throws -> Value {
    guard sqlite3_get_autocommit(handle) == 0 else { throw ServiceTransactionError.notOpen }
    let connection = Connection(borrowing: handle)
    try connection.requireUnshadowed()
    let meta = try connection.statement(.meta)
    guard let (journalID, epoch) = try meta.first({ (meta.bytes(0), meta.integer(1)) }) else {
      throw SQLiteStoreError.damaged(path: connection.path, detail: "the meta row is missing")
    }
    let last = try connection.statement(.lastSequence).firstInteger()
    let rows = ServiceRows(journalID: journalID, epoch: epoch, after: last, at: now, routing: .byEngine())
    let transaction = SQLiteTransaction(connection, rows, at: now)
    defer { transaction.end() }
    let value: Value
    do { value = try body(transaction) } catch is ServiceTransactionError where transaction.lost != nil {
      throw rolledBack(transaction, connection)
    }
    if transaction.lost != nil { throw rolledBack(transaction, connection) }
    if !connection.isInTransaction { throw ServiceTransactionError.ended }
    try connection.requireUnshadowed()
    return value
  }

  private static func rolledBack(_ transaction: SQLiteTransaction, _ connection: Connection) -> SQLiteStoreError {
    .transactionRolledBack(path: connection.path, cause: transaction.lost?.message ?? "")
  }
}

extension SagaEngine {
  /// Tells the engine that a transaction of the service's own (`SQLiteOutbox`) is durable, so that it need not look for itself.
  ///
  /// - Throws: `RunnerError.stopped`, `EngineError`.
  public func noticeTransactions() async throws { try await noteServiceRows() }
}
