// Made of order-fulfillment.json by saga. Change the definition, not this file.

public import SagaCore
public import SagaRuntime

/// One coordinator takes an order from payment over fraud check and stock to the shipment, and undoes everything when
/// it cannot ship.
public enum OrderFulfillment {
  /// The saga's name.
  public static let saga = "order-fulfillment"
  /// The definition's version.
  public static let version: Int64 = 1

  /// The states of an instance.
  public enum State: String, Sendable, CaseIterable {
    case working
    case completed
    case compensated
  }

  /// Starts an instance; as `SagaEngine.start`.
  public static func start(
    _ message: OrderPlaced, on engine: SagaEngine, source: String, id: String
  ) async throws -> InstanceAddress {
    try await engine.start(message, source: source, id: id)
  }

  /// The commands to `payments`, for handlers that reach other systems.
  ///
  /// A handler may run more than once for one command, with the same `CommandContext.idempotencyKey`. What it throws is
  /// transient: the command comes again as the definition's `retry` says.
  public protocol PaymentsParticipant: Sendable {
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
  public protocol PaymentsTransactionalParticipant: Sendable {
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
  public static func participant(
    payments handlers: some PaymentsParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("payments", policy: policy)
    register(payments: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(payments handlers: some PaymentsParticipant, in participant: inout Participant) {
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
  public static func participant(
    paymentsInTransaction handlers: some PaymentsTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("payments", policy: policy)
    register(paymentsInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: PaymentsTransactionalParticipant>(
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
  public protocol FraudParticipant: Sendable {
    /// Does the step `checkFraud`.
    func checkFraud(_ command: CheckFraud, context: CommandContext) async throws -> CheckFraud.Reply
  }

  /// The commands to `fraud`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  public protocol FraudTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `checkFraud`.
    func checkFraud(_ command: CheckFraud, context: CommandContext, transaction: Transaction) throws -> CheckFraud.Reply
  }

  /// The participant `fraud` with these handlers, which reach other systems.
  public static func participant(
    fraud handlers: some FraudParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("fraud", policy: policy)
    register(fraud: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(fraud handlers: some FraudParticipant, in participant: inout Participant) {
    participant.handle(CheckFraud.messageType, as: CheckFraud.self) { command, context in
      try await handlers.checkFraud(command, context: context).commandReply()
    }
  }

  /// The participant `fraud` with these handlers, whose whole effect is rows beside the engine's.
  public static func participant(
    fraudInTransaction handlers: some FraudTransactionalParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("fraud", policy: policy)
    register(fraudInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: FraudTransactionalParticipant>(
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
  public protocol InventoryParticipant: Sendable {
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
  public protocol InventoryTransactionalParticipant: Sendable {
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
  public static func participant(
    inventory handlers: some InventoryParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("inventory", policy: policy)
    register(inventory: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(inventory handlers: some InventoryParticipant, in participant: inout Participant) {
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
  public static func participant(
    inventoryInTransaction handlers: some InventoryTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("inventory", policy: policy)
    register(inventoryInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: InventoryTransactionalParticipant>(
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
  public protocol ShippingParticipant: Sendable {
    /// Does the step `createShipment`.
    func createShipment(_ command: CreateShipment, context: CommandContext) async throws -> CreateShipment.Reply
  }

  /// The commands to `shipping`, for handlers whose whole effect is rows beside the engine's.
  ///
  /// A handler runs in one transaction with its reply, so its effect is there exactly once; keep it short. What it
  /// throws is transient: its rows are undone and the command comes again as the definition's `retry` says.
  public protocol ShippingTransactionalParticipant: Sendable {
    /// What the engine's store gives: `SQLiteTransaction`, or `any ServiceTransaction`.
    associatedtype Transaction

    /// Does the step `createShipment`.
    func createShipment(
      _ command: CreateShipment, context: CommandContext, transaction: Transaction
    ) throws -> CreateShipment.Reply
  }

  /// The participant `shipping` with these handlers, which reach other systems.
  public static func participant(
    shipping handlers: some ShippingParticipant, policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("shipping", policy: policy)
    register(shipping: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register(shipping handlers: some ShippingParticipant, in participant: inout Participant) {
    participant.handle(CreateShipment.messageType, as: CreateShipment.self) { command, context in
      try await handlers.createShipment(command, context: context).commandReply()
    }
  }

  /// The participant `shipping` with these handlers, whose whole effect is rows beside the engine's.
  public static func participant(
    shippingInTransaction handlers: some ShippingTransactionalParticipant,
    policy: DestinationPolicy = DestinationPolicy()
  ) -> Participant {
    var participant = Participant("shipping", policy: policy)
    register(shippingInTransaction: handlers, in: &participant)
    return participant
  }

  /// Registers the handlers at a participant that takes commands of other sagas, too.
  public static func register<Handlers: ShippingTransactionalParticipant>(
    shippingInTransaction handlers: Handlers, in participant: inout Participant
  ) {
    participant.handleInTransaction(
      CreateShipment.messageType, as: CreateShipment.self, with: Handlers.Transaction.self
    ) { command, context, transaction in
      try handlers.createShipment(command, context: context, transaction: transaction).commandReply()
    }
  }

  /// A customer has ordered; begins the saga.
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

  /// The customer wants to cancel.
  public struct OrderCancelRequested: SagaMessage, Hashable {
    public static let messageType = "OrderCancelRequested"
    public var orderId: String

    public init(orderId: String) {
      self.orderId = orderId
    }
  }

  /// The payload of `ChargePayment`.
  public struct ChargePayment: SagaMessage, Hashable {
    public static let messageType = "ChargePayment"
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
      case paymentCharged(PaymentCharged)
      /// Nothing was done.
      case paymentDeclined(PaymentDeclined)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .paymentCharged(let message): try .done(message)
        case .paymentDeclined(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `PaymentCharged`.
  public struct PaymentCharged: SagaMessage, Hashable {
    public static let messageType = "PaymentCharged"
    public var orderId: String
    public var paymentId: String

    public init(orderId: String, paymentId: String) {
      self.orderId = orderId
      self.paymentId = paymentId
    }
  }

  /// The payload of `PaymentDeclined`.
  public struct PaymentDeclined: SagaMessage, Hashable {
    public static let messageType = "PaymentDeclined"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// The payload of `RefundPayment`.
  public struct RefundPayment: SagaMessage, Hashable {
    public static let messageType = "RefundPayment"
    public var orderId: String
    public var paymentId: String

    public init(orderId: String, paymentId: String) {
      self.orderId = orderId
      self.paymentId = paymentId
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case paymentRefunded(PaymentRefunded)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .paymentRefunded(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `PaymentRefunded`.
  public struct PaymentRefunded: SagaMessage, Hashable {
    public static let messageType = "PaymentRefunded"
    public var orderId: String

    public init(orderId: String) {
      self.orderId = orderId
    }
  }

  /// The payload of `CheckFraud`.
  public struct CheckFraud: SagaMessage, Hashable {
    public static let messageType = "CheckFraud"
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
      case fraudCleared(FraudCleared)
      /// Nothing was done.
      case fraudSuspected(FraudSuspected)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .fraudCleared(let message): try .done(message)
        case .fraudSuspected(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `FraudCleared`.
  public struct FraudCleared: SagaMessage, Hashable {
    public static let messageType = "FraudCleared"
    public var orderId: String

    public init(orderId: String) {
      self.orderId = orderId
    }
  }

  /// The payload of `FraudSuspected`.
  public struct FraudSuspected: SagaMessage, Hashable {
    public static let messageType = "FraudSuspected"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
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
      case stockReserved(StockReserved)
      /// Nothing was done.
      case outOfStock(OutOfStock)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .stockReserved(let message): try .done(message)
        case .outOfStock(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `StockReserved`.
  public struct StockReserved: SagaMessage, Hashable {
    public static let messageType = "StockReserved"
    public var orderId: String
    public var sku: String

    public init(orderId: String, sku: String) {
      self.orderId = orderId
      self.sku = sku
    }
  }

  /// The payload of `OutOfStock`.
  public struct OutOfStock: SagaMessage, Hashable {
    public static let messageType = "OutOfStock"
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
      case stockReleased(StockReleased)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .stockReleased(let message): try .done(message)
        }
      }
    }
  }

  /// The payload of `StockReleased`.
  public struct StockReleased: SagaMessage, Hashable {
    public static let messageType = "StockReleased"
    public var orderId: String
    public var sku: String

    public init(orderId: String, sku: String) {
      self.orderId = orderId
      self.sku = sku
    }
  }

  /// The payload of `CreateShipment`.
  public struct CreateShipment: SagaMessage, Hashable {
    public static let messageType = "CreateShipment"
    public var orderId: String
    public var customerId: String
    public var items: [JSON]

    public init(orderId: String, customerId: String, items: [JSON]) {
      self.orderId = orderId
      self.customerId = customerId
      self.items = items
    }

    /// What a participant may answer.
    public enum Reply: Sendable, Hashable {
      /// It was done.
      case shipmentCreated(ShipmentCreated)
      /// Nothing was done.
      case shipmentRefused(ShipmentRefused)

      /// The reply as a `Participant` takes it.
      ///
      /// - Throws: `EncodingError`.
      public func commandReply() throws -> CommandReply {
        switch self {
        case .shipmentCreated(let message): try .done(message)
        case .shipmentRefused(let message): try .declined(message)
        }
      }
    }
  }

  /// The payload of `ShipmentCreated`.
  public struct ShipmentCreated: SagaMessage, Hashable {
    public static let messageType = "ShipmentCreated"
    public var orderId: String
    public var trackingNumber: String

    public init(orderId: String, trackingNumber: String) {
      self.orderId = orderId
      self.trackingNumber = trackingNumber
    }
  }

  /// The payload of `ShipmentRefused`.
  public struct ShipmentRefused: SagaMessage, Hashable {
    public static let messageType = "ShipmentRefused"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }

  /// Tells the customer where the parcel is.
  public struct OrderShipped: SagaMessage, Hashable {
    public static let messageType = "OrderShipped"
    public var orderId: String
    public var trackingNumber: String

    public init(orderId: String, trackingNumber: String) {
      self.orderId = orderId
      self.trackingNumber = trackingNumber
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

  /// The payload of `OrderCancelled`.
  public struct OrderCancelled: SagaMessage, Hashable {
    public static let messageType = "OrderCancelled"
    public var orderId: String
    public var reason: String

    public init(orderId: String, reason: String) {
      self.orderId = orderId
      self.reason = reason
    }
  }
}
