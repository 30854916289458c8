import SagaCore

/// A service's side of a saga: handlers for the commands that definitions send to one destination (a step's `to`).
///
/// The library does what every participant must and hand-written ones forget (the participant barrier; Saga paper, Garcia-Molina
/// and Salem 1987; DTM's "sub-transaction barrier"): a command that comes again is answered as before without a second effect, an undo that
/// comes before its action is remembered and the action refused when it arrives, an undo of what never happened has no
/// effect. What it remembers is durable in the same transaction as the reply and the handler's own rows.
public struct Participant: Sendable {
  /// What definitions call it (`to`).
  public let destination: String
  /// How many commands it takes at once, how fast, and when it is left alone.
  public var policy: DestinationPolicy
  private(set) var handlers: [String: CommandHandler] = [:]

  /// - Parameters:
  ///   - destination: what definitions call it (`to`).
  ///   - policy: how many commands it takes at once, how fast, and when it is left alone.
  public init(_ destination: String, policy: DestinationPolicy = DestinationPolicy()) {
    self.destination = destination
    self.policy = policy
  }

  /// The types of the commands it handles, in alphabetical order.
  public var commands: [String] { handlers.keys.sorted() }

  /// Handles an action that reaches other systems: a payment provider, a broker, a mail server.
  ///
  /// It may run more than once for one command when the process dies in the middle, with the same idempotency key, which those other
  /// systems have to be given. Declared business failures are replies; anything thrown is transient, and the definition's `retry` says
  /// when the command comes again.
  ///
  /// - Parameters:
  ///   - type: the command's type.
  ///   - input: its payload.
  ///   - body: cancelled at the command's deadline and when the engine stops.
  public mutating func handle<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    _ body: @escaping @Sendable (Input, CommandContext) async throws -> CommandReply
  ) {
    handlers[type] = CommandHandler(
      work: .outside { try await body(try $0.decode(Input.self), $0) }, nothingToUndo: nil)
  }

  /// Handles an action whose whole effect is rows beside the engine's: exactly once, in one transaction with its reply.
  ///
  /// - Parameters:
  ///   - type: the command's type.
  ///   - input: what the command's data is decoded as.
  ///   - body: runs on the shard's thread; keep it short.
  public mutating func handleInTransaction<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    _ body: @escaping @Sendable (Input, CommandContext, any ServiceTransaction) throws -> CommandReply
  ) {
    handlers[type] = CommandHandler(
      work: .inside { try body(try $0.decode(Input.self), $0, $1) }, nothingToUndo: nil)
  }

  /// Handles an action as `handleInTransaction(_:as:_:)` does, with the transaction as what the engine's store gives.
  ///
  /// - Parameters:
  ///   - type: the command's type.
  ///   - input: what its payload is decoded as.
  ///   - transaction: a transaction's type, such as `SQLiteTransaction`. On a store that gives another the command fails with
  ///     `ServiceTransactionError.unsupported`.
  ///   - body: runs on the shard's thread; keep it short.
  public mutating func handleInTransaction<Input: Decodable & Sendable, Transaction>(
    _ type: String, as input: Input.Type, with transaction: Transaction.Type,
    _ body: @escaping @Sendable (Input, CommandContext, Transaction) throws -> CommandReply
  ) {
    let work: @Sendable (Input, CommandContext, any ServiceTransaction) throws -> CommandReply = {
      guard let transaction = $2 as? Transaction else { throw ServiceTransactionError.unsupported }
      return try body($0, $1, transaction)
    }
    handleInTransaction(type, as: input, work)
  }

  /// Handles an undo that reaches other systems; as `handle`.
  ///
  /// - Parameters:
  ///   - type: the command's type.
  ///   - input: what the command's data is decoded as.
  ///   - nothingToUndo: the reply where the action never began or was declined; `body` does not run then.
  ///   - body: undoes an action that was done, or that may have been (`CommandContext.action`).
  public mutating func undo<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    nothingToUndo: @escaping @Sendable (Input, CommandContext) throws -> CommandReply,
    _ body: @escaping @Sendable (Input, CommandContext) async throws -> CommandReply
  ) {
    handlers[type] = CommandHandler(
      work: .outside { try await body(try $0.decode(Input.self), $0) },
      nothingToUndo: { try nothingToUndo(try $0.decode(Input.self), $0) })
  }

  /// Handles an undo whose whole effect is rows beside the engine's; as `handleInTransaction` and `undo`.
  public mutating func undoInTransaction<Input: Decodable & Sendable>(
    _ type: String, as input: Input.Type,
    nothingToUndo: @escaping @Sendable (Input, CommandContext) throws -> CommandReply,
    _ body: @escaping @Sendable (Input, CommandContext, any ServiceTransaction) throws -> CommandReply
  ) {
    handlers[type] = CommandHandler(
      work: .inside { try body(try $0.decode(Input.self), $0, $1) },
      nothingToUndo: { try nothingToUndo(try $0.decode(Input.self), $0) })
  }

  /// Handles an undo as `undoInTransaction(_:as:nothingToUndo:_:)` does, with the transaction as what the engine's store gives.
  ///
  /// - Parameters:
  ///   - type: the undo command's type.
  ///   - input: what its payload is decoded as.
  ///   - transaction: as in `handleInTransaction(_:as:with:_:)`.
  ///   - nothingToUndo: the reply where the action never began or was declined; `body` does not run then.
  ///   - body: undoes an action that was done.
  public mutating func undoInTransaction<Input: Decodable & Sendable, Transaction>(
    _ type: String, as input: Input.Type, with transaction: Transaction.Type,
    nothingToUndo: @escaping @Sendable (Input, CommandContext) throws -> CommandReply,
    _ body: @escaping @Sendable (Input, CommandContext, Transaction) throws -> CommandReply
  ) {
    let work: @Sendable (Input, CommandContext, any ServiceTransaction) throws -> CommandReply = {
      guard let transaction = $2 as? Transaction else { throw ServiceTransactionError.unsupported }
      return try body($0, $1, transaction)
    }
    undoInTransaction(type, as: input, nothingToUndo: nothingToUndo, work)
  }
}

