// Made of order-choreography.json by saga. Change the definition, not this file.

public import SagaRuntime

/// The order process without a coordinator: payments, inventory and shipping hand it on by events, and orders opens the
/// way to the shipment. A failure anywhere reaches every role that has acted.
public enum OrderChoreography {
  /// The saga's name.
  public static let saga = "order-choreography"
  /// The definition's version.
  public static let version: Int64 = 1

  /// What the customer sees, and the one place where a cancel and the shipment meet.
  public enum OrdersRole {
    /// The role's name.
    public static let role = "orders"

    /// The states of an instance.
    public enum State: String, Sendable, CaseIterable {
      /// Payment and stock are under way.
      case open
      /// The shipment is asked for; only shipping decides now.
      case shipping
      /// The process has failed; the customer's money is on its way back, or was never taken.
      case refunding
      case fulfilled
      case rejected
    }
  }

  /// The role `payments`.
  public enum PaymentsRole {
    /// The role's name.
    public static let role = "payments"

    /// The states of an instance.
    public enum State: String, Sendable, CaseIterable {
      case charging
      case charged
      case settled
      case declined
      case refunded
    }
  }

  /// The role `inventory`.
  public enum InventoryRole {
    /// The role's name.
    public static let role = "inventory"

    /// The states of an instance.
    public enum State: String, Sendable, CaseIterable {
      case reserving
      case reserved
      case handedOver
      case rejected
      case released
    }
  }

  /// The role `shipping`.
  public enum ShippingRole {
    /// The role's name.
    public static let role = "shipping"

    /// The states of an instance.
    public enum State: String, Sendable, CaseIterable {
      case preparing
      case shipped
      case refused
    }
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: OrderPlaced, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: PaymentCharged, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: ShipmentRequested, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The commands to `card`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  public protocol CardParticipant: Sendable {
    /// Does the step `charge`.
    func chargeCard(_ command: ChargeCard, context: CommandContext) async throws -> ChargeCard.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: RefundCard, context: CommandContext) throws -> RefundCard.Reply

    /// Undoes the step `charge`, which was done or may have been.
    func refundCard(_ command: RefundCard, context: CommandContext) async throws -> RefundCard.Reply
  }

