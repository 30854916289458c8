import Logging
import SagaCore
import SagaRuntime

extension SagaEngine {
  /// Makes an engine on a SQLite database, which is made where there is none.
  ///
  /// - Parameters:
  ///   - database: the file, on a local disk. The service's own tables belong there too (`transaction`).
  ///   - options: how the file is opened.
  ///   - shards: how many shards the database must have; a new one is made so. nil takes what the file says, and one for a new file.
  ///   - definitions: what the service loads; its sagas and roles run here.
  ///   - participants: answer the commands to their names, in this service.
  ///   - consumers: take events, in this service.
  ///   - routes: by which transports messages leave the service.
  ///   - alerts: as in the initialiser for any store.
  ///   - retention: as in the initialiser for any store.
  ///   - configuration: limits; `lanes` and `compile` are set by the engine.
  ///   - logger: gets what nobody else would see.
  ///   - telemetry: metrics and traces; by default those that the process has bootstrapped.
  /// - Throws: `SagaEngineError`. What is wrong with the file is thrown by `run()`: `StoreOpenError`.
  public convenience init(
    database: String, options: SQLiteOptions = SQLiteOptions(), shards: Int? = nil, definitions: SagaDefinitions,
    participants: [Participant] = [], consumers: [Consumer] = [], routes: [OutgoingRoute] = [],
    alerts: AlertPolicy = AlertPolicy(), retention: RetentionPolicy? = nil,
    configuration: EngineConfiguration = EngineConfiguration(),
    logger: Logger = Logger(label: "saga"),
    telemetry: Telemetry = Telemetry()
  ) throws {
    let sources = StoreSource.sqliteShards(database, count: shards, options: options)
    try self.init(
      source: sources[0], otherShards: Array(sources.dropFirst()), definitions: definitions, participants: participants,
      consumers: consumers, routes: routes, alerts: alerts, retention: retention, configuration: configuration,
      logger: logger,
      telemetry: telemetry)
  }

  /// Runs a transaction with the service's own SQL; as `transaction(_:)`.
  ///
  /// - Throws: `ServiceTransactionError.unsupported` where the engine's store is no SQLite database.
  public func transaction<Value: Sendable>(
    _ body: @escaping @Sendable (SQLiteTransaction) throws -> Value
  ) async throws -> Value {
    let work: @Sendable (any ServiceTransaction) throws -> Value = { try body(try SQLiteTransaction.of($0)) }
    return try await transaction(work)
  }
}

extension SagaEngine {
  /// Makes a consistent copy of the database beside the running engine, of each shard in a file beside the first one's; `saga restore` makes a database of it again.
  ///
  /// - Parameter path: a file that does not exist yet.
  /// - Throws: `SQLiteStoreError`, `SQLiteError`; `ServiceTransactionError.unsupported` where the engine's store is no file of its own.
  public func backUp(to path: String) async throws {
    if shardCount > 1 { return try await backUpAll(to: path) }
    try await read { reader in
      guard let store = reader.store as? SQLiteStore else { throw ServiceTransactionError.unsupported }
      try store.copy(to: BackupDestination(path: path))
    }
  }

  /// Moves what closed before a time to a second database (`SQLiteArchive`), portion by portion between other work.
  ///
  /// - Parameters:
  ///   - cut: what closed earlier is moved.
  ///   - forgetBefore: what closed before it loses its keys and message ids too.
  ///   - path: the archive, which is made where there is none.
  /// - Returns: how many rows, states and forgotten keys were deleted.
  /// - Throws: `StoreOpenError`, `SQLiteStoreError` for the archive; as `prune`.
  @discardableResult
  public func prune(closedBefore cut: Timestamp, forgetBefore: Timestamp, archive path: String) async throws -> Int {
    let archive = RetentionPolicy.archive(to: path)
    return try await prune(closedBefore: cut, forgetBefore: forgetBefore, archive: archive)
  }
}

