import SagaCore
import SagaRuntime

/// A shard in one SQLite file.
///
/// The writer holds the file's `WriterLock` and its only read-write connection (SQLite before 3.51.3 can lose a commit when two
/// connections write and checkpoint at once: sqlite.org/wal.html). A reader is one snapshot beside it.
public final class SQLiteStore: Store {
  /// Whether a store may write.
  public enum Mode: Sendable, Hashable {
    /// Reads and writes, as the database's only writer.
    case writer
    /// Sees the database as it is at the first moment, for as long as the store is open; holds back checkpoints meanwhile.
    /// `commit`, `maintain` and the like throw `SQLiteStoreError.readOnly`.
    case reader
    /// As `reader`, and each call sees what is durable then: for a look beside the writer of the same process.
    case lookup
  }

  /// The file, absolute and without symbolic links.
  public let path: String
  /// Whether it may write.
  public let mode: Mode
  /// How it was opened.
  public let options: SQLiteOptions
  /// The writer's lock, until `close()`; its `socketPath` is where the operator socket belongs.
  public private(set) var lock: WriterLock?

  var connection: Connection
  var phase = Phase.open
  /// The journal as this connection last saw it. Nobody else writes: every transaction asks `somebodyElseWrote` first.
  var lastSequence: JournalSequence = 0
  var epoch: Epoch = 0
  /// Constant for the life of the file.
  private(set) var journalID: [UInt8] = []
  private var dataVersion: Int64 = 0
  var sweep = SweepPass()
  var forget: ForgetPass?
  var lastCheckpoint = (frames: 0, moved: 0)
  var joining = Joining.apart
  /// How many commits are parts of the open transaction.
  var joinedCount = 0

  enum Phase {
    case open
    /// The outcome of a commit is unknown.
    case uncertain
    case foreignWriter
    case closed
  }

  /// Opens the file; a writer creates or migrates it as needed.
  ///
  /// - Throws: `StoreOpenError`, which names the file, the cause and the mend.
  public init(path: String, options: SQLiteOptions = SQLiteOptions(), mode: Mode = .writer) throws {
    let opened: Opening
    switch mode {
    case .writer: opened = try Opening.writer(path: path, options: options)
    case .reader, .lookup: opened = try Opening.reader(path: path, options: options)
    }
    self.path = opened.connection.path
    self.mode = mode
    self.options = options
    self.lock = opened.lock
    self.connection = opened.connection
    do {
      try readPosition()
    } catch {
      throw StoreOpenError(error, path: self.path)
    }
    if mode == .lookup { connection.rollBack() }
  }

  /// Uses a connection that the embedding service lends, inside `SQLiteConnectionLender.withConnection`.
  ///
  /// - Throws: `StoreOpenError`, which names the file, the cause and the mend.
  init(borrowing handle: OpaquePointer, options: SQLiteOptions) throws {
    let opened = try Opening.guest(handle, options: options)
    path = opened.connection.path
    mode = .writer
    self.options = options
    lock = opened.lock
    connection = opened.connection
    do {
      try readPosition()
    } catch {
      throw StoreOpenError(error, path: path)
    }
  }

  /// Whether this is the connection that the store was opened on, whose statements it has.
  func isOn(_ handle: OpaquePointer) -> Bool { connection.handle == handle }

  /// Closes the file, then gives the lock back (unless somebody else keeps `lock`). Nothing works afterwards.
  public func close() {
    // Closing moves the log into the database, unless nobody knows what of it is durable.
    dropJoined()
    if phase == .uncertain { connection.abandon() } else { connection.close() }
    phase = .closed
    lock = nil
  }

  deinit { close() }

  /// Throws unless the store can be used, and for a writer unless it still is the only one.
  func requireUsable() throws {
    switch phase {
    case .open: break
    case .uncertain: throw SQLiteStoreError.needsRecovery(path: path)
    case .foreignWriter: throw SQLiteStoreError.foreignWriter(path: path)
    case .closed: throw SQLiteStoreError.closed(path: path)
    }
  }

  func requireWriter() throws {
    try requireUsable()
    if mode != .writer { throw SQLiteStoreError.readOnly(path: path) }
  }

  /// Reads where the journal stands, and takes the present state of the file as our own.
  func readPosition() throws(SQLiteError) {
    if mode == .writer { dataVersion = try readDataVersion() }
    lastSequence = try connection.statement(.lastSequence).firstInteger()
    let meta = try connection.statement(.meta)
    if let (id, found) = try meta.first({ (meta.bytes(0), meta.integer(1)) }) { (journalID, epoch) = (id, found) }
  }

  /// `PRAGMA data_version` changes when another connection commits, never by our own commits.
  func somebodyElseWrote() throws(SQLiteError) -> Bool {
    try readDataVersion() != dataVersion
  }

  private func readDataVersion() throws(SQLiteError) -> Int64 {
    try connection.statement(.dataVersion).firstInteger()
  }

  /// Our own checkpoint may count as a change of the file.
  func acceptDataVersion() throws(SQLiteError) { dataVersion = try readDataVersion() }

  /// Reads inside one transaction, so that the answers fit together and the file is locked once.
  func reading<Value>(_ body: () throws -> Value) throws -> Value {
    try requireUsable()
    // A reader's transaction is open all the time, and that of joined commits is our own.
    if mode == .reader || joining == .begun { return try body() }
    try connection.statement(.beginRead).run()
    defer { connection.rollBack() }
    if mode == .writer, try somebodyElseWrote() {
      phase = .foreignWriter
      throw SQLiteStoreError.foreignWriter(path: path)
    }
    return try body()
  }
}

extension Statement {
  /// The first column of the first row; 0 for none and for NULL.
  func firstInteger() throws(SQLiteError) -> Int64 { try first { integer(0) } ?? 0 }
}