extension Participant {
  /// The same participant, watched and disturbed: for the checks of `SagaTesting`.
  ///
  /// - Parameters:
  ///   - before: runs before a handler; what it throws is an interruption before the effect.
  ///   - after: runs after a handler and before its reply is durable; what it throws is an interruption after the effect, as when the
  ///     process dies.
  package func disturbed(
    before: @escaping @Sendable (CommandContext) throws -> Void,
    after: @escaping @Sendable (CommandContext, CommandReply) throws -> Void
  ) -> Participant {
    var disturbed = self
    disturbed.handlers = handlers.mapValues { handler in
      var handler = handler
      switch handler.work {
      case .outside(let body):
        handler.work = .outside { context in
          try before(context)
          let reply = try await body(context)
          try after(context, reply)
          return reply
        }
      case .inside(let body):
        handler.work = .inside { context, transaction in
          try before(context)
          let reply = try body(context, transaction)
          try after(context, reply)
          return reply
        }
      }
      return handler
    }
    return disturbed
  }
}

/// A command's handler with its payload's type forgotten.
struct CommandHandler: Sendable {
  enum Work: Sendable {
    case outside(@Sendable (CommandContext) async throws -> CommandReply)
    case inside(@Sendable (CommandContext, any ServiceTransaction) throws -> CommandReply)
  }
  var work: Work
  /// Set for undos.
  var nothingToUndo: (@Sendable (CommandContext) throws -> CommandReply)?
}

/// Why a command was not handled.
public enum CommandError: Error, CustomStringConvertible, Sendable {
  /// The payload is none of the handler's; it never will be.
  case undecodable(type: String, reason: String)
  /// The participant has no handler for the type.
  case unhandled(type: String, destination: String)
  /// A command without an idempotency key cannot be recognised when it comes again.
  case keyMissing(type: String, id: String)
  /// An undo came to a handler of actions, or an action to one of undos.
  case wrongDirection(type: String, isUndo: Bool)
  /// The handler did not answer before the command's deadline.
  case deadlinePassed(type: String)

  public var description: String {
    switch self {
    case .undecodable(let type, let reason): "the payload of \(type) cannot be read: \(reason)"
    case .unhandled(let type, let destination): "\(destination) has no handler for \(type); register one"
    case .keyMissing(let type, let id):
      "the command \(type) \(id) has no idempotencykey; commands of an engine carry one, let the transport keep it"
    case .wrongDirection(let type, let isUndo):
      isUndo
        ? "\(type) came as an undo and its handler is one of actions; register it with `undo`"
        : "\(type) came as an action and its handler is one of undos; register it with `handle`"
    case .deadlinePassed(let type): "\(type) was not answered before its deadline"
    }
  }

  /// Whether the same command can ever be handled by the same code.
  public var isPermanent: Bool {
    switch self {
    case .undecodable, .unhandled, .keyMissing, .wrongDirection: true
    case .deadlinePassed: false
    }
  }
}

extension CommandContext {
  /// - Throws: `CommandError.undecodable`.
  func decode<Input: Decodable & Sendable>(_ type: Input.Type) throws -> Input {
    do {
      return try (command.data ?? .null).decode(as: type)
    } catch {
      throw CommandError.undecodable(type: command.type, reason: "\(error)")
    }
  }
}
