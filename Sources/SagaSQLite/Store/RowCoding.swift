import SagaCore
import SagaRuntime

/// Bytes for as long as `body` runs; nil for nil.
private func withBytes<Value>(
  _ bytes: [UInt8]?, _ body: (UnsafeBufferPointer<UInt8>?) throws(SQLiteError) -> Value
) throws(SQLiteError) -> Value {
  guard let bytes else { return try body(nil) }
  return try bytes.withUnsafeBufferPointer { buffer throws(SQLiteError) in try body(buffer) }
}

/// Rows of `journal` and `instance` from and to statements, without copying their blobs on the way in.
extension Statement {
  /// Runs `Query.insertRow`.
  func insert(_ row: JournalRow) throws(SQLiteError) {
    bind(1, row.sequence)
    bind(2, row.at.milliseconds)
    bind(3, row.kind.rawValue)
    bind(4, Int64(row.slot.value))
    bind(5, row.instance)
    bind(6, row.revision)
    bind(7, row.previousSequence)
    bind(8, row.inputSequence)
    try withBytes(row.input) { input throws(SQLiteError) in
      try withBytes(row.decided) { decided throws(SQLiteError) in
        try withBytes(row.outgoing.map { OutgoingRecord.packed($0, beside: row.input) }) {
          outgoing throws(SQLiteError) in
          try withBytes(row.marks) { marks throws(SQLiteError) in
            bind(9, borrowing: input)
            bind(10, borrowing: decided)
            bind(11, borrowing: outgoing)
            bind(12, borrowing: marks)
            try run()
          }
        }
      }
    }
  }

  /// Runs `Query.insertMachine`.
  func insert(_ machine: StoredMachine) throws(SQLiteError) {
    bind(1, machine.id)
    bind(2, copying: machine.saga)
    bind(3, machine.version)
    bind(4, copying: machine.role)
    bind(5, copying: machine.sha256)
    bind(6, copying: machine.source)
    try run()
  }

  /// Runs `Query.insertInstance`, `Query.updateInstance` or `Query.updateOpenInstance`.
  func write(_ instance: StoredInstance) throws(SQLiteError) {
    bind(1, instance.id)
    bind(2, instance.machine)
    bind(3, instance.uid)
    bind(4, copying: instance.key)
    bind(5, instance.sequence)
    bind(6, instance.revision)
    bind(7, instance.status)
    bind(8, instance.isPaused ? 1 : 0)
    bind(9, instance.wakeAt)
    bind(10, instance.closedAt)
    try withBytes(instance.state) { state throws(SQLiteError) in
      try withBytes(instance.seen) { seen throws(SQLiteError) in
        bind(11, borrowing: state)
        bind(12, borrowing: seen)
        try run()
      }
    }
  }

  /// The columns of `Query.rowColumns`; a failure where no version that this one knows has written them.
  func journalRow() -> Result<JournalRow, SQLiteStoreError> {
    let sequence = integer(0)
    guard let kind = RowKind(rawValue: integer(2)), let slot = UInt16(exactly: integer(3)), slot < Slot.count else {
      return .failure(.damaged(path: path, detail: "journal row \(sequence) has an unknown kind or slot"))
    }
    let input = optionalBytes(8)
    let outgoing: [UInt8]?
    do throws(DecodingFault) {
      outgoing = try OutgoingRecord.unpacked(optionalBytes(10), beside: input)
    } catch {
      return .failure(.damaged(path: path, detail: "journal row \(sequence): \(error)"))
    }
    return .success(
      JournalRow(
        sequence: sequence, at: timestamp(1), kind: kind, slot: Slot(value: slot), instance: optionalInteger(4),
        revision: optionalInteger(5), previousSequence: optionalInteger(6), inputSequence: optionalInteger(7),
        input: input, decided: bytes(9), outgoing: outgoing, marks: optionalBytes(11)))
  }

  /// The columns of `Query.instanceColumns`.
  func storedInstance() -> StoredInstance {
    StoredInstance(
      id: integer(0), machine: integer(1), uid: hash(2), key: text(3), sequence: integer(4), revision: integer(5),
      status: integer(6), isPaused: integer(7) != 0, wakeAt: optionalTimestamp(8), closedAt: optionalTimestamp(9),
      state: optionalBytes(10), seen: bytes(11))
  }

  /// The columns of `Query.headerColumns`.
  func instanceHeader() -> InstanceHeader {
    InstanceHeader(
      id: integer(0), machine: integer(1), key: text(3), status: integer(2), isPaused: integer(4) != 0,
      wakeAt: optionalTimestamp(5))
  }

  /// hash, id, seq, expires_at
  func parkedMessage() -> ParkedMessage {
    ParkedMessage(key: hash(0), id: hash(1), sequence: integer(2), expiresAt: timestamp(3))
  }

  /// seq, fingerprint, resolved_seq, resolution
  func deadLetter() -> DeadLetterEntry {
    DeadLetterEntry(
      sequence: integer(0), fingerprint: hash(1), resolvedSequence: optionalInteger(2),
      resolution: optionalInteger(3).flatMap(DeadLetterResolution.init))
  }

  /// The columns of `Query.heldColumns`.
  func heldMessage() -> HeldMessage {
    HeldMessage(
      lane: integer(0), sequence: integer(1), effect: integer(2), ordering: hash(3), attempts: integer(4),
      nextAt: optionalTimestamp(5), reason: text(6))
  }
}
