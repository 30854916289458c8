import SagaCore
import SagaRuntime

/// What a commit writes besides its rows; one statement per change.
extension SQLiteStore {
  func insert(_ machine: StoredMachine) throws(SQLiteError) {
    try connection.statement(.insertMachine).insert(machine)
  }

  func write(_ lane: LanePosition) throws(SQLiteError) {
    let statement = try connection.statement(.upsertLane)
    statement.bind(1, lane.id)
    statement.bind(2, copying: lane.name)
    statement.bind(3, lane.sequence)
    statement.bind(4, lane.effect)
    try statement.run()
  }

  func apply(_ key: KeyChange) throws(SQLiteError) {
    switch key {
    case .insert(let hash, let instance), .replace(let hash, let instance):
      let isInsert = if case .insert = key { true } else { false }
      let statement = try connection.statement(isInsert ? .insertKey : .replaceKey)
      statement.bind(1, hash)
      statement.bind(2, instance)
      try statement.run()
    case .remove(let hash):
      let statement = try connection.statement(.removeKey)
      statement.bind(1, hash)
      try statement.run()
    }
  }

  /// Spilled ids are copied inside the database.
  func apply(_ inherited: InheritedIDs) throws(SQLiteError) {
    let consumer = InheritedConsumer.name(of: inherited.key)
    let spilled = try connection.statement(.inheritSpilled)
    spilled.bind(1, copying: consumer)
    spilled.bind(2, inherited.formerOwner)
    spilled.bind(3, inherited.closedAt)
    try spilled.run()
    for identity in inherited.recent.sorted(by: { $0.id < $1.id }) {
      let statement = try connection.statement(.inherit)
      statement.bind(1, copying: consumer)
      statement.bind(2, identity.id)
      statement.bind(3, inherited.closedAt)
      statement.bind(4, bytesOf: identity.body)
      try statement.run()
    }
  }

  func apply(_ changes: Changes<ParkedMessage>) throws(SQLiteError) {
    for parked in changes.removed {
      let statement = try connection.statement(.removeParked)
      statement.bind(1, parked.key)
      statement.bind(2, parked.id)
      try statement.run()
    }
    for parked in changes.written {
      let statement = try connection.statement(.upsertParked)
      statement.bind(1, parked.key)
      statement.bind(2, parked.id)
      statement.bind(3, parked.sequence)
      statement.bind(4, parked.expiresAt)
      try statement.run()
    }
  }

  func apply(_ changes: Changes<DeadLetterEntry>) throws(SQLiteError) {
    for letter in changes.removed { try removeDeadLetter(letter.sequence) }
    for letter in changes.written {
      let statement = try connection.statement(.upsertDeadLetter)
      statement.bind(1, letter.sequence)
      statement.bind(2, letter.fingerprint)
      statement.bind(3, letter.resolvedSequence)
      statement.bind(4, letter.resolution?.rawValue)
      try statement.run()
    }
  }

  func removeDeadLetter(_ sequence: JournalSequence) throws(SQLiteError) {
    let statement = try connection.statement(.removeDeadLetter)
    statement.bind(1, sequence)
    try statement.run()
  }

  func apply(_ changes: Changes<HeldMessage>) throws(SQLiteError) {
    for held in changes.removed {
      let statement = try connection.statement(.removeHeld)
      statement.bind(1, held.lane)
      statement.bind(2, held.sequence)
      statement.bind(3, held.effect)
      try statement.run()
    }
    for held in changes.written {
      let statement = try connection.statement(.upsertHeld)
      statement.bind(1, held.lane)
      statement.bind(2, held.sequence)
      statement.bind(3, held.effect)
      statement.bind(4, held.ordering)
      statement.bind(5, held.attempts)
      statement.bind(6, held.nextAt)
      statement.bind(7, copying: held.reason)
      try statement.run()
    }
  }

  /// In the order of the primary keys, so that neighbours dirty a page once.
  func apply(_ fold: FoldPortion) throws(SQLiteError) {
    for instance in fold.instances.sorted(by: { $0.id < $1.id }) {
      let staysOpen = instance.closedAt == nil
      if staysOpen { try write(instance, with: .updateOpenInstance) }
      // A late success opens a closed one again.
      if !staysOpen || connection.changes == 0 { try write(instance, with: .updateInstance) }
      // Its birth was written with its first row; a table that was rebuilt may lack it.
      if connection.changes == 0 { try write(instance, with: .insertInstance) }
    }
    for spilled in fold.spilled.sorted(by: { ($0.instance, $0.id) < ($1.instance, $1.id) }) {
      let statement = try connection.statement(.insertSeen)
      statement.bind(1, spilled.instance)
      statement.bind(2, spilled.id)
      statement.bind(3, bytesOf: spilled.body)
      try statement.run()
    }
    guard let completion = fold.completion else { return }
    let statement = try connection.statement(.completeFold)
    statement.bind(1, completion.foldedSequence)
    statement.bind(2, completion.clock)
    try statement.run()
  }

  func write(_ instance: StoredInstance, with query: Query) throws(SQLiteError) {
    try connection.statement(query).write(instance)
  }
}
