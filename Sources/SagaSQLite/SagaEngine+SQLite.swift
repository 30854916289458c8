import Logging
import SagaCore
import SagaRuntime

extension SagaEngine {
  /// Makes an engine on a SQLite database, which is made where there is none.
  ///
  /// - Parameters:
  ///   - database: the file, on a local disk. The service's own tables belong there too (`transaction`).
  ///   - options: how the file is opened.
  ///   - definitions, participants, consumers, routes, alerts, configuration, logger, telemetry: as in the initialiser for any store.
  /// - Throws: `SagaEngineError`. What is wrong with the file is thrown by `run()`: `StoreOpenError`.
  public convenience init(
    database: String, options: SQLiteOptions = SQLiteOptions(), definitions: SagaDefinitions,
    participants: [Participant] = [], consumers: [Consumer] = [], routes: [OutgoingRoute] = [],
    alerts: AlertPolicy = AlertPolicy(), configuration: EngineConfiguration = EngineConfiguration(),
    logger: Logger = Logger(label: "saga"),
    telemetry: Telemetry = Telemetry()
  ) throws {
    try self.init(
      source: .sqlite(database, options: options), definitions: definitions, participants: participants,
      consumers: consumers, routes: routes, alerts: alerts, configuration: configuration, logger: logger,
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

extension StoreSource {
  /// A SQLite database.
  public static func sqlite(_ path: String, options: SQLiteOptions = SQLiteOptions()) -> StoreSource {
    StoreSource {
      try SQLiteStore(path: path, options: options, mode: .reader)
    } open: {
      let store = try SQLiteStore(path: path, options: options, mode: .writer)
      return Opened(store: store, operatorSocketPath: store.lock?.socketPath)
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
  /// - Parameter body: runs on the shard's thread; keep it short.
  public mutating func handleInTransaction<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    _ body: @escaping @Sendable (Input, CommandContext, SQLiteTransaction) throws -> CommandReply
  ) {
    let work: @Sendable (Input, CommandContext, any ServiceTransaction) throws -> CommandReply = {
      try body($0, $1, try SQLiteTransaction.of($2))
    }
    handleInTransaction(type, as: input, work)
  }

  /// Handles an undo whose whole effect is rows of the service's own.
  ///
  /// - Parameters:
  ///   - nothingToUndo: the reply where the action never began or was declined; `body` does not run then.
  ///   - body: undoes an action that was done.
  public mutating func undoInTransaction<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    nothingToUndo: @escaping @Sendable (Input, CommandContext) throws -> CommandReply,
    _ body: @escaping @Sendable (Input, CommandContext, SQLiteTransaction) throws -> CommandReply
  ) {
    let work: @Sendable (Input, CommandContext, any ServiceTransaction) throws -> CommandReply = {
      try body($0, $1, try SQLiteTransaction.of($2))
    }
    undoInTransaction(type, as: input, nothingToUndo: nothingToUndo, work)
  }
}

extension Consumer {
  /// Takes an event in one transaction with the service's own rows: exactly once.
  ///
  /// - Parameter body: runs on the shard's thread; keep it short.
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
