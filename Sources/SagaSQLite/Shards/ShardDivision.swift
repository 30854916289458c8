import SagaCore
import SagaRuntime

/// Divides a database of one shard into several, while no engine runs.
///
/// The other shards are copies from which everything foreign is deleted, made under names that mean nothing. The one transaction that
/// takes the foreign slots out of the first file is the moment at which they count: before it the first file is still the whole
/// truth, after it all of them are, and what is left is to give them their names, which opening does too.
public struct ShardDivision {
  private let store: SQLiteStore
  private let count: Int
  /// Where dead letters of no instance belong, whose rows do not say it.
  private let homes: [JournalSequence: Int]

  /// - Parameters:
  ///   - store: the whole database, opened for writing, everything in its journal folded.
  ///   - count: how many shards there will be.
  ///   - homes: rows of no instance that belong elsewhere than their slot says
  ///     (`ShardEngine.prepareToDivide(into:now:)`).
  /// - Throws: `StoreOpenError.otherShardCount` for a database that is divided; `SQLiteStoreError.unfolded`, and `.guestUndividable` or
  ///   `.tablesUndividable` where there are tables of a service.
  public init(of store: SQLiteStore, into count: Int, homes: [JournalSequence: Int]) throws {
    self.store = store
    self.count = count
    self.homes = homes
    guard store.options.shard == .whole else {
      throw StoreOpenError(
        path: store.path, cause: .otherShardCount(found: store.options.shard.count, wanted: count))
    }
    try Self.requireNoOtherTables(store)
    let recovered = try store.recover()
    guard recovered.foldedSequence == recovered.lastSequence else {
      throw SQLiteStoreError.unfolded(path: store.path, rows: recovered.lastSequence - recovered.foldedSequence)
    }
  }

  /// A service's tables would be copied to every shard, and each handler would see those of one.
  private static func requireNoOtherTables(_ store: SQLiteStore) throws {
    if store.connection.isGuest { throw SQLiteStoreError.guestUndividable(path: store.path) }
    let names = try store.connection.prepare(
      "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT GLOB 'sqlite_*' ORDER BY name")
    var others: [String] = []
    try names.rows {
      if !Schema.tables.contains(names.text(0)) { others.append(names.text(0)) }
      return true
    }
    if !others.isEmpty { throw SQLiteStoreError.tablesUndividable(path: store.path, tables: others) }
  }

  private var others: [ShardPlace] { Array(ShardPlace.all(of: count).dropFirst()) }

