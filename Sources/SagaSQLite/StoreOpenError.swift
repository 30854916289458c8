import CSQLite
import SagaRuntime

/// Why a database file cannot be opened: names the file, the cause and the mend.
public struct StoreOpenError: Error, CustomStringConvertible, Sendable {
  /// Why it cannot be opened.
  public enum Cause: Sendable {
    /// There is no file, and none is to be made.
    case notFound
    /// There is no folder to make the file in.
    case directoryNotFound(String)
    /// The path is a folder's.
    case isDirectory
    /// The path is a device's, a pipe's or a socket's.
    case notRegularFile
    /// The file's permissions forbid reading.
    case notReadable
    /// The file's permissions, or its file system, forbid writing.
    case notWritable
    /// The folder's permissions forbid the log and the lock beside the file.
    case directoryNotWritable(String)
    /// By the name of its type (`NFS`).
    case networkFileSystem(String)
    /// Its bytes are those of no SQLite database.
    case notADatabase
    /// A SQLite database without any tables: a plain copy whose log was left behind, or one whose making was cut off.
    case empty
    /// A SQLite database of another program.
    case otherApplication
    /// SQLite or the schema's own check says what is wrong with it.
    case damaged(String)
    /// A newer version of this library has migrated it.
    case newerVersion(found: Int64, supported: Int64)
    /// A reader does not migrate, and the tables are others than those that it knows.
    case olderVersion(found: Int64, supported: Int64)
    /// A backup, which only `saga restore` turns into a journal that may be written.
    case isCopy
    /// A backup, with the log of the database beside it that was there before.
    case foreignLog
    /// There is no file, or nothing in it, and beside it lies a log of this name with commits of the database that was there.
    case logAlone(String)
    /// The file has so many names (hard links), each with a lock of its own.
    case severalNames(Int)
    /// What ended in another database was moved here; no engine goes on with it.
    case isArchive
    /// The file was meant to be an archive, and is a journal or a backup of one.
    case isNoArchive
    /// An archive of what is divided otherwise than the database whose rows are to go there.
    case otherArchive(found: ShardPlace?, wanted: ShardPlace)
    /// An archive of another divided database than the one whose rows are to go there.
    case foreignArchive
    /// An archive that an earlier version has made of a divided database, with sagas that do not belong to this file of it.
    case mixedArchive(ShardPlace)
    /// Another process (or another store of this one) is the writer; its lock file may say which.
    case locked(LockOwner?, lockFile: String)
    /// The lock file beside it cannot be used.
    case lockFile(String, reason: String)
    /// The file that says that a database is being made cannot be written.
    case markFile(String, reason: String)
    /// A process died in the midst of a commit, and this user may not take back what it has written.
    case unfinished
    /// The system's SQLite lacks what is needed.
    case libraryTooOld(String)
    /// The lent connection is to no file: a database in memory.
    case noFile
    /// A connection that is lent is not set up as the engine needs it.
    case unsuitable(pragma: String, found: String, needed: String)
    /// Tables of the embedding service have names that the engine needs.
    case nameTaken(String)
    /// Another part of a divided journal than was asked for; `found` is nil for slots that are no shard's.
    case otherShard(found: ShardPlace?, wanted: ShardPlace)
    /// A shard of the journal has no file.
    case shardMissing(ShardPlace, of: String)
    /// A file stands in a shard's place that belongs to another journal than the first file.
    case foreignShard(of: String)
    /// The shards' files were restored to different times.
    case otherEpoch(found: Int64, first: Int64, of: String)
    /// A backup would be restored of which one shard's file is a part and this one is not; `first` is where all are restored from.
    case mixedBackup(with: String, first: String)
    /// The journal is divided otherwise than was asked for.
    case otherShardCount(found: Int, wanted: Int)
    /// SQLite answered something else.
    case other(SQLiteError)
  }

  /// The database file.
  public var path: String
  /// Why it cannot be opened.
  public var cause: Cause

  /// For adapters that open files of this kind themselves.
  public init(path: String, cause: Cause) {
    self.path = path
    self.cause = cause
  }

  public var description: String { "\(path): \(explanation)" }

