import CSQLite

/// The five levels of SQLite's lock on a database file (`sqlite.org/lockingv3.html`), between the connections of one process.
extension OpenFile {
  func lock(to level: Int32) -> Int32 {
    if lockLevel >= level { return SQLITE_OK }
    if let code = refusal(.lock, Int(level)) { return code }
    switch level {
    case SQLITE_LOCK_SHARED:
      if others.contains(where: { $0.lockLevel >= SQLITE_LOCK_PENDING }) { return SQLITE_BUSY }
    case SQLITE_LOCK_RESERVED:
      if others.contains(where: { $0.lockLevel >= SQLITE_LOCK_RESERVED }) { return SQLITE_BUSY }
    default:
      if others.contains(where: { $0.lockLevel >= SQLITE_LOCK_RESERVED }) { return SQLITE_BUSY }
      // No new readers from here on; those there are finish first.
      lockLevel = SQLITE_LOCK_PENDING
      if others.contains(where: { $0.lockLevel >= SQLITE_LOCK_SHARED }) { return SQLITE_BUSY }
    }
    lockLevel = level
    return SQLITE_OK
  }

  func unlock(to level: Int32) -> Int32 {
    if lockLevel <= level { return SQLITE_OK }
    if let code = refusal(.unlock, Int(level)) { return code }
    lockLevel = level
    return SQLITE_OK
  }

  func checkReservedLock(_ isReserved: inout Int32) -> Int32 {
    if let code = refusal(.checkReservedLock) { return code }
    let holds = lockLevel >= SQLITE_LOCK_RESERVED || others.contains { $0.lockLevel >= SQLITE_LOCK_RESERVED }
    isReserved = holds ? 1 : 0
    return SQLITE_OK
  }
}