  /// Divides the database. The store cannot be used afterwards.
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`; then it is divided wholly or not at all.
  public func run() throws {
    try prepare()
    try commit()
    try SQLiteShards.nameNew(store.path, count: count)
  }

  /// Makes the files of the other shards, which nobody looks at yet. Where that fails there is none of them.
  func prepare() throws {
    do {
      for place in others { try make(place) }
    } catch {
      // Each is as large as the database, and there may be no room.
      for place in others { FileReplacement.remove(SQLiteShards.newPath(store.path, shard: place.index)) }
      throw error
    }
  }

  private func make(_ place: ShardPlace) throws {
    let path = SQLiteShards.path(store.path, shard: place.index)
    guard !FileReplacement.exists(path) else { throw SQLiteStoreError.destinationExists(path: path) }
    let new = SQLiteShards.newPath(store.path, shard: place.index)
    FileReplacement.remove(new)
    try store.copy(to: BackupDestination(path: new))
    let connection = try Connection(
      path: FileInspection.resolve(new), access: .readWrite(create: false), busyTimeoutMilliseconds: 0)
    defer { connection.close() }
    // A copy has no log beside it; the writer's PRAGMAs come when it is opened as a shard.
    try connection.execute(
      "PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; BEGIN IMMEDIATE")
    try keep(place, in: connection)
    try connection.execute("UPDATE meta SET copied=0; COMMIT")
  }

  /// From here on the others count.
  func commit() throws {
    try store.writing { () throws(SQLiteError) in
      try keep(ShardPlace(index: 0, of: count), in: store.connection)
    }
  }

  /// Deletes what belongs to other shards, and says so in the file's meta row and in a last journal row: numbers of rows are not
  /// used again.
  private func keep(_ place: ShardPlace, in connection: Connection) throws(SQLiteError) {
    let (index, count) = (Int64(place.index), Int64(place.count))
    try connection.execute(
      """
      CREATE TEMP TABLE foreign_instance(iid INTEGER PRIMARY KEY);
      CREATE TEMP TABLE home(seq INTEGER PRIMARY KEY, shard INTEGER NOT NULL);
      """)
    let foreign = try connection.prepare("INSERT INTO foreign_instance VALUES(?1)")
    let instances = try connection.prepare("SELECT iid, key FROM instance")
    while try instances.step() {
      if place.owns(Slot(key: instances.text(1))) { continue }
      foreign.bind(1, instances.integer(0))
      try foreign.run()
    }
    instances.reset()
    let home = try connection.prepare("INSERT INTO home VALUES(?1,?2)")
    for (sequence, shard) in homes.sorted(by: { $0.key < $1.key }) {
      home.bind(1, sequence)
      home.bind(2, Int64(shard))
      try home.run()
    }
    let last = try connection.prepare("SELECT (SELECT coalesce(max(seq),0) FROM journal), clock_at, epoch FROM meta")
    let end = try last.first { (last.integer(0), last.timestamp(1), last.integer(2)) }
    let (sequence, clock, epoch) = end ?? (0, Timestamp(milliseconds: 0), 1)
    try connection.execute(
      """
      CREATE TEMP TABLE foreign_row(seq INTEGER PRIMARY KEY);
      INSERT INTO foreign_row SELECT j.seq FROM journal j LEFT JOIN home h ON h.seq=j.seq
       WHERE coalesce(h.shard, j.slot*\(count)/\(Slot.count))<>\(index);
      DELETE FROM parked WHERE seq IN foreign_row;
      DELETE FROM held WHERE seq IN foreign_row;
      DELETE FROM dead_letter WHERE seq IN foreign_row;
      DELETE FROM journal WHERE seq IN foreign_row;
      DELETE FROM instance_key WHERE iid IN foreign_instance;
      DELETE FROM instance_seen WHERE iid IN foreign_instance;
      DELETE FROM instance WHERE iid IN foreign_instance;
      DROP TABLE foreign_row; DROP TABLE foreign_instance; DROP TABLE home;
      """)
    let decided = JSONWriter.compact(["epoch": .int(epoch), "shard": .int(index), "shards": .int(count)])
    try connection.prepare(Query.insertRow.sql).insert(
      JournalRow(sequence: sequence + 1, at: clock, kind: .restore, slot: Slot(value: 0), decided: decided))
    let meta = try connection.prepare("UPDATE meta SET slots=?1, journal_id=?2, swept_seq=folded_seq")
    meta.bind(1, copying: place.slots)
    meta.bind(2, copying: SQLiteShards.journalID(of: place, first: store.journalID))
    try meta.run()
  }
}

extension SQLiteShards {
  /// Where a shard is made while the first file is still the whole database.
  static func newPath(_ path: String, shard index: Int) -> String { self.path(path, shard: index) + ".new" }

  /// Gives shards that were made their names, once the first file says that there are so many.
  ///
  /// - Throws: `SQLiteStoreError`.
  static func nameNew(_ path: String, count: Int) throws {
    for index in 1..<max(1, count) {
      let (new, final) = (newPath(path, shard: index), self.path(path, shard: index))
      guard FileReplacement.exists(new) else { continue }
      if !FileReplacement.exists(final) {
        try FileReplacement.publish(new, as: final)
      } else if FileReplacement.areSame(new, final) {
        // A crash came between the new name and the end of the old one, and no writer takes a file with both.
        FileReplacement.remove(new)
      }
    }
  }
}
