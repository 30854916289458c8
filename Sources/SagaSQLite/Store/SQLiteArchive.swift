import SagaCore
import SagaRuntime

/// A second database to which pruning moves what has ended: journal rows, instances with their last state, and the definitions they
/// ran under. Commands and `ShardReader` look into it as into any other database; no engine goes on with it.
///
/// Give `append` to `ShardEngine.prune` or a path to `SagaEngine.prune`: rows are on disk here before they are deleted there, and
/// a crash in between archives them again, which changes nothing.
public final class SQLiteArchive {
  /// Tells an archive from a journal, whose epochs begin at 1, and from its backups.
  static let epoch: Epoch = 0

  /// The file, absolute and without symbolic links.
  public let path: String
  /// Rows that were put here since it was opened.
  public private(set) var count = 0
  private let opening: Opening
  private var connection: Connection { opening.connection }
  /// Whether the file says which shard's archive it is, or is the archive of a database that is not divided. Earlier versions have
  /// not written it.
  private var isMarked = true
  /// The roles of the definitions that the file has.
  private var machines: [MachineID: (saga: String, role: String)]

  /// Opens an archive, or makes one.
  ///
  /// - Parameters:
  ///   - path: the archive's file.
  ///   - database: the file whose rows go there; a new archive gets its permissions. nil leaves them to the process (`umask`).
  /// - Throws: `StoreOpenError`: also for a file that is a database of sagas itself. `SQLiteStoreError.file`.
  public convenience init(path: String, permissionsOf database: String? = nil) throws {
    try self.init(path: path, nil, permissionsOf: database)
  }

  /// - Parameter part: which file of a divided archive it is; nil where it is the whole.
  init(path: String, _ part: ArchivePart?, permissionsOf database: String?) throws {
    var options = SQLiteOptions()
    if let part {
      options.shard = part.place
      options.journalID = part.journalID
    }
    // One file that can be moved about, and no log beside it.
    options.journalMode = .rollback
    opening = try Opening.writer(path: path, options: options, for: .archive, permissionsOf: database)
    self.path = opening.connection.path
    machines = [:]
    do {
      let known = try connection.statement(.machines)
      while try known.step() { machines[known.integer(0)] = (known.text(1), known.text(3)) }
      known.reset()
      if let part {
        let meta = try connection.statement(.meta)
        let found = try meta.first { (journalID: meta.bytes(0), slots: meta.bytes(6)) }
        isMarked = found?.slots == part.place.slots
        if isMarked, found?.journalID != part.journalID { throw StoreOpenError(path: path, cause: .foreignArchive) }
      }
    } catch {
      connection.close()
      throw (error as? SQLiteError).map { StoreOpenError($0, path: path) } ?? error
    }
  }

  /// Whether the file is known as a part of an archive, and something went there already.
  func isPartInUse() throws -> Bool { try isMarked && connection.integer("SELECT EXISTS(SELECT 1 FROM journal)") > 0 }

  /// Refuses a file that an earlier version has made and that has sagas of other shards too.
  ///
  /// - Throws: `StoreOpenError.otherArchive`.
  func requireKeys(of part: ArchivePart) throws {
    guard try !isMarked && SQLiteShards.hasForeignKeys(connection, part.place) else { return }
    throw StoreOpenError(path: path, cause: .otherArchive(found: .whole, wanted: part.place))
  }

  /// Makes a file that an earlier version has made known as the part that it is.
  func mark(as part: ArchivePart) throws {
    if isMarked { return }
    let meta = try connection.prepare("UPDATE meta SET slots=?1, journal_id=?2")
    meta.bind(1, copying: part.place.slots)
    meta.bind(2, copying: part.journalID)
    try meta.run()
    isMarked = true
  }

  /// Closes the file; nothing works afterwards.
  public func close() { connection.close() }

  deinit { close() }

  /// Takes rows over with what the store knows of their instances; they are on disk when it returns.
  ///
  /// - Parameters:
  ///   - rows: what is taken over, in the order of the journal.
  ///   - store: where the rows still are.
  /// - Throws: `SQLiteStoreError.otherRow` where the archive has other rows under these numbers; what the store throws.
  public func append(_ rows: [JournalRow], from store: any Store) throws {
    var wanted = LoadRequest()
    for case let id? in rows.lazy.map(\.instance) where wanted.instances.last != id { wanted.instances.append(id) }
    let instances = try store.load(wanted).instances
    let ids = Set(wanted.instances).sorted()
    let missing = Set(ids.compactMap { instances[$0]?.machine }).subtracting(machines.keys)
    let stored = missing.isEmpty ? [] : try store.recover().machines.filter { missing.contains($0.id) }
    try connection.statement(.begin).run()
    do {
      for machine in stored { try connection.statement(.insertMachine).insert(machine) }
      for row in rows { try insert(row) }
      for machine in stored { machines[machine.id] = (machine.saga, machine.role) }
      for id in ids { if let instance = instances[id] { try write(instance) } }
      try complete(through: rows.last?.sequence ?? 0, at: rows.last?.at ?? Timestamp(milliseconds: 0))
      try connection.statement(.commit).run()
    } catch {
      connection.rollBack()
      for machine in stored { machines[machine.id] = nil }
      throw error
    }
    count += rows.count
  }

  /// A row that is here already must be the same: a crash came between archiving and deleting.
  private func insert(_ row: JournalRow) throws {
    let statement = try connection.statement(.row)
    statement.bind(1, row.sequence)
    guard let known = try statement.first({ statement.journalRow() })?.get() else {
      return try connection.statement(.insertRow).insert(row)
    }
    guard known == row else { throw SQLiteStoreError.otherRow(path: path, sequence: row.sequence) }
  }

  /// The hashes under which an instance is found.
  private func names(of instance: StoredInstance) throws -> [Hash128] {
    guard let (saga, role) = machines[instance.machine] else { return [] }
    let correlations = try instance.state.map { try Instance(decoding: $0).correlations } ?? []
    return [KeyHash.primary(InstanceAddress(saga: saga, role: role, key: instance.key))]
      + correlations.map { KeyHash.named($0, saga: saga, role: role) }
  }

  private func write(_ instance: StoredInstance) throws {
    let statement = try connection.statement(.instance)
    statement.bind(1, instance.id)
    let known = try statement.first { statement.storedInstance() }
    var instance = instance
    // Late messages may come after the state was pruned there.
    if instance.state == nil { instance.state = known?.state }
    try connection.statement(known == nil ? .insertInstance : .updateInstance).write(instance)
    for name in try names(of: instance) {
      let key = try connection.statement(.replaceKey)
      key.bind(1, name)
      key.bind(2, instance.id)
      try key.run()
    }
  }

  private func complete(through last: JournalSequence, at time: Timestamp) throws {
    let statement = try connection.statement(.meta)
    let folded = try statement.first { statement.integer(3) } ?? 0
    let completed = try connection.statement(.completeFold)
    completed.bind(1, max(folded, last))
    completed.bind(2, time)
    try completed.run()
  }
}
