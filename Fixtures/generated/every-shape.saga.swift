// Made of every-shape.json by saga. Change the definition, not this file.

public import SagaCore
public import SagaRuntime

/// Messages of every shape that a schema can give them, and names that Swift would not take as they are.
/// It says so */ "in two lines".
public enum EveryShape {
  /// The saga's name.
  public static let saga = "every-shape"
  /// The definition's version.
  public static let version: Int64 = 3

  /// The states of an instance.
  public enum State: String, Sendable, CaseIterable {
    case working
    case completed
    case compensated
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: ShapeWantedV1, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The commands to `in`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  public protocol InParticipant: Sendable {
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
  public protocol InTransactionalParticipant: Sendable {
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
  public static func participant(
    in handlers: some InParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("in", policy: policy)
    register(in: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(in handlers: some InParticipant, in participant: inout Participant) {
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
  public static func participant(
    inInTransaction handlers: some InTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("in", policy: policy)
    register(inInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: InTransactionalParticipant>(
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
  public protocol TheDefaultParticipant: Sendable {
    /// Does the step `tell`.
    func notify(_ command: Notify, context: CommandContext) async throws
  }

  /// The commands to `The Default`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  public protocol TheDefaultTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `tell`.
    func notify(_ command: Notify, context: CommandContext, transaction: Transaction) throws
  }

  /// The participant `The Default` with these handlers, which reach other systems.
  public static func participant(
    theDefault handlers: some TheDefaultParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("The Default", policy: policy)
    register(theDefault: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(theDefault handlers: some TheDefaultParticipant, in participant: inout Participant) {
    participant.handle(Notify.messageType, as: Notify.self) { command, context in
      try await handlers.notify(command, context: context)
      return .unanswered
    }
  }

  /// The participant `The Default` with these handlers, whose whole effect is rows beside the engine's.
  public static func participant(
    theDefaultInTransaction handlers: some TheDefaultTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("The Default", policy: policy)
    register(theDefaultInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: TheDefaultTransactionalParticipant>(
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
  public struct ShapeWantedV1: SagaMessage, Hashable {
    public static let messageType = "Shape.Wanted/v1"
    public var id: String
    public var `default`: Bool
    public var orderId: String?
    public var orderId2: Int64?
    public var orderId3: Double?
    /// When it was.
    /// Format: date-time.
    public var when: String
    public var nothing: String?
    public var maybe: Maybe?
    public var free: JSON
    public var any: JSON?
    public var price: EveryShape.Amount
    public var again: EveryShape.Amount?
    public var address: EveryShape.Address?
    public var lines: [Line]?
    public var loop: [JSON]?
    public var self2: JSON?
    public var map: [String: Int64?]?
    public var closed: Closed?
    public var matrix: [[MatrixElementElement]]?
    public var string: StringValue?
    public var kind: Kind
    public var fixed: Fixed = .eur
    public var yes: Bool = true
    public var seven: Int64?
    public var member25: String?
    public var n2fa: String?
    public var weirdKey: String?
    public var urlPath: String?
    public var sku: String?
    public var both: Both?
    public var unsaid: JSON

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

    public init(
      id: String,
      default: Bool,
      orderId: String? = nil,
      orderId2: Int64? = nil,
      orderId3: Double? = nil,
      when: String,
      nothing: String? = nil,
      maybe: Maybe? = nil,
      free: JSON,
      any: JSON? = nil,
      price: EveryShape.Amount,
      again: EveryShape.Amount? = nil,
      address: EveryShape.Address? = nil,
      lines: [Line]? = nil,
      loop: [JSON]? = nil,
      self2: JSON? = nil,
      map: [String: Int64?]? = nil,
      closed: Closed? = nil,
      matrix: [[MatrixElementElement]]? = nil,
      string: StringValue? = nil,
      kind: Kind,
      fixed: Fixed = .eur,
      yes: Bool = true,
      seven: Int64? = nil,
      member25: String? = nil,
      n2fa: String? = nil,
      weirdKey: String? = nil,
      urlPath: String? = nil,
      sku: String? = nil,
      both: Both? = nil,
      unsaid: JSON
    ) {
      self.id = id
      self.`default` = `default`
      self.orderId = orderId
      self.orderId2 = orderId2
      self.orderId3 = orderId3
      self.when = when
      self.nothing = nothing
      self.maybe = maybe
      self.free = free
      self.any = any
      self.price = price
      self.again = again
      self.address = address
      self.lines = lines
      self.loop = loop
      self.self2 = self2
      self.map = map
      self.closed = closed
      self.matrix = matrix
      self.string = string
      self.kind = kind
      self.fixed = fixed
      self.yes = yes
      self.seven = seven
      self.member25 = member25
      self.n2fa = n2fa
      self.weirdKey = weirdKey
      self.urlPath = urlPath
      self.sku = sku
      self.both = both
      self.unsaid = unsaid
    }

    public func encode(to encoder: any Encoder) throws {
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

    public struct Maybe: Codable, Sendable, Hashable {
      public var x: Int64?

      public init(x: Int64? = nil) {
        self.x = x
      }
    }

    public struct Line: Codable, Sendable, Hashable {
      public var sku: String?
      public var next: JSON?
      public var lines: [EveryShape.ShapeWantedV1.Line]?

      public init(sku: String? = nil, next: JSON? = nil, lines: [EveryShape.ShapeWantedV1.Line]? = nil) {
        self.sku = sku
        self.next = next
        self.lines = lines
      }
    }

    public struct Closed: Codable, Sendable, Hashable {
      public init() {}
    }

    public struct MatrixElementElement: Codable, Sendable, Hashable {
      public var string: String?

      private enum CodingKeys: String, CodingKey {
        case string = "String"
      }

      public init(string: String? = nil) {
        self.string = string
      }
    }

    public struct StringValue: Codable, Sendable, Hashable {
      public var a: String?

      public init(a: String? = nil) {
        self.a = a
      }
    }

    public enum Kind: RawRepresentable, Codable, Sendable, Hashable {
      case card
      case invoice
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      public init(rawValue: String) {
        switch rawValue {
        case "card": self = .card
        case "invoice": self = .invoice
        default: self = .unrecognized(rawValue)
        }
      }

      public var rawValue: String {
        switch self {
        case .card: "card"
        case .invoice: "invoice"
        case .unrecognized(let value): value
        }
      }
    }

    public enum Fixed: RawRepresentable, Codable, Sendable, Hashable {
      case eur
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      public init(rawValue: String) {
        switch rawValue {
        case "EUR": self = .eur
        default: self = .unrecognized(rawValue)
        }
      }

      public var rawValue: String {
        switch self {
        case .eur: "EUR"
        case .unrecognized(let value): value
        }
      }
    }

    public struct Both: Codable, Sendable, Hashable {
      public var cents: Int64
      public var currency: Currency?
      public var note: String?

      public init(cents: Int64, currency: Currency? = nil, note: String? = nil) {
        self.cents = cents
        self.currency = currency
        self.note = note
      }

      public enum Currency: RawRepresentable, Codable, Sendable, Hashable {
        case eur
        /// A value that the schema does not list; a later version of it may.
        case unrecognized(String)

        public init(rawValue: String) {
          switch rawValue {
          case "EUR": self = .eur
          default: self = .unrecognized(rawValue)
          }
        }

        public var rawValue: String {
          switch self {
          case .eur: "EUR"
          case .unrecognized(let value): value
          }
        }
      }
    }
  }

  /// The payload of `State`.
  public struct StateMessage: SagaMessage, Hashable {
    public static let messageType = "State"
    public var id: String

    public init(id: String) {
      self.id = id
    }
  }

  /// The payload of `delete`.
  public struct Delete: SagaMessage, Hashable {
    public static let messageType = "delete"
    /// The whole payload.
    public var value: String

    public init(_ value: String) {
      self.value = value
    }

    public init(from decoder: any Decoder) throws {
      value = try String(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// Nothing was done.
      case deletedDeclined(Deleted)
      /// It was done.
      case deleted(Deleted)
      /// It was done.
      case stateMessage(StateMessage)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .deletedDeclined(let message): try .declined(message)
        case .deleted(let message): try .done(message)
        case .stateMessage(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `Deleted`.
  public struct Deleted: SagaMessage, Hashable {
    public static let messageType = "Deleted"
    public var id: String
    public var isKept: Bool

    public init(id: String, isKept: Bool) {
      self.id = id
      self.isKept = isKept
    }
  }

  /// The payload of `notify`.
  public struct Notify: SagaMessage, Hashable {
    public static let messageType = "notify"
    public var cents: Int64
    public var currency: Currency?

    public init(cents: Int64, currency: Currency? = nil) {
      self.cents = cents
      self.currency = currency
    }

    public enum Currency: RawRepresentable, Codable, Sendable, Hashable {
      case eur
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      public init(rawValue: String) {
        switch rawValue {
        case "EUR": self = .eur
        default: self = .unrecognized(rawValue)
        }
      }

      public var rawValue: String {
        switch self {
        case .eur: "EUR"
        case .unrecognized(let value): value
        }
      }
    }
  }

  /// The payload of `undo it`.
  public struct UndoIt: SagaMessage, Hashable {
    public static let messageType = "undo it"
    /// The whole payload.
    public var value: JSON

    public init(_ value: JSON) {
      self.value = value
    }

    public init(from decoder: any Decoder) throws {
      value = try JSON(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case stateMessage(StateMessage)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .stateMessage(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `com.example.done`.
  public struct ComExampleDone: SagaMessage, Hashable {
    public static let messageType = "com.example.done"
    /// The whole payload.
    public var value: JSON

    public init(_ value: JSON) {
      self.value = value
    }

    public init(from decoder: any Decoder) throws {
      value = try JSON(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }
  }

  /// The payload of `com.example.off`.
  public struct ComExampleOff: SagaMessage, Hashable {
    public static let messageType = "com.example.off"
    /// The whole payload.
    public var value: JSON

    public init(_ value: JSON) {
      self.value = value
    }

    public init(from decoder: any Decoder) throws {
      value = try JSON(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      try value.encode(to: encoder)
    }
  }

  /// Money.
  public struct Amount: Codable, Sendable, Hashable {
    public var cents: Int64
    public var currency: Currency?

    public init(cents: Int64, currency: Currency? = nil) {
      self.cents = cents
      self.currency = currency
    }

    public enum Currency: RawRepresentable, Codable, Sendable, Hashable {
      case eur
      /// A value that the schema does not list; a later version of it may.
      case unrecognized(String)

      public init(rawValue: String) {
        switch rawValue {
        case "EUR": self = .eur
        default: self = .unrecognized(rawValue)
        }
      }

      public var rawValue: String {
        switch self {
        case .eur: "EUR"
        case .unrecognized(let value): value
        }
      }
    }
  }

  /// Where something goes.
  public struct Address: Codable, Sendable, Hashable {
    public var street: String
    public var kind: Kind?

    public init(street: String, kind: Kind? = nil) {
      self.street = street
      self.kind = kind
    }

    public enum Kind: RawRepresentable, Codable, Sendable, Hashable {
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

      public init(rawValue: String) {
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

      public var rawValue: String {
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
