import CSQLite
import SagaCore

/// A prepared statement: bind, step, read columns, reset. Parameters count from 1 and columns from 0, as SQLite's do.
///
/// Binding does not throw; the first binding that fails makes the next `step` throw.
final class Statement {
  private let handle: OpaquePointer
  private let database: OpaquePointer
  let path: String
  private var bindCode: Int32 = SQLITE_OK
  /// A column did not have the size that the schema promises.
  private var sawDamage = false
  /// One place of 16 bytes per parameter, so that a hash is bound without a copy of SQLite's own.
  private let hashPlaces: UnsafeMutablePointer<(UInt64, UInt64)>

  /// - Throws: `SQLiteError`, also for a text that holds more than one statement: what comes after the first would never run.
  init(_ sql: String, on database: OpaquePointer, path: String) throws(SQLiteError) {
    var prepared: OpaquePointer?
    var isWhole = true
    let code = sql.withCString { text in
      var rest: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v3(database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, &rest)
      isWhole = rest.map { String(cString: $0).allSatisfy { $0.isWhitespace || $0 == ";" } } ?? true
      return code
    }
    guard code == SQLITE_OK, let prepared else { throw SQLiteError(code, on: database, path: path) }
    guard isWhole else {
      sqlite3_finalize(prepared)
      throw SQLiteError(
        extendedCode: SQLITE_MISUSE, message: "the text holds more than one statement; run one at a time", path: path)
    }
    self.handle = prepared
    self.database = database
    self.path = path
    self.hashPlaces = .allocate(capacity: Int(sqlite3_bind_parameter_count(prepared)) + 1)
  }

  deinit {
    sqlite3_finalize(handle)
    hashPlaces.deallocate()
  }

  /// Whether there is a row to read. After an error the statement is reset.
  func step() throws(SQLiteError) -> Bool {
    let code = bindCode == SQLITE_OK ? sqlite3_step(handle) : bindCode
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    let error = SQLiteError(code, on: database, path: path)
    reset()
    throw error
  }

  /// Ends the current execution; bindings stay.
  func reset() {
    sqlite3_reset(handle)
    bindCode = SQLITE_OK
  }

  /// Executes a statement that returns no rows.
  func run() throws(SQLiteError) {
    _ = try step()
    reset()
  }

  /// Calls `body` for each row while it answers true.
  func rows(_ body: () -> Bool) throws(SQLiteError) {
    while try step() {
      if !body() { break }
    }
    try finishReading()
  }

  /// What `body` makes of the first row, or nil when there is none.
  func first<Value>(_ body: () -> Value) throws(SQLiteError) -> Value? {
    let value = try step() ? body() : nil
    try finishReading()
    return value
  }

  private func finishReading() throws(SQLiteError) {
    reset()
    guard sawDamage else { return }
    sawDamage = false
    throw SQLiteError(
      extendedCode: SQLITE_CORRUPT, message: "a column does not have the size the schema promises", path: path)
  }

  private func note(_ code: Int32) {
    if code != SQLITE_OK && bindCode == SQLITE_OK { bindCode = code }
  }
}

extension Statement {
  var parameterCount: Int { Int(sqlite3_bind_parameter_count(handle)) }

  func bind(_ parameter: Int32, real value: Double) { note(sqlite3_bind_double(handle, parameter, value)) }

  func bind(_ parameter: Int32, _ value: Int64) { note(sqlite3_bind_int64(handle, parameter, value)) }

  func bind(_ parameter: Int32, _ value: Int64?) {
    if let value { bind(parameter, value) } else { note(sqlite3_bind_null(handle, parameter)) }
  }

  func bind(_ parameter: Int32, _ value: Timestamp?) { bind(parameter, value?.milliseconds) }

  func bind(_ parameter: Int32, _ value: Hash128) {
    let place = hashPlaces + Int(parameter)
    place.initialize(to: (value.high.bigEndian, value.low.bigEndian))
    note(sqlite3_bind_blob(handle, parameter, place, 16, nil))
  }

  /// Eight bytes, the most significant first.
  func bind(_ parameter: Int32, bytesOf value: UInt64) {
    let place = hashPlaces + Int(parameter)
    place.initialize(to: (value.bigEndian, 0))
    note(sqlite3_bind_blob(handle, parameter, place, 8, nil))
  }

  /// Borrows the bytes: they must stay where they are until the statement has run. nil is NULL, empty is a blob of no bytes.
  func bind(_ parameter: Int32, borrowing bytes: UnsafeBufferPointer<UInt8>?) {
    guard let bytes else { return note(sqlite3_bind_null(handle, parameter)) }
    guard let base = bytes.baseAddress else { return note(sqlite3_bind_zeroblob(handle, parameter, 0)) }
    note(sqlite3_bind_blob64(handle, parameter, base, UInt64(bytes.count), nil))
  }

  /// Copies the bytes.
  func bind(_ parameter: Int32, copying bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress {
        note(sqlite3_bind_blob64(handle, parameter, base, UInt64(buffer.count), Self.transient))
      } else {
        note(sqlite3_bind_zeroblob(handle, parameter, 0))
      }
    }
  }

  /// Copies the text.
  func bind(_ parameter: Int32, copying text: String) {
    var text = text
    text.withUTF8 { buffer in
      // An empty string has no address of its own, and a null one would bind NULL.
      guard let base = buffer.baseAddress, !buffer.isEmpty else {
        return note(sqlite3_bind_text(handle, parameter, "", 0, Self.transient))
      }
      base.withMemoryRebound(to: CChar.self, capacity: buffer.count) { characters in
        note(
          sqlite3_bind_text64(
            handle, parameter, characters, UInt64(buffer.count), Self.transient, UInt8(SQLITE_UTF8)))
      }
    }
  }

  /// `SQLITE_TRANSIENT`, a macro that Swift does not import.
  private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

extension Statement {
  var columnCount: Int32 { sqlite3_column_count(handle) }

  func columnType(_ column: Int32) -> Int32 { sqlite3_column_type(handle, column) }

  func real(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  func timestamp(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }

  func optionalTimestamp(_ column: Int32) -> Timestamp? { isNull(column) ? nil : timestamp(column) }

  func bytes(_ column: Int32) -> [UInt8] {
    let pointer = sqlite3_column_blob(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    guard let pointer, count > 0 else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: pointer, count: count))
  }

  func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

  /// A blob of 16 bytes, as the schema checks.
  func hash(_ column: Int32) -> Hash128 {
    guard let bytes = fixedBytes(column, count: 16) else { return Hash128(high: 0, low: 0) }
    return Hash128(
      high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
      low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }

  /// A blob of 8 bytes, the most significant first, as the schema checks.
  func word(_ column: Int32) -> UInt64 {
    guard let bytes = fixedBytes(column, count: 8) else { return 0 }
    return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
  }

  private func fixedBytes(_ column: Int32, count: Int32) -> UnsafeRawPointer? {
    let pointer = sqlite3_column_blob(handle, column)
    guard let pointer, sqlite3_column_bytes(handle, column) == count else {
      sawDamage = true
      return nil
    }
    return pointer
  }

  func text(_ column: Int32) -> String {
    let pointer = sqlite3_column_text(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: pointer, count: pointer == nil ? 0 : count), as: UTF8.self)
  }
}
