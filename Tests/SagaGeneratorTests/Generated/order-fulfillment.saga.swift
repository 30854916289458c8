// Made of order-fulfillment.json by saga. Change the definition, not this file.

import SagaCore
import SagaRuntime

/// One coordinator takes an order from payment over fraud check and stock to the shipment, and undoes everything when
/// it cannot ship.
enum OrderFulfillment {
  /// The saga's name.
  static let saga = "order-fulfillment"
  /// The definition's version.
  static let version: Int64 = 1

  /// The states of an instance.
  enum State: String, Sendable, CaseIterable {
    case working
    case completed
    case compensated
  }

  /// Starts an instance; as `SagaEngine.start`.
  static func start(
    _ message: OrderPlaced, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The commands to `payments`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol PaymentsParticipant: Sendable {
    /// Does the step `processPayment`.
    func chargePayment(_ command: ChargePayment, context: CommandContext) async throws -> ChargePayment.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: RefundPayment, context: CommandContext) throws -> RefundPayment.Reply

    /// Undoes the step `processPayment`, which was done or may have been.
    func refundPayment(_ command: RefundPayment, context: CommandContext) async throws -> RefundPayment.Reply
  }

  /// The commands to `payments`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol PaymentsTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `processPayment`.
    func chargePayment(
      _ command: ChargePayment, context: CommandContext, transaction: Transaction
    ) throws -> ChargePayment.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: RefundPayment, context: CommandContext) throws -> RefundPayment.Reply

    /// Undoes the step `processPayment`, which was done or may have been.
    func refundPayment(
      _ command: RefundPayment, context: CommandContext, transaction: Transaction
    ) throws -> RefundPayment.Reply
  }

  /// The participant `payments` with these handlers, which reach other systems.
  static func participant(
    payments handlers: some PaymentsParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("payments", policy: policy)
    register(payments: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(payments handlers: some PaymentsParticipant, in participant: inout Participant) {
    participant.handle(ChargePayment.messageType, as: ChargePayment.self) { command, context in
      try await handlers.chargePayment(command, context: context).commandReply()
    }
    participant.undo(RefundPayment.messageType, as: RefundPayment.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.refundPayment(command, context: context).commandReply()
    }
  }

  /// The participant `payments` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    paymentsInTransaction handlers: some PaymentsTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("payments", policy: policy)
    register(paymentsInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: PaymentsTransactionalParticipant>(
    paymentsInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      ChargePayment.messageType, as: ChargePayment.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.chargePayment(command, context: context, transaction: transaction).commandReply()
    }
    participant.undoInTransaction(
      RefundPayment.messageType, as: RefundPayment.self, with: Handlers.Transaction.self
    ) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context, transaction in
      try handlers.refundPayment(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `fraud`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol FraudParticipant: Sendable {
    /// Does the step `checkFraud`.
    func checkFraud(_ command: CheckFraud, context: CommandContext) async throws -> CheckFraud.Reply
  }

  /// The commands to `fraud`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol FraudTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `checkFraud`.
    func checkFraud(_ command: CheckFraud, context: CommandContext, transaction: Transaction) throws -> CheckFraud.Reply
  }

  /// The participant `fraud` with these handlers, which reach other systems.
  static func participant(
    fraud handlers: some FraudParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("fraud", policy: policy)
    register(fraud: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(fraud handlers: some FraudParticipant, in participant: inout Participant) {
    participant.handle(CheckFraud.messageType, as: CheckFraud.self) { command, context in
      try await handlers.checkFraud(command, context: context).commandReply()
    }
  }

  /// The participant `fraud` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    fraudInTransaction handlers: some FraudTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("fraud", policy: policy)
    register(fraudInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: FraudTransactionalParticipant>(
    fraudInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      CheckFraud.messageType, as: CheckFraud.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.checkFraud(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// The commands to `inventory`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol InventoryParticipant: Sendable {
    /// Does the step `reserveStock`.
    func reserveStock(_ command: ReserveStock, context: CommandContext) async throws -> ReserveStock.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: ReleaseStock, context: CommandContext) throws -> ReleaseStock.Reply

    /// Undoes the step `reserveStock`, which was done or may have been.
    func releaseStock(_ command: ReleaseStock, context: CommandContext) async throws -> ReleaseStock.Reply
  }

  /// The commands to `inventory`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol InventoryTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `reserveStock`.
    func reserveStock(
      _ command: ReserveStock, context: CommandContext, transaction: Transaction
    ) throws -> ReserveStock.Reply

    /// Answers where there is nothing to undo: the action never began, or was declined.
    func nothingToUndo(_ command: ReleaseStock, context: CommandContext) throws -> ReleaseStock.Reply

    /// Undoes the step `reserveStock`, which was done or may have been.
    func releaseStock(
      _ command: ReleaseStock, context: CommandContext, transaction: Transaction
    ) throws -> ReleaseStock.Reply
  }

  /// The participant `inventory` with these handlers, which reach other systems.
  static func participant(
    inventory handlers: some InventoryParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("inventory", policy: policy)
    register(inventory: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(inventory handlers: some InventoryParticipant, in participant: inout Participant) {
    participant.handle(ReserveStock.messageType, as: ReserveStock.self) { command, context in
      try await handlers.reserveStock(command, context: context).commandReply()
    }
    participant.undo(ReleaseStock.messageType, as: ReleaseStock.self) { command, context in
      try handlers.nothingToUndo(command, context: context).commandReply()
    } _: { command, context in
      try await handlers.releaseStock(command, context: context).commandReply()
    }
  }

  /// The participant `inventory` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    inventoryInTransaction handlers: some InventoryTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("inventory", policy: policy)
    register(inventoryInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: InventoryTransactionalParticipant>(
    inventoryInTransaction handlers: Handlers, in participant: inout Participant
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

  /// The commands to `shipping`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  protocol ShippingParticipant: Sendable {
    /// Does the step `createShipment`.
    func createShipment(_ command: CreateShipment, context: CommandContext) async throws -> CreateShipment.Reply
  }

  /// The commands to `shipping`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  protocol ShippingTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `createShipment`.
    func createShipment(
      _ command: CreateShipment, context: CommandContext, transaction: Transaction
    ) throws -> CreateShipment.Reply
  }

  /// The participant `shipping` with these handlers, which reach other systems.
  static func participant(
    shipping handlers: some ShippingParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("shipping", policy: policy)
    register(shipping: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register(shipping handlers: some ShippingParticipant, in participant: inout Participant) {
    participant.handle(CreateShipment.messageType, as: CreateShipment.self) { command, context in
      try await handlers.createShipment(command, context: context).commandReply()
    }
  }

  /// The participant `shipping` with these handlers, whose whole effect is rows beside the engine's.
  static func participant(
    shippingInTransaction handlers: some ShippingTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("shipping", policy: policy)
    register(shippingInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  static func register<Handlers: ShippingTransactionalParticipant>(
    shippingInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      CreateShipment.messageType, as: CreateShipment.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.createShipment(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// A customer has ordered; begins the saga.
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

  /// The customer wants to cancel.
  struct OrderCancelRequested: SagaMessage, Hashable {
    static let messageType = "OrderCancelRequested"
    var orderId: String
  }

  /// The payload of `ChargePayment`.
  struct ChargePayment: SagaMessage, Hashable {
    static let messageType = "ChargePayment"
    var orderId: String
    var customerId: String
    var amountCents: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case paymentCharged(PaymentCharged)
      /// Nothing was done.
      case paymentDeclined(PaymentDeclined)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .paymentCharged(let message): try .done(message)
        case .paymentDeclined(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `PaymentCharged`.
  struct PaymentCharged: SagaMessage, Hashable {
    static let messageType = "PaymentCharged"
    var orderId: String
    var paymentId: String
  }

  /// The payload of `PaymentDeclined`.
  struct PaymentDeclined: SagaMessage, Hashable {
    static let messageType = "PaymentDeclined"
    var orderId: String
    var reason: String
  }

  /// The payload of `RefundPayment`.
  struct RefundPayment: SagaMessage, Hashable {
    static let messageType = "RefundPayment"
    var orderId: String
    var paymentId: String

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case paymentRefunded(PaymentRefunded)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .paymentRefunded(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `PaymentRefunded`.
  struct PaymentRefunded: SagaMessage, Hashable {
    static let messageType = "PaymentRefunded"
    var orderId: String
  }

  /// The payload of `CheckFraud`.
  struct CheckFraud: SagaMessage, Hashable {
    static let messageType = "CheckFraud"
    var orderId: String
    var customerId: String
    var amountCents: Int64

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case fraudCleared(FraudCleared)
      /// Nothing was done.
      case fraudSuspected(FraudSuspected)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .fraudCleared(let message): try .done(message)
        case .fraudSuspected(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `FraudCleared`.
  struct FraudCleared: SagaMessage, Hashable {
    static let messageType = "FraudCleared"
    var orderId: String
  }

  /// The payload of `FraudSuspected`.
  struct FraudSuspected: SagaMessage, Hashable {
    static let messageType = "FraudSuspected"
    var orderId: String
    var reason: String
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
      case stockReserved(StockReserved)
      /// Nothing was done.
      case outOfStock(OutOfStock)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .stockReserved(let message): try .done(message)
        case .outOfStock(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `StockReserved`.
  struct StockReserved: SagaMessage, Hashable {
    static let messageType = "StockReserved"
    var orderId: String
    var sku: String
  }

  /// The payload of `OutOfStock`.
  struct OutOfStock: SagaMessage, Hashable {
    static let messageType = "OutOfStock"
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
      case stockReleased(StockReleased)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .stockReleased(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `StockReleased`.
  struct StockReleased: SagaMessage, Hashable {
    static let messageType = "StockReleased"
    var orderId: String
    var sku: String
  }

  /// The payload of `CreateShipment`.
  struct CreateShipment: SagaMessage, Hashable {
    static let messageType = "CreateShipment"
    var orderId: String
    var customerId: String
    var items: [JSON]

    /// What a participant may answer.
    enum Reply: Sendable, Hashable {
      /// It was done.
      case shipmentCreated(ShipmentCreated)
      /// Nothing was done.
      case shipmentRefused(ShipmentRefused)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      func commandReply() throws -> CommandReply {
        switch self {
        case .shipmentCreated(let message): try .done(message)
        case .shipmentRefused(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `ShipmentCreated`.
  struct ShipmentCreated: SagaMessage, Hashable {
    static let messageType = "ShipmentCreated"
    var orderId: String
    var trackingNumber: String
  }

  /// The payload of `ShipmentRefused`.
  struct ShipmentRefused: SagaMessage, Hashable {
    static let messageType = "ShipmentRefused"
    var orderId: String
    var reason: String
  }

  /// Tells the customer where the parcel is.
  struct OrderShipped: SagaMessage, Hashable {
    static let messageType = "OrderShipped"
    var orderId: String
    var trackingNumber: String
  }

  /// The payload of `OrderFulfilled`.
  struct OrderFulfilled: SagaMessage, Hashable {
    static let messageType = "OrderFulfilled"
    var orderId: String
    var totalCents: Int64
  }

  /// The payload of `OrderCancelled`.
  struct OrderCancelled: SagaMessage, Hashable {
    static let messageType = "OrderCancelled"
    var orderId: String
    var reason: String
  }
}
