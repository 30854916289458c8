import SagaRuntime

/// How a `SQLiteStore` opens its file.
public struct SQLiteOptions: Sendable, Hashable {
  /// When a commit waits for the disk.
  public enum Synchronous: String, Sendable, Hashable {
    /// Every commit is durable when it returns.
    case full = "FULL"
    /// Commits survive the death of the process; a power failure may lose the newest ones, never the middle.
    case normal = "NORMAL"
    /// As `normal`, and a power failure may damage the file. For tests.
    case off = "OFF"
  }

  /// How SQLite makes a transaction whole.
  public enum JournalMode: String, Sendable, Hashable {
    /// The write-ahead log: readers beside the writer, one fsync per commit.
    case writeAheadLog = "WAL"
    /// A rollback journal that is deleted at each commit. Readers and the writer shut each other out: for tests.
    case rollback = "DELETE"
  }

  /// Where the file lies.
  public enum FileSystem: Sendable, Hashable {
    /// A local file, under a `WriterLock`.
    case operatingSystem
    /// A file system that was registered with SQLite (`sqlite3_vfs_register`) under this name. Nothing of the operating
    /// system's is looked at, and no lock is taken: whoever registered it sees to it that there is one writer.
    case named(String)
  }

  /// When a commit waits for the disk. Only `full` survives a power failure whole.
  public var synchronous: Synchronous = .full
  /// How a transaction is made whole.
  public var journalMode = JournalMode.writeAheadLog
  /// Where the file lies.
  public var fileSystem = FileSystem.operatingSystem
  /// SQLite's page cache.
  public var cacheSizeKiB: Int = 65_536
  /// How long SQLite waits for a lock of the file, such as a reader recovering the write-ahead log.
  public var busyTimeoutMilliseconds: Int = 5_000
  /// How long a writer waits for the writer lock before it names its owner.
  public var lockWaitMilliseconds: Int = 5_000
  /// Whether a writer makes the file when there is none.
  public var createIfMissing: Bool = true
  /// The page size of a file that is made: a power of two from 512 to 65,536.
  public var pageSizeBytes: Int = 4_096
  /// The identity of a journal that is made, 16 bytes; nil takes a random one.
  public var journalID: [UInt8]?
  /// Which shard the file is, or is made as. Opening another one throws `StoreOpenError`; `SQLiteShards` opens all of them.
  public var shard = ShardPlace.whole
  /// The greatest size of the file in pages; commits beyond it are `CommitError.full`. nil is SQLite's own limit.
  public var maximumPageCount: Int?
  /// Where the operator socket will be, for the lock file to name; nil puts it beside the database as `FILE.sock`.
  public var socketPath: String?

  /// Every option at its default.
  public init() {}
}