extension RetentionPolicy {
  /// Moves rows to a second database (`SQLiteArchive`), of each shard to a file of its own (`PATH.shard-1`); the files are made where
  /// there are none, with the permissions of the database. The first one shows all that is in them.
  public static func archive(to path: String) -> JournalArchiving {
    { rows, store in
      // Opened for each portion: nobody says when the last one was.
      let archive: SQLiteArchive
      if let shard = store as? SQLiteStore, shard.options.shard.count > 1 {
        archive = try SQLiteShards.archive(path, of: shard)
      } else {
        archive = try SQLiteArchive(path: path, permissionsOf: RetentionPolicy.database(of: store))
      }
      defer { archive.close() }
      try archive.append(rows, from: store)
    }
  }

  /// The file that a store keeps its rows in; nil where it is none of the operating system's.
  private static func database(of store: any Store) -> String? {
    switch store {
    case let store as SQLiteStore: return store.options.fileSystem == .operatingSystem ? store.path : nil
    case let store as BorrowedSQLiteStore: return store.path
    case let store as ForwardingStore: return database(of: store.inner)
    default: return nil
    }
  }
}

extension StoreSource {
  /// A SQLite database.
  public static func sqlite(_ path: String, options: SQLiteOptions = SQLiteOptions()) -> StoreSource {
    StoreSource {
      try SQLiteStore(path: path, options: options, mode: .reader)
    } open: {
      let store = try SQLiteStore(path: path, options: options, mode: .writer)
      return Opened(store: try store.pipelined(), operatorSocketPath: store.lock?.socketPath)
    }
  }
}

extension SQLiteTransaction {
  /// - Throws: `ServiceTransactionError.unsupported`.
  static func of(_ transaction: any ServiceTransaction) throws -> SQLiteTransaction {
    guard let transaction = transaction as? SQLiteTransaction else { throw ServiceTransactionError.unsupported }
    return transaction
  }
}

extension Participant {
  /// Handles an action whose whole effect is rows of the service's own: exactly once, in one transaction with its reply.
  ///
  /// - Parameters:
  ///   - type: the command's type.
  ///   - input: what the command's data is decoded as.
  ///   - body: runs on the shard's thread; keep it short.
  public mutating func handleInTransaction<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    _ body: @escaping @Sendable (Input, CommandContext, SQLiteTransaction) throws -> CommandReply
  ) {
    handleInTransaction(type, as: input, with: SQLiteTransaction.self, body)
  }

  /// Handles an undo whose whole effect is rows of the service's own.
  ///
  /// - Parameters:
  ///   - type: the command's type.
  ///   - input: what the command's data is decoded as.
  ///   - nothingToUndo: the reply where the action never began or was declined; `body` does not run then.
  ///   - body: undoes an action that was done.
  public mutating func undoInTransaction<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    nothingToUndo: @escaping @Sendable (Input, CommandContext) throws -> CommandReply,
    _ body: @escaping @Sendable (Input, CommandContext, SQLiteTransaction) throws -> CommandReply
  ) {
    undoInTransaction(type, as: input, with: SQLiteTransaction.self, nothingToUndo: nothingToUndo, body)
  }
}

extension Consumer {
  /// Takes an event in one transaction with the service's own rows: exactly once.
  ///
  /// - Parameters:
  ///   - type: the event's type.
  ///   - payload: what the event's data is decoded as.
  ///   - body: runs on the shard's thread; keep it short.
  public mutating func onInTransaction<Payload: Decodable & Sendable>(
    _ type: String, as payload: Payload.Type,
    _ body: @escaping @Sendable (Payload, CloudEvent, SQLiteTransaction) throws -> Void
  ) {
    let work: @Sendable (Payload, CloudEvent, any ServiceTransaction) throws -> Void = {
      try body($0, $1, try SQLiteTransaction.of($2))
    }
    onInTransaction(type, as: payload, work)
  }
}
