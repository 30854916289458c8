/// Which of a database's files an operation is about.
public enum FileRole: String, Sendable, Hashable {
  /// The database, its rollback journal, its write-ahead log, or a file that nobody else sees.
  case main, journal, writeAheadLog, temporary
}

/// One call of SQLite to its file system.
public struct DiskOperation: Sendable, Hashable, CustomStringConvertible {
  /// What SQLite asks for.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Those of `sqlite3_vfs` and `sqlite3_io_methods`, with these names.
    case open, read, write, truncate, sync
    /// The sync of the directory that makes a new journal's name durable. SQLite's own file system for Unix ignores its error,
    /// since some systems cannot sync a directory, and so does this one; the store's own, with the role `main`, reports it.
    case syncOfNewName
    /// The sync of the directory that makes the removal of a journal durable.
    case syncOfRemoval
    /// The removal of a file, whether it is there, and how long it is.
    case delete, access, fileSize
    /// Locks of the database file.
    case lock, unlock, checkReservedLock
    /// Memory and locks that the processes of one database share.
    case sharedMemoryMap, sharedMemoryLock
  }

  /// Its number since the machine was made, from 0.
  public var index: Int
  /// What is asked for.
  public var kind: Kind
  /// Which file it is about.
  public var role: FileRole
  /// In bytes; 0 where the kind has none. For locks the level or the slot.
  public var offset: Int
  /// How many bytes; 0 where the kind has none.
  public var count: Int

  public var description: String { "\(index) \(kind.rawValue) \(role.rawValue) \(offset)+\(count)" }
}

extension DiskOperation.Kind {
  /// Whether it changes what is on the disk, or what a power loss leaves of it.
  public var isChange: Bool {
    switch self {
    case .open, .write, .truncate, .sync, .syncOfNewName, .syncOfRemoval, .delete: true
    case .read, .access, .fileSize, .lock, .unlock, .checkReservedLock, .sharedMemoryMap, .sharedMemoryLock: false
    }
  }

  /// Whether the operation takes room, so that a full disk refuses it.
  public var takesRoom: Bool { self == .write || self == .open || self == .sharedMemoryMap }

  /// Whether another process may hold it up.
  public var mayBeBusy: Bool { self == .lock || self == .sharedMemoryLock }
}

/// What goes wrong with one operation.
public enum DiskFault: Sendable, Hashable {
  /// It fails with the I/O error of its kind and does nothing. A sync that fails leaves pages that are clean in the cache and
  /// old on the medium, as on Linux.
  case ioError
  /// There is no room (`SQLITE_FULL`).
  case full
  /// Somebody else holds the lock (`SQLITE_BUSY`).
  case busy
  /// A write does its first bytes and then fails.
  case shortWrite(bytes: Int)
  /// A write, truncation, sync or removal reports success and is not done: a drive that lies.
  case pretence
  /// The power goes before it: it and everything after it fails, until the machine is started again.
  case powerLoss
}
