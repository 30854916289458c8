import SagaCore
import SagaRuntime

extension SQLiteStore {
  /// Where the journal stands and the small tables. After a commit of unknown outcome this opens the file again first.
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`, and `StoreOpenError` when the file cannot be opened again.
  public func recover() throws -> Recovered {
    dropJoined()
    if phase == .uncertain { try reopen() }
    return try reading {
      try readPosition()
      let meta = try connection.statement(.meta)
      let found = try meta.first {
        Recovered(
          journalID: meta.bytes(0), epoch: meta.integer(1), foldedSequence: meta.integer(3),
          sweptSequence: meta.integer(4), lastSequence: lastSequence, clock: meta.timestamp(5), lanes: [],
          held: [], machines: [], hasInheritedIDs: false)
      }
      guard var found else { throw SQLiteStoreError.damaged(path: path, detail: "the meta row is missing") }
      found.shard = options.shard
      found.lanes = try all(.lanes) {
        LanePosition(id: $0.integer(0), name: $0.text(1), sequence: $0.integer(2), effect: $0.integer(3))
      }
      found.held = try all(.held) { $0.heldMessage() }
      found.machines = try all(.machines) {
        StoredMachine(
          id: $0.integer(0), saga: $0.text(1), version: $0.integer(2), role: $0.text(3), sha256: $0.bytes(4),
          source: $0.bytes(5))
      }
      found.hasInheritedIDs = try connection.statement(.anyInherited).first { true } ?? false
      return found
    }
  }

  /// What looks committed need not be durable: opening makes it so, or fails.
  private func reopen() throws {
    // The embedding service has the connection; it alone can open it anew.
    if connection.isBorrowed { throw SQLiteStoreError.needsRecovery(path: path) }
    connection.abandon()
    do {
      connection = try Opening.writerConnection(path: path, options: options, mayCreate: false)
      phase = .open
      try readPosition()
    } catch let error as SQLiteError {
      phase = .uncertain
      throw StoreOpenError(error, path: path)
    }
  }

  /// One lookup per thing asked for, through cached statements; a join with the list would need an extension or a temporary
  /// table.
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`.
  public func load(_ wanted: LoadRequest) throws -> Loaded {
    try reading {
      var loaded = Loaded()
      try loadKeys(wanted.keys, into: &loaded)
      try loadInstances(wanted.instances, into: &loaded)
      try loadSeen(wanted.seen, into: &loaded)
      try loadInherited(wanted.inherited, into: &loaded)
      for key in wanted.parkedByKey where loaded.parked[key] == nil {
        let statement = try connection.statement(.parkedByKey)
        statement.bind(1, key)
        let found = try collect(statement) { $0.parkedMessage() }
        if !found.isEmpty { loaded.parked[key] = found }
      }
      for fingerprint in wanted.fingerprints where loaded.deadLetters[fingerprint] == nil {
        let statement = try connection.statement(.deadLetter)
        statement.bind(1, fingerprint)
        loaded.deadLetters[fingerprint] = try statement.first { statement.deadLetter() }
      }
      return loaded
    }
  }

  private func loadKeys(_ keys: [Hash128], into loaded: inout Loaded) throws(SQLiteError) {
    guard !keys.isEmpty else { return }
    let statement = try connection.statement(.key)
    loaded.keys.reserveCapacity(keys.count)
    for key in keys where loaded.keys[key] == nil {
      statement.bind(1, key)
      if let instance = try statement.first({ statement.integer(0) }) { loaded.keys[key] = instance }
    }
  }

  private func loadInstances(_ instances: [InstanceID], into loaded: inout Loaded) throws(SQLiteError) {
    guard !instances.isEmpty else { return }
    let statement = try connection.statement(.instance)
    loaded.instances.reserveCapacity(instances.count)
    for instance in instances where loaded.instances[instance] == nil {
      statement.bind(1, instance)
      if let found = try statement.first({ statement.storedInstance() }) { loaded.instances[instance] = found }
    }
  }

  private func loadSeen(_ probes: [SeenProbe], into loaded: inout Loaded) throws(SQLiteError) {
    guard !probes.isEmpty else { return }
    let statement = try connection.statement(.seen)
    for probe in probes where loaded.seen[probe] == nil {
      statement.bind(1, probe.instance)
      statement.bind(2, probe.id)
      if let body = try statement.first({ statement.word(0) }) { loaded.seen[probe] = body }
    }
  }

  private func loadInherited(_ probes: [InheritedProbe], into loaded: inout Loaded) throws(SQLiteError) {
    guard !probes.isEmpty else { return }
    let statement = try connection.statement(.inherited)
    for probe in probes where loaded.inherited[probe] == nil {
      statement.bind(1, copying: InheritedConsumer.name(of: probe.key))
      statement.bind(2, probe.id)
      if let body = try statement.first({ statement.word(0) }) { loaded.inherited[probe] = body }
    }
  }

  private func all<Element>(_ query: Query, _ element: (Statement) -> Element) throws(SQLiteError) -> [Element] {
    try collect(connection.statement(query), element)
  }

  /// Every row of a statement whose parameters are bound.
  func collect<Element>(
    _ statement: Statement, _ element: (Statement) -> Element
  ) throws(SQLiteError) -> [Element] {
    var elements: [Element] = []
    try statement.rows {
      elements.append(element(statement))
      return true
    }
    return elements
  }
}
