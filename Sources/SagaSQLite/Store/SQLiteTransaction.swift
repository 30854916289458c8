import CSQLite
import SagaCore
import SagaRuntime

/// A transaction of the embedding service on the engine's connection: its tables are in the engine's file, and what it
/// writes there, publishes and consumes is durable together.
///
/// The engine's own tables can be read but not written, and the transaction cannot be ended from inside. Where SQLite rolls it back by itself
/// (`INSERT OR ROLLBACK`, `RAISE(ROLLBACK, …)`, no room) nothing of it is done, and what the closure does afterwards is refused.
public final class SQLiteTransaction: ServiceTransaction {
  public let now: Timestamp
  private let connection: Connection
  private var rows: ServiceRows
  private var hasEnded = false
  /// Why SQLite has rolled it back.
  private(set) var lost: SQLiteError?

  init(_ connection: Connection, _ rows: ServiceRows, at now: Timestamp) {
    self.connection = connection
    self.rows = rows
    self.now = now
  }

  func end() { hasEnded = true }

  func lose(because error: SQLiteError) { lost = error }

  var lastSequence: JournalSequence { rows.lastSequence }

  /// The `sqlite3 *` of the engine's connection, for SQL by other means. Use it only inside the transaction's closure, and
  /// finalize what it prepares.
  ///
  /// - Throws: `ServiceTransactionError.ended`.
  public func withHandle<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
    try requireOpen()
    guard let handle = connection.handle else { throw ServiceTransactionError.ended }
    defer {
      if !connection.isInTransaction {
        let reported = SQLiteError(reportedBy: handle, path: connection.path)
        lost = [SQLITE_OK, SQLITE_ROW, SQLITE_DONE].contains(reported.code) ? nil : reported
      }
    }
    return try body(handle)
  }

  /// What SQLite has rolled back by itself is over: whatever came then would be a commit of its own.
  private func requireOpen() throws {
    if hasEnded || lost != nil || !connection.isInTransaction { throw ServiceTransactionError.ended }
  }

  private func noting<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      if !connection.isInTransaction { lost = error as? SQLiteError }
      throw error
    }
  }

  /// Runs one statement.
  ///
  /// - Parameters:
  ///   - sql: one statement, with `?` for each value.
  ///   - values: bound in order.
  /// - Returns: how many rows it inserted, updated or deleted.
  /// - Throws: `SQLiteError`, `ServiceTransactionError.ended`.
  @discardableResult
  public func execute(_ sql: String, _ values: SQLiteValue...) throws -> Int {
    let before = connection.totalChanges
    _ = try rows(of: sql, values, limit: 0)
    // SQLite keeps the count of the statement before one that changes no rows.
    return connection.totalChanges == before ? 0 : connection.changes
  }

  /// Reads all rows of a query.
  ///
  /// - Throws: as `execute`.
  public func query(_ sql: String, _ values: SQLiteValue...) throws -> [SQLiteRow] {
    try rows(of: sql, values, limit: .max)
  }

  private func rows(of sql: String, _ values: [SQLiteValue], limit: Int) throws -> [SQLiteRow] {
    try requireOpen()
    return try noting { try connection.rows(of: sql, values, limit: limit) }
  }

  public func nextMessageID() -> String { rows.nextMessageID() }

  public func append(_ message: OutgoingMessage) throws {
    try asEngine { connection in
      var appended = rows
      try connection.statement(.insertRow).insert(try appended.append(message))
      rows = appended
    }
  }

  public func consumed(by consumer: String, id: Hash128) throws -> ConsumedMessage? {
    try asEngine { connection in
      let statement = try connection.statement(.consumed)
      statement.bind(1, copying: consumer)
      statement.bind(2, id)
      return try statement.first {
        ConsumedMessage(
          consumer: consumer, id: id, at: statement.timestamp(0), body: statement.bytes(1),
          result: statement.optionalBytes(2))
      }
    }
  }

  public func remember(_ message: ConsumedMessage) throws {
    try InheritedConsumer.refuse(message.consumer)
    try asEngine { connection in
      let statement = try connection.statement(.upsertConsumed)
      statement.bind(1, copying: message.consumer)
      statement.bind(2, message.id)
      statement.bind(3, message.at.milliseconds)
      statement.bind(4, copying: message.body)
      if let result = message.result { statement.bind(5, copying: result) } else { statement.bind(5, nil as Int64?) }
      try statement.run()
    }
  }

  /// The engine's own statements, which the service's guard does not look at.
  private func asEngine<Value>(_ body: (Connection) throws -> Value) throws -> Value {
    try requireOpen()
    let serviceGuard = connection.serviceGuard
    let wasServing = serviceGuard.isServing
    serviceGuard.isServing = false
    defer { serviceGuard.isServing = wasServing }
    return try noting { try body(connection) }
  }
}

