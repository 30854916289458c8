// Made of order-choreography.json by saga. Change the definition, not this file.

import SagaRuntime

/// The order process without a coordinator: payments, inventory and shipping hand it on by events, and orders opens the
/// way to the shipment. A failure anywhere reaches every role that has acted.
enum OrderChoreography {
  /// The saga's name.
  static let saga = "order-choreography"
  /// The definition's version.
  static let version: Int64 = 1

  /// What the customer sees, and the one place where a cancel and the shipment meet.
  enum OrdersRole {
    /// The role's name.
    static let role = "orders"

    /// The states of an instance.
    enum State: String, Sendable, CaseIterable {
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
  enum PaymentsRole {
    /// The role's name.
    static let role = "payments"

    /// The states of an instance.
    enum State: String, Sendable, CaseIterable {
      case charging
      case charged
      case settled
      case declined
      case refunded
    }
  }

  /// The role `inventory`.
  enum InventoryRole {
    /// The role's name.
    static let role = "inventory"

    /// The states of an instance.
    enum State: String, Sendable, CaseIterable {
      case reserving
      case reserved
      case handedOver
      case rejected
      case released
    }
  }

  /// The role `shipping`.
  enum ShippingRole {
    /// The role's name.
    static let role = "shipping"

    /// The states of an instance.
    enum State: String, Sendable, CaseIterable {
      case preparing
      case shipped
      case refused
    }
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: OrderPlaced, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: PaymentCharged, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: ShipmentRequested, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The commands to `card`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol CardParticipant: Sendable {
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
  protocol CardTransactionalParticipant: Sendable {
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
  static func participant(
    card handlers: some CardParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("card", policy: policy)
    register(card: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(card handlers: some CardParticipant, in participant: inout Participant) {
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
  static func participant(
    cardInTransaction handlers: some CardTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("card", policy: policy)
    register(cardInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: CardTransactionalParticipant>(
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
  protocol WarehouseParticipant: Sendable {
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
  protocol WarehouseTransactionalParticipant: Sendable {
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
  static func participant(
    warehouse handlers: some WarehouseParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("warehouse", policy: policy)
    register(warehouse: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(warehouse handlers: some WarehouseParticipant, in participant: inout Participant) {
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
  static func participant(
    warehouseInTransaction handlers: some WarehouseTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("warehouse", policy: policy)
    register(warehouseInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: WarehouseTransactionalParticipant>(
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
  protocol CarrierParticipant: Sendable {
    /// Does the step `createParcel`.
    func createParcel(_ command: CreateParcel, context: CommandContext) async throws -> CreateParcel.Reply
  }

  /// The commands to `carrier`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol CarrierTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `createParcel`.
    func createParcel(
      _ command: CreateParcel, context: CommandContext, transaction: Transaction
    ) throws -> CreateParcel.Reply
  }

  /// The participant `carrier` with these handlers, which reach other systems.
  static func participant(
    carrier handlers: some CarrierParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("carrier", policy: policy)
    register(carrier: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(carrier handlers: some CarrierParticipant, in participant: inout Participant) {
    participant.handle(CreateParcel.messageType, as: CreateParcel.self) { command, context in
      try await handlers.createParcel(command, context: context).commandReply()
    }
  }

  /// The participant `carrier` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    carrierInTransaction handlers: some CarrierTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("carrier", policy: policy)
    register(carrierInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: CarrierTransactionalParticipant>(
    carrierInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      CreateParcel.messageType, as: CreateParcel.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.createParcel(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// Begins the saga in orders and in payments.
  struct OrderPlaced: SagaMessage, Hashable {
    static let messageType = "OrderPlaced"
    var orderId: String
    var customerId: String
    var totalCents: Int64
    var items: [ItemsElement]

    struct ItemsElement: Codable, Sendable, Hashable {
      var sku: String
      var quantity: Int64
    }
  }

  /// The customer wants to cancel; possible until the shipment is asked for.
  struct OrderCancelRequested: SagaMessage, Hashable {
    static let messageType = "OrderCancelRequested"
    var orderId: String
  }

  /// Payments has the money; begins inventory.
  struct PaymentCharged: SagaMessage, Hashable {
    static let messageType = "PaymentCharged"
    var orderId: String
    var items: [ItemsElement]

    struct ItemsElement: Codable, Sendable, Hashable {
      var sku: String
      var quantity: Int64
    }
  }

  /// Payments got no money and is done.
  struct PaymentFailed: SagaMessage, Hashable {
    static let messageType = "PaymentFailed"
    var orderId: String
    var reason: String
  }

  /// Payments has given the money back: inventory releases, orders closes.
  struct PaymentRefunded: SagaMessage, Hashable {
    static let messageType = "PaymentRefunded"
    var orderId: String
    var reason: String
  }

  /// Everything is set aside.
  struct StockReserved: SagaMessage, Hashable {
    static let messageType = "StockReserved"
    var orderId: String
  }

  /// Something is missing, and nothing is set aside.
  struct InventoryRejected: SagaMessage, Hashable {
    static let messageType = "InventoryRejected"
    var orderId: String
    var reason: String
  }

  /// Orders stops the process before the shipment.
  struct OrderCancelled: SagaMessage, Hashable {
    static let messageType = "OrderCancelled"
    var orderId: String
    var reason: String
  }

  /// Orders lets the parcel go: from here on cancelling is too late. Begins shipping.
  struct ShipmentRequested: SagaMessage, Hashable {
    static let messageType = "ShipmentRequested"
    var orderId: String
    var items: [ItemsElement]

    struct ItemsElement: Codable, Sendable, Hashable {
      var sku: String
      var quantity: Int64
    }
  }

  /// The parcel is on its way; completes the other roles.
  struct OrderShipped: SagaMessage, Hashable {
    static let messageType = "OrderShipped"
    var orderId: String
    var trackingNumber: String
  }

  /// There will be no parcel.
  struct ShipmentFailed: SagaMessage, Hashable {
    static let messageType = "ShipmentFailed"
    var orderId: String
    var reason: String
  }

  /// The payload of `OrderFulfilled`.
  struct OrderFulfilled: SagaMessage, Hashable {
    static let messageType = "OrderFulfilled"
    var orderId: String
    var totalCents: Int64
  }

  /// The payload of `OrderRejected`.
  struct OrderRejected: SagaMessage, Hashable {
    static let messageType = "OrderRejected"
    var orderId: String
    var reason: String
  }

  /// For people: a role has waited too long for the others.
  struct ProcessOverdue: SagaMessage, Hashable {
    static let messageType = "ProcessOverdue"
    var orderId: String
    var role: String
    var state: String
  }

  /// The payload of `ChargeCard`.
  struct ChargeCard: SagaMessage, Hashable {
    static let messageType = "ChargeCard"
    var orderId: String
    var customerId: String
    var amountCents: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case cardCharged(CardCharged)
      /// Nothing was done.
      case cardDeclined(CardDeclined)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .cardCharged(let message): try .done(message)
        case .cardDeclined(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `CardCharged`.
  struct CardCharged: SagaMessage, Hashable {
    static let messageType = "CardCharged"
    var orderId: String
    var paymentId: String
  }

  /// The payload of `CardDeclined`.
  struct CardDeclined: SagaMessage, Hashable {
    static let messageType = "CardDeclined"
    var orderId: String
    var reason: String
  }

  /// The payload of `RefundCard`.
  struct RefundCard: SagaMessage, Hashable {
    static let messageType = "RefundCard"
    var orderId: String
    var paymentId: String

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case cardRefunded(CardRefunded)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .cardRefunded(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `CardRefunded`.
  struct CardRefunded: SagaMessage, Hashable {
    static let messageType = "CardRefunded"
    var orderId: String
  }

  /// The payload of `ReserveStock`.
  struct ReserveStock: SagaMessage, Hashable {
    static let messageType = "ReserveStock"
    var orderId: String
    var sku: String
    var quantity: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case itemReserved(ItemReserved)
      /// Nothing was done.
      case itemOutOfStock(ItemOutOfStock)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .itemReserved(let message): try .done(message)
        case .itemOutOfStock(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `ItemReserved`.
  struct ItemReserved: SagaMessage, Hashable {
    static let messageType = "ItemReserved"
    var orderId: String
    var sku: String
  }

  /// The payload of `ItemOutOfStock`.
  struct ItemOutOfStock: SagaMessage, Hashable {
    static let messageType = "ItemOutOfStock"
    var orderId: String
    var sku: String
  }

  /// The payload of `ReleaseStock`.
  struct ReleaseStock: SagaMessage, Hashable {
    static let messageType = "ReleaseStock"
    var orderId: String
    var sku: String
    var quantity: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case itemReleased(ItemReleased)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .itemReleased(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `ItemReleased`.
  struct ItemReleased: SagaMessage, Hashable {
    static let messageType = "ItemReleased"
    var orderId: String
    var sku: String
  }

  /// The payload of `CreateParcel`.
  struct CreateParcel: SagaMessage, Hashable {
    static let messageType = "CreateParcel"
    var orderId: String
    var items: [ItemsElement]

    struct ItemsElement: Codable, Sendable, Hashable {
      var sku: String
      var quantity: Int64
    }

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case parcelCreated(ParcelCreated)
      /// Nothing was done.
      case parcelRefused(ParcelRefused)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .parcelCreated(let message): try .done(message)
        case .parcelRefused(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `ParcelCreated`.
  struct ParcelCreated: SagaMessage, Hashable {
    static let messageType = "ParcelCreated"
    var orderId: String
    var trackingNumber: String
  }

  /// The payload of `ParcelRefused`.
  struct ParcelRefused: SagaMessage, Hashable {
    static let messageType = "ParcelRefused"
    var orderId: String
    var reason: String
  }
}