  /// The commands to `card`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  public protocol CardTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `charge`.
    func chargeCard(_ command: ChargeCard, context: CommandContext, transaction: Transaction) throws -> ChargeCard.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: RefundCard, context: CommandContext) throws -> RefundCard.Reply

    /// Undoes the step `charge`, which was done or may have been.
    func refundCard(_ command: RefundCard, context: CommandContext, transaction: Transaction) throws -> RefundCard.Reply
  }

  /// The participant `card` with these handlers, which reach other systems.
  public static func participant(
    card handlers: some CardParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("card", policy: policy)
    register(card: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(card handlers: some CardParticipant, in participant: inout Participant) {
    participant.handle(ChargeCard.messageType, as: ChargeCard.self) { command, context in
      try await handlers.chargeCard(command, context: context).commandReply()
    }
    participant.undo(RefundCard.messageType, as: RefundCard.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.refundCard(command, context: context).commandReply()
    }
  }

  /// The participant `card` with these handlers, whose whole effect is rows beside the engine's.
  public static func participant(
    cardInTransaction handlers: some CardTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("card", policy: policy)
    register(cardInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: CardTransactionalParticipant>(
    cardInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      ChargeCard.messageType, as: ChargeCard.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.chargeCard(command, context: context, transaction: transaction).commandReply()
    }
    participant.undoInTransaction(
      RefundCard.messageType, as: RefundCard.self, with: Handlers.Transaction.self
    ) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context, transaction in
      try handlers.refundCard(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `warehouse`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  public protocol WarehouseParticipant: Sendable {
    /// Does the step `reserve`.
    func reserveStock(_ command: ReserveStock, context: CommandContext) async throws -> ReserveStock.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: ReleaseStock, context: CommandContext) throws -> ReleaseStock.Reply

    /// Undoes the step `reserve`, which was done or may have been.
    func releaseStock(_ command: ReleaseStock, context: CommandContext) async throws -> ReleaseStock.Reply
  }

  /// The commands to `warehouse`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  public protocol WarehouseTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `reserve`.
    func reserveStock(
      _ command: ReserveStock, context: CommandContext, transaction: Transaction
    ) throws -> ReserveStock.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: ReleaseStock, context: CommandContext) throws -> ReleaseStock.Reply

    /// Undoes the step `reserve`, which was done or may have been.
    func releaseStock(
      _ command: ReleaseStock, context: CommandContext, transaction: Transaction
    ) throws -> ReleaseStock.Reply
  }

  /// The participant `warehouse` with these handlers, which reach other systems.
  public static func participant(
    warehouse handlers: some WarehouseParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("warehouse", policy: policy)
    register(warehouse: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(warehouse handlers: some WarehouseParticipant, in participant: inout Participant) {
    participant.handle(ReserveStock.messageType, as: ReserveStock.self) { command, context in
      try await handlers.reserveStock(command, context: context).commandReply()
    }
    participant.undo(ReleaseStock.messageType, as: ReleaseStock.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.releaseStock(command, context: context).commandReply()
    }
  }

  /// The participant `warehouse` with these handlers, whose whole effect is rows beside the engine's.
  public static func participant(
    warehouseInTransaction handlers: some WarehouseTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("warehouse", policy: policy)
    register(warehouseInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: WarehouseTransactionalParticipant>(
    warehouseInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      ReserveStock.messageType, as: ReserveStock.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.reserveStock(command, context: context, transaction: transaction).commandReply()
    }
    participant.undoInTransaction(
      ReleaseStock.messageType, as: ReleaseStock.self, with: Handlers.Transaction.self
    ) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context, transaction in
      try handlers.releaseStock(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `carrier`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  public protocol CarrierParticipant: Sendable {
    /// Does the step `createParcel`.
    func createParcel(_ command: CreateParcel, context: CommandContext) async throws -> CreateParcel.Reply
  }

  /// The commands to `carrier`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  public protocol CarrierTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `createParcel`.
    func createParcel(
      _ command: CreateParcel, context: CommandContext, transaction: Transaction
    ) throws -> CreateParcel.Reply
  }

  /// The participant `carrier` with these handlers, which reach other systems.
  public static func participant(
    carrier handlers: some CarrierParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("carrier", policy: policy)
    register(carrier: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(carrier handlers: some CarrierParticipant, in participant: inout Participant) {
    participant.handle(CreateParcel.messageType, as: CreateParcel.self) { command, context in
      try await handlers.createParcel(command, context: context).commandReply()
    }
  }

  /// The participant `carrier` with these handlers, whose whole effect is rows beside the engine's.
  public static func participant(
    carrierInTransaction handlers: some CarrierTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("carrier", policy: policy)
    register(carrierInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: CarrierTransactionalParticipant>(
    carrierInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      CreateParcel.messageType, as: CreateParcel.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.createParcel(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// Begins the saga in orders and in payments.
  public struct OrderPlaced: SagaMessage, Hashable {
    public static let messageType = "OrderPlaced"
    public var orderId: String
    public var customerId: String
    public var totalCents: Int64
    public var items: [ItemsElement]

    public init(orderId: String, customerId: String, totalCents: Int64, items: [ItemsElement]) {
      self.orderId = orderId
      self.customerId = customerId
      self.totalCents = totalCents
      self.items = items
    }

    public struct ItemsElement: Codable, Sendable, Hashable {
      public var sku: String
      public var quantity: Int64

      public init(sku: String, quantity: Int64) {
        self.sku = sku
        self.quantity = quantity
      }
    }
  }

  /// The customer wants to cancel; possible until the shipment is asked for.
  public struct OrderCancelRequested: SagaMessage, Hashable {
    public static let messageType = "OrderCancelRequested"
    public var orderId: String

    public init(orderId: String) {
      self.orderId = orderId
    }
  }

  /// Payments has the money; begins inventory.
  public struct PaymentCharged: SagaMessage, Hashable {
    public static let messageType = "PaymentCharged"
    public var orderId: String
    public var items: [ItemsElement]

    public init(orderId: String, items: [ItemsElement]) {
      self.orderId = orderId
      self.items = items
    }

    public struct ItemsElement: Codable, Sendable, Hashable {
      public var sku: String
      public var quantity: Int64

      public init(sku: String, quantity: Int64) {
        self.sku = sku
        self.quantity = quantity
      }
    }
  }

  /// Payments got no money and is done.
  public struct PaymentFailed: SagaMessage, Hashable {
    public static let messageType = "PaymentFailed"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// Payments has given the money back: inventory releases, orders closes.
  public struct PaymentRefunded: SagaMessage, Hashable {
    public static let messageType = "PaymentRefunded"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// Everything is set aside.
  public struct StockReserved: SagaMessage, Hashable {
    public static let messageType = "StockReserved"
    public var orderId: String

    public init(orderId: String) {
      self.orderId = orderId
    }
  }

  /// Something is missing, and nothing is set aside.
  public struct InventoryRejected: SagaMessage, Hashable {
    public static let messageType = "InventoryRejected"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// Orders stops the process before the shipment.
  public struct OrderCancelled: SagaMessage, Hashable {
    public static let messageType = "OrderCancelled"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// Orders lets the parcel go: from here on cancelling is too late. Begins shipping.
  public struct ShipmentRequested: SagaMessage, Hashable {
    public static let messageType = "ShipmentRequested"
    public var orderId: String
    public var items: [ItemsElement]

    public init(orderId: String, items: [ItemsElement]) {
      self.orderId = orderId
      self.items = items
    }

    public struct ItemsElement: Codable, Sendable, Hashable {
      public var sku: String
      public var quantity: Int64

      public init(sku: String, quantity: Int64) {
        self.sku = sku
        self.quantity = quantity
      }
    }
  }

  /// The parcel is on its way; completes the other roles.
  public struct OrderShipped: SagaMessage, Hashable {
    public static let messageType = "OrderShipped"
    public var orderId: String
    public var trackingNumber: String

    public init(orderId: String, trackingNumber: String) {
      self.orderId = orderId
      self.trackingNumber = trackingNumber
    }
  }

  /// There will be no parcel.
  public struct ShipmentFailed: SagaMessage, Hashable {
    public static let messageType = "ShipmentFailed"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// The payload of `OrderFulfilled`.
  public struct OrderFulfilled: SagaMessage, Hashable {
    public static let messageType = "OrderFulfilled"
    public var orderId: String
    public var totalCents: Int64

    public init(orderId: String, totalCents: Int64) {
      self.orderId = orderId
      self.totalCents = totalCents
    }
  }

  /// The payload of `OrderRejected`.
  public struct OrderRejected: SagaMessage, Hashable {
    public static let messageType = "OrderRejected"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// For people: a role has waited too long for the others.
  public struct ProcessOverdue: SagaMessage, Hashable {
    public static let messageType = "ProcessOverdue"
    public var orderId: String
    public var role: String
    public var state: String

    public init(orderId: String, role: String, state: String) {
      self.orderId = orderId
      self.role = role
      self.state = state
    }
  }

  /// The payload of `ChargeCard`.
  public struct ChargeCard: SagaMessage, Hashable {
    public static let messageType = "ChargeCard"
    public var orderId: String
    public var customerId: String
    public var amountCents: Int64

    public init(orderId: String, customerId: String, amountCents: Int64) {
      self.orderId = orderId
      self.customerId = customerId
      self.amountCents = amountCents
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case cardCharged(CardCharged)
      /// Nothing was done.
      case cardDeclined(CardDeclined)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .cardCharged(let message): try .done(message)
        case .cardDeclined(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `CardCharged`.
  public struct CardCharged: SagaMessage, Hashable {
    public static let messageType = "CardCharged"
    public var orderId: String
    public var paymentId: String

    public init(orderId: String, paymentId: String) {
      self.orderId = orderId
      self.paymentId = paymentId
    }
  }

  /// The payload of `CardDeclined`.
  public struct CardDeclined: SagaMessage, Hashable {
    public static let messageType = "CardDeclined"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// The payload of `RefundCard`.
  public struct RefundCard: SagaMessage, Hashable {
    public static let messageType = "RefundCard"
    public var orderId: String
    public var paymentId: String

    public init(orderId: String, paymentId: String) {
      self.orderId = orderId
      self.paymentId = paymentId
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case cardRefunded(CardRefunded)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .cardRefunded(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `CardRefunded`.
  public struct CardRefunded: SagaMessage, Hashable {
    public static let messageType = "CardRefunded"
    public var orderId: String

    public init(orderId: String) {
      self.orderId = orderId
    }
  }

  /// The payload of `ReserveStock`.
  public struct ReserveStock: SagaMessage, Hashable {
    public static let messageType = "ReserveStock"
    public var orderId: String
    public var sku: String
    public var quantity: Int64

    public init(orderId: String, sku: String, quantity: Int64) {
      self.orderId = orderId
      self.sku = sku
      self.quantity = quantity
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case itemReserved(ItemReserved)
      /// Nothing was done.
      case itemOutOfStock(ItemOutOfStock)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .itemReserved(let message): try .done(message)
        case .itemOutOfStock(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `ItemReserved`.
  public struct ItemReserved: SagaMessage, Hashable {
    public static let messageType = "ItemReserved"
    public var orderId: String
    public var sku: String

    public init(orderId: String, sku: String) {
      self.orderId = orderId
      self.sku = sku
    }
  }

  /// The payload of `ItemOutOfStock`.
  public struct ItemOutOfStock: SagaMessage, Hashable {
    public static let messageType = "ItemOutOfStock"
    public var orderId: String
    public var sku: String

    public init(orderId: String, sku: String) {
      self.orderId = orderId
      self.sku = sku
    }
  }

  /// The payload of `ReleaseStock`.
  public struct ReleaseStock: SagaMessage, Hashable {
    public static let messageType = "ReleaseStock"
    public var orderId: String
    public var sku: String
    public var quantity: Int64

    public init(orderId: String, sku: String, quantity: Int64) {
      self.orderId = orderId
      self.sku = sku
      self.quantity = quantity
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case itemReleased(ItemReleased)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .itemReleased(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `ItemReleased`.
  public struct ItemReleased: SagaMessage, Hashable {
    public static let messageType = "ItemReleased"
    public var orderId: String
    public var sku: String

    public init(orderId: String, sku: String) {
      self.orderId = orderId
      self.sku = sku
    }
  }

  /// The payload of `CreateParcel`.
  public struct CreateParcel: SagaMessage, Hashable {
    public static let messageType = "CreateParcel"
    public var orderId: String
    public var items: [ItemsElement]

    public init(orderId: String, items: [ItemsElement]) {
      self.orderId = orderId
      self.items = items
    }

    public struct ItemsElement: Codable, Sendable, Hashable {
      public var sku: String
      public var quantity: Int64

      public init(sku: String, quantity: Int64) {
        self.sku = sku
        self.quantity = quantity
      }
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case parcelCreated(ParcelCreated)
      /// Nothing was done.
      case parcelRefused(ParcelRefused)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .parcelCreated(let message): try .done(message)
        case .parcelRefused(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `ParcelCreated`.
  public struct ParcelCreated: SagaMessage, Hashable {
    public static let messageType = "ParcelCreated"
    public var orderId: String
    public var trackingNumber: String

    public init(orderId: String, trackingNumber: String) {
      self.orderId = orderId
      self.trackingNumber = trackingNumber
    }
  }

  /// The payload of `ParcelRefused`.
  public struct ParcelRefused: SagaMessage, Hashable {
    public static let messageType = "ParcelRefused"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }
}