extension SQLiteStore {
  /// Reads a service's own rows in a snapshot (`Mode.reader`).
  ///
  /// - Parameters:
  ///   - sql: with `?` for each value; the connection cannot write.
  ///   - values: bound in order.
  /// - Throws: `SQLiteError`, `SQLiteStoreError`.
  public func query(_ sql: String, _ values: SQLiteValue...) throws -> [SQLiteRow] {
    precondition(mode == .reader, "a writer's rows are read in its transactions")
    return try reading { try connection.rows(of: sql, values, limit: .max) }
  }
}

extension Connection {
  /// Runs a service's statement to its end.
  fileprivate func rows(of sql: String, _ values: [SQLiteValue], limit: Int) throws(SQLiteError) -> [SQLiteRow] {
    let statement = try prepare(sql)
    try statement.bind(values)
    var found: [SQLiteRow] = []
    while try statement.step() {
      if found.count < limit { found.append(statement.row()) }
    }
    return found
  }
}

/// A value of a service's own row.
public enum SQLiteValue: Sendable, Hashable {
  /// NULL
  case null
  /// 64 bits with sign.
  case integer(Int64)
  /// An IEEE 754 number of 64 bits.
  case real(Double)
  /// UTF-8.
  case text(String)
  /// Octets.
  case blob([UInt8])
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByNilLiteral, ExpressibleByStringInterpolation
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .real(value) }
  public init(nilLiteral: ()) { self = .null }
}

/// A row of a service's own query; columns count from 0.
public struct SQLiteRow: Sendable, Hashable {
  /// In the order of the query's columns.
  public var values: [SQLiteValue]

  /// A column's value. There must be such a column.
  public subscript(column: Int) -> SQLiteValue { values[column] }
  /// The column's integer; nil for anything else.
  public func integer(_ column: Int) -> Int64? { if case .integer(let value) = values[column] { value } else { nil } }
  /// The column's text; nil for anything else.
  public func text(_ column: Int) -> String? { if case .text(let value) = values[column] { value } else { nil } }
}

extension Statement {
  /// - Throws: `SQLiteError` when there are more or fewer values than parameters.
  func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    guard values.count == parameterCount else {
      throw SQLiteError(
        extendedCode: SQLITE_RANGE, message: "\(values.count) values for \(parameterCount) parameters", path: path)
    }
    for (index, value) in values.enumerated() {
      let parameter = Int32(index + 1)
      switch value {
      case .null: bind(parameter, nil as Int64?)
      case .integer(let integer): bind(parameter, integer)
      case .real(let real): bind(parameter, real: real)
      case .text(let text): bind(parameter, copying: text)
      case .blob(let bytes): bind(parameter, copying: bytes)
      }
    }
  }

  /// The current row.
  func row() -> SQLiteRow {
    SQLiteRow(
      values: (0..<columnCount).map { column in
        switch columnType(column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(real(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .blob(bytes(column))
        default: .null
        }
      })
  }
}