  private var explanation: String {
    switch cause {
    case .notFound: "there is no such file; check the path, or let the engine create it (`saga run`)"
    case .directoryNotFound(let directory): "there is no directory \(directory); create it first"
    case .isDirectory: "is a directory; name a file in it"
    case .notRegularFile: "is not a regular file; name a file on a local disk"
    case .notReadable: "may not be read by this user; give the user read access"
    case .notWritable: "is read-only for this user; give the user write access, or open it read-only"
    case .directoryNotWritable(let directory):
      "the directory \(directory) may not be written by this user, and SQLite keeps its log beside the file; "
        + "give the user write access to the directory"
    case .networkFileSystem(let name):
      "lies on a network file system (\(name)), where SQLite's locks and log are not safe; move it to a local disk"
    case .notADatabase: "is not a SQLite database; check the path"
    case .empty:
      "is a SQLite database with nothing in it yet; a plain copy of a database needs the log as well "
        + "(\(path)-wal), or make the copy with `saga backup`; a file that never had anything in it can be deleted"
    case .otherApplication: "is a SQLite database of another program; give the sagas a file of their own"
    case .damaged(let detail): "is damaged (\(detail)); restore a backup with `saga restore`"
    case .newerVersion(let found, let supported):
      "was written by a newer version (schema \(found), this one knows \(supported)); install that version"
    case .olderVersion(let found, let supported):
      "has an older schema (\(found), this version reads \(supported) and later); start the engine once, which migrates it"
    case .isCopy: "is a backup; run `saga restore \(path)` before an engine uses it"
    case .foreignLog:
      "is a backup, and the log beside it (\(path)-wal or -journal) belongs to the database that was there before; "
        + "run `saga restore \(path)`, which removes the log"
    case .logAlone(let log):
      "is \(FileReplacement.exists(path) ? "empty" : "missing"), and \(log) beside it holds commits of the database that was there, which a new "
        + "one would remove; put the file back to where it was (or a backup, with `saga restore \(path)`), or remove \(log) if it is really "
        + "not wanted"
    case .severalNames(let count):
      "has \(count) names (hard links), each with a lock of its own, so that two engines could write it at once; "
        + "remove the others (`find \(FileInspection.split(path).directory) -samefile \(path)` names them), or give "
        + "the sagas a file of their own: `saga backup --db \(path) NEW`, then `saga restore NEW`"
    case .isArchive: "is an archive of what has ended; it can be looked at, and no engine goes on with it"
    case .isNoArchive: "is a database of sagas or its backup and no archive; name a file that does not exist yet"
    case .otherArchive(let found, let wanted):
      "is an archive \(StoreOpenError.archived(found)), and what is to go there is \(StoreOpenError.archived(wanted)); "
        + "name a file that does not exist yet"
    case .foreignArchive: "is the archive of another database; name a file that does not exist yet"
    case .mixedArchive(let shard):
      "is by its place \(shard) of an archive, and has sagas of other shards too, from before the database was divided; "
        + "copy the file to where none of the others are to look at it alone"
    case .locked(let owner?, _): "is in use by \(owner); stop it, or send commands to it"
    case .locked(nil, let lockFile):
      "is in use by another process, which holds the lock \(lockFile); stop it (`fuser \(lockFile)` names it)"
    case .lockFile(let lockFile, let reason): "cannot lock \(lockFile): \(reason)"
    case .markFile(let mark, let reason): "cannot write \(mark): \(reason)"
    case .unfinished:
      "a process died in the midst of a commit, which whoever opens the file next takes back, and this user may not write it; "
        + "look at it once as a user who may"
    case .libraryTooOld(let version): "needs SQLite 3.37 or newer, and this is \(version); update libsqlite3"
    case .noFile: "names no file; the store needs one on a local disk"
    case .unsuitable(let pragma, let found, let needed):
      "the connection that was lent has \(pragma)=\(found); set it to \(needed) when you open it"
    case .nameTaken(let name):
      "has a table \(name) of its own, a name that the engine needs; give the sagas a file of their own"
    case .otherShard(let found, let wanted): explain(found, wanted)
    case .shardMissing(let shard, let first):
      "there is no such file, and it is \(shard) of \(first); put it back, or restore a backup of all of them"
    case .foreignShard(let first):
      "belongs to another database than \(first); put the right file in its place, or restore a backup of all of them"
    case .otherEpoch(let found, let first, let path):
      "is of epoch \(found), and \(path) of epoch \(first): they were not restored together; run `saga restore \(path)`"
    case .mixedBackup(let backup, let first):
      "is no file of the backup that \(backup) belongs to, and nothing was restored; copy all files of one backup to "
        + "where they belong (\(first), \(first).shard-1, …), then run `saga restore \(first)`"
    case .otherShardCount(let found, let wanted):
      "is divided into \(found == 1 ? "1 shard" : "\(found) shards"), not \(wanted); leave --shards out"
        + (found == 1 ? ", or divide it first: `saga reshard --db \(path) --shards \(wanted)`" : "")
    case .other(let error): "cannot be opened: \(error.message) (SQLite result code \(error.extendedCode))"
    }
  }

  /// Whose rows an archive has.
  private static func archived(_ place: ShardPlace?) -> String {
    guard let place else { return "of slots that are no shard's" }
    return place == .whole ? "of a database that is not divided" : "of \(place) of a divided database"
  }

  private func explain(_ found: ShardPlace?, _ wanted: ShardPlace) -> String {
    guard let found else { return "owns slots that are no shard's; restore a backup with `saga restore`" }
    if wanted == .whole {
      let whole = found.index == 0 ? "; open all of them together" : "; name the first file of them"
      return "is \(found) of a divided database and not all of it" + whole
    }
    return "is \(found), where \(wanted) was expected; put the right file in its place"
  }

  /// The cause behind an error that SQLite reported while the file was being opened.
  init(_ error: SQLiteError, path: String) {
    let cause: Cause =
      switch error.code {
      case SQLITE_NOTADB: .notADatabase
      case SQLITE_CORRUPT: .damaged(error.message)
      case SQLITE_READONLY: .notWritable
      default: .other(error)
      }
    self.init(path: path, cause: cause)
  }
}
