// Made of every-shape.json by saga. Change the definition, not this file.

import SagaCore
import SagaRuntime

/// Messages of every shape that a schema can give them, and names that Swift would not take as they are.
/// It says so */ "in two lines".
enum EveryShape {
  /// The saga's name.
  static let saga = "every-shape"
  /// The definition's version.
  static let version: Int64 = 3

  /// The states of an instance.
  enum State: String, Sendable, CaseIterable {
    case working
    case completed
    case compensated
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: ShapeWantedV1, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The commands to `in`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol InParticipant: Sendable {
    /// Does the step `delete`.
    func delete(_ command: Delete, context: CommandContext) async throws -> Delete.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: UndoIt, context: CommandContext) throws -> UndoIt.Reply

    /// Undoes the step `delete`, which was done or may have been.
    func undoIt(_ command: UndoIt, context: CommandContext) async throws -> UndoIt.Reply
  }

  /// The commands to `in`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol InTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `delete`.
    func delete(_ command: Delete, context: CommandContext, transaction: Transaction) throws -> Delete.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: UndoIt, context: CommandContext) throws -> UndoIt.Reply

    /// Undoes the step `delete`, which was done or may have been.
    func undoIt(_ command: UndoIt, context: CommandContext, transaction: Transaction) throws -> UndoIt.Reply
  }

  /// The participant `in` with these handlers, which reach other systems.
  static func participant(
    in handlers: some InParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("in", policy: policy)
    register(in: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(in handlers: some InParticipant, in participant: inout Participant) {
    participant.handle(Delete.messageType, as: Delete.self) { command, context in
      try await handlers.delete(command, context: context).commandReply()
    }
    participant.undo(UndoIt.messageType, as: UndoIt.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.undoIt(command, context: context).commandReply()
    }
  }

  /// The participant `in` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    inInTransaction handlers: some InTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("in", policy: policy)
    register(inInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: InTransactionalParticipant>(
    inInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      Delete.messageType, as: Delete.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.delete(command, context: context, transaction: transaction).commandReply()
    }
    participant.undoInTransaction(
      UndoIt.messageType, as: UndoIt.self, with: Handlers.Transaction.self
    ) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context, transaction in
      try handlers.undoIt(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `The Default`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol TheDefaultParticipant: Sendable {
    /// Does the step `tell`.
    func notify(_ command: Notify, context: CommandContext) async throws
  }

  /// The commands to `The Default`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol TheDefaultTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `tell`.
    func notify(_ command: Notify, context: CommandContext, transaction: Transaction) throws
  }

  /// The participant `The Default` with these handlers, which reach other systems.
  static func participant(
    theDefault handlers: some TheDefaultParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("The Default", policy: policy)
    register(theDefault: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(theDefault handlers: some TheDefaultParticipant, in participant: inout Participant) {
    participant.handle(Notify.messageType, as: Notify.self) { command, context in
      try await handlers.notify(command, context: context)
      return .unanswered
    }
  }

  /// The participant `The Default` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    theDefaultInTransaction handlers: some TheDefaultTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("The Default", policy: policy)
    register(theDefaultInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: TheDefaultTransactionalParticipant>(
    theDefaultInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      Notify.messageType, as: Notify.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.notify(command, context: context, transaction: transaction)
      return .unanswered
    }
  }

  /// The payload of `Shape.Wanted/v1`.
  struct ShapeWantedV1: SagaMessage, Hashable {
    static let messageType = "Shape.Wanted/v1"
    var id: String
    var `default`: Bool
    var orderId: String?
    var orderId2: Int64?
    var orderId3: Double?
    /// When it was.
    /// Format: date-time.
    var when: String
    var nothing: String?
    var maybe: Maybe?
    var free: JSON
    var any: JSON?
    var price: EveryShape.Amount
    var again: EveryShape.Amount?
    var address: EveryShape.Address?
    var lines: [Line]?
    var loop: [JSON]?
    var self2: JSON?
    var map: [String: Int64?]?
    var closed: Closed?
    var matrix: [[MatrixElementElement]]?
    var string: StringValue?
    var kind: Kind
    var fixed: Fixed = .eur
    var yes: Bool = true
    var seven: Int64?
    var member25: String?
    var n2fa: String?
    var weirdKey: String?
    var urlPath: String?
    var sku: String?
    var both: Both?
    var unsaid: JSON

    private enum CodingKeys: String, CodingKey {
      case id
      case `default`
      case orderId = "order-id"
      case orderId2 = "orderId"
      case orderId3 = "order_id"
      case when
      case nothing
      case maybe
      case free
      case any
      case price
      case again
      case address
      case lines
      case loop
      case self2 = "self"
      case map
      case closed
      case matrix
      case string
      case kind
      case fixed
      case yes
      case seven
      case member25 = "€"
      case n2fa = "2fa"
      case weirdKey = "weird\"\\key"
      case urlPath = "URLPath"
      case sku = "SKU"
      case both
      case unsaid
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(self.id, forKey: .id)
      try container.encode(self.`default`, forKey: .`default`)
      try container.encodeIfPresent(self.orderId, forKey: .orderId)
      try container.encodeIfPresent(self.orderId2, forKey: .orderId2)
      try container.encodeIfPresent(self.orderId3, forKey: .orderId3)
      try container.encode(self.when, forKey: .when)
      try container.encode(self.nothing, forKey: .nothing)
      try container.encodeIfPresent(self.maybe, forKey: .maybe)
      try container.encode(self.free, forKey: .free)
      try container.encodeIfPresent(self.any, forKey: .any)
      try container.encode(self.price, forKey: .price)
      try container.encodeIfPresent(self.again, forKey: .again)
      try container.encodeIfPresent(self.address, forKey: .address)
      try container.encodeIfPresent(self.lines, forKey: .lines)
      try container.encodeIfPresent(self.loop, forKey: .loop)
      try container.encodeIfPresent(self.self2, forKey: .self2)
      try container.encodeIfPresent(self.map, forKey: .map)
      try container.encodeIfPresent(self.closed, forKey: .closed)
      try container.encodeIfPresent(self.matrix, forKey: .matrix)
      try container.encodeIfPresent(self.string, forKey: .string)
      try container.encode(self.kind, forKey: .kind)
      try container.encode(self.fixed, forKey: .fixed)
      try container.encode(self.yes, forKey: .yes)
      try container.encodeIfPresent(self.seven, forKey: .seven)
      try container.encodeIfPresent(self.member25, forKey: .member25)
      try container.encodeIfPresent(self.n2fa, forKey: .n2fa)
      try container.encodeIfPresent(self.weirdKey, forKey: .weirdKey)
      try container.encodeIfPresent(self.urlPath, forKey: .urlPath)
      try container.encodeIfPresent(self.sku, forKey: .sku)
      try container.encodeIfPresent(self.both, forKey: .both)
      try container.encode(self.unsaid, forKey: .unsaid)
    }

    struct Maybe: Codable, Sendable, Hashable {
      var x: Int64?
    }

    struct Line: Codable, Sendable, Hashable {
      var sku: String?
      var next: JSON?
      var lines: [EveryShape.ShapeWantedV1.Line]?
    }

    struct Closed: Codable, Sendable, Hashable {
    }

    struct MatrixElementElement: Codable, Sendable, Hashable {
      var string: String?

      private enum CodingKeys: String, CodingKey {
        case string = "String"
      }
    }

    struct StringValue: Codable, Sendable, Hashable {
      var a: String?
    }

    enum Kind: RawRepresentable, Codable, Sendable, Hashable {
      case card
      case invoice
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      init(rawValue: String) {
        switch rawValue {
        case "card": self = .card
        case "invoice": self = .invoice
        default: self = .unrecognized(rawValue)
        }
      }

      var rawValue: String {
        switch self {
        case .card: "card"
        case .invoice: "invoice"
        case .unrecognized(let value): value
        }
      }
    }

    enum Fixed: RawRepresentable, Codable, Sendable, Hashable {
      case eur
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      init(rawValue: String) {
        switch rawValue {
        case "EUR": self = .eur
        default: self = .unrecognized(rawValue)
        }
      }

      var rawValue: String {
        switch self {
        case .eur: "EUR"
        case .unrecognized(let value): value
        }
      }
    }

    struct Both: Codable, Sendable, Hashable {
      var cents: Int64
      var currency: Currency?
      var note: String?

      enum Currency: RawRepresentable, Codable, Sendable, Hashable {
        case eur
        /// A value that the schema does not list; a later version of it may.
        case unrecognized(String)

        init(rawValue: String) {
          switch rawValue {
          case "EUR": self = .eur
          default: self = .unrecognized(rawValue)
          }
        }

        var rawValue: String {
          switch self {
          case .eur: "EUR"
          case .unrecognized(let value): value
          }
        }
      }
    }
  }

  /// The payload of `State`.
  struct StateMessage: SagaMessage, Hashable {
    static let messageType = "State"
    var id: String
  }

  /// The payload of `delete`.
  struct Delete: SagaMessage, Hashable {
    static let messageType = "delete"
    /// The whole payload.
    var value: String

    init(_ value: String) {
      self.value = value
    }

    init(from decoder: any Decoder) throws {
      value = try String(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// Nothing was done.
      case deletedDeclined(Deleted)
      /// It was done.
      case deleted(Deleted)
      /// It was done.
      case stateMessage(StateMessage)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .deletedDeclined(let message): try .declined(message)
        case .deleted(let message): try .done(message)
        case .stateMessage(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `Deleted`.
  struct Deleted: SagaMessage, Hashable {
    static let messageType = "Deleted"
    var id: String
    var isKept: Bool
  }

  /// The payload of `notify`.
  struct Notify: SagaMessage, Hashable {
    static let messageType = "notify"
    var cents: Int64
    var currency: Currency?

    enum Currency: RawRepresentable, Codable, Sendable, Hashable {
      case eur
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      init(rawValue: String) {
        switch rawValue {
        case "EUR": self = .eur
        default: self = .unrecognized(rawValue)
        }
      }

      var rawValue: String {
        switch self {
        case .eur: "EUR"
        case .unrecognized(let value): value
        }
      }
    }
  }

  /// The payload of `undo it`.
  struct UndoIt: SagaMessage, Hashable {
    static let messageType = "undo it"
    /// The whole payload.
    var value: JSON

    init(_ value: JSON) {
      self.value = value
    }

    init(from decoder: any Decoder) throws {
      value = try JSON(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case stateMessage(StateMessage)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .stateMessage(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `com.example.done`.
  struct ComExampleDone: SagaMessage, Hashable {
    static let messageType = "com.example.done"
    /// The whole payload.
    var value: JSON

    init(_ value: JSON) {
      self.value = value
    }

    init(from decoder: any Decoder) throws {
      value = try JSON(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }
  }

  /// The payload of `com.example.off`.
  struct ComExampleOff: SagaMessage, Hashable {
    static let messageType = "com.example.off"
    /// The whole payload.
    var value: JSON

    init(_ value: JSON) {
      self.value = value
    }

    init(from decoder: any Decoder) throws {
      value = try JSON(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }
  }

  /// Money.
  struct Amount: Codable, Sendable, Hashable {
    var cents: Int64
    var currency: Currency?

    enum Currency: RawRepresentable, Codable, Sendable, Hashable {
      case eur
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      init(rawValue: String) {
        switch rawValue {
        case "EUR": self = .eur
        default: self = .unrecognized(rawValue)
        }
      }

      var rawValue: String {
        switch self {
        case .eur: "EUR"
        case .unrecognized(let value): value
        }
      }
    }
  }

  /// Where something goes.
  struct Address: Codable, Sendable, Hashable {
    var street: String
    var kind: Kind?

    enum Kind: RawRepresentable, Codable, Sendable, Hashable {
      case home
      case work
      case aB
      case aB2
      case empty
      case value6
      case `default`
      case unrecognized2
      case self2
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      init(rawValue: String) {
        switch rawValue {
        case "home": self = .home
        case "work": self = .work
        case "a-b": self = .aB
        case "A_B": self = .aB2
        case "": self = .empty
        case "+": self = .value6
        case "default": self = .`default`
        case "unrecognized": self = .unrecognized2
        case "self": self = .self2
        default: self = .unrecognized(rawValue)
        }
      }

      var rawValue: String {
        switch self {
        case .home: "home"
        case .work: "work"
        case .aB: "a-b"
        case .aB2: "A_B"
        case .empty: ""
        case .value6: "+"
        case .`default`: "default"
        case .unrecognized2: "unrecognized"
        case .self2: "self"
        case .unrecognized(let value): value
        }
      }
    }
  }
}
