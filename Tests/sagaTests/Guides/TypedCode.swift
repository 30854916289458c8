// The snippets of docs/guides/typed-code.md. GuideTests sees to it that they are here, word for word.
import SagaCore
import SagaRuntime
import SagaSQLite

protocol PaymentProvider: Sendable {
  func charge(_ cents: Int64, key: String) async throws -> String?
  func refund(_ payment: String, key: String) async throws
}

struct CardPayments: OrderFulfillment.PaymentsParticipant {
  let provider: any PaymentProvider

  func chargePayment(
    _ command: OrderFulfillment.ChargePayment, context: CommandContext
  ) async throws -> OrderFulfillment.ChargePayment.Reply {
    // The provider recognises the key: a second attempt charges nothing.
    guard let payment = try await provider.charge(command.amountCents, key: context.idempotencyKey) else {
      return .paymentDeclined(.init(orderId: command.orderId, reason: "no cover"))
    }
    return .paymentCharged(.init(orderId: command.orderId, paymentId: payment))
  }

  func nothingToUndo(
    _ command: OrderFulfillment.RefundPayment, context: CommandContext
  ) throws -> OrderFulfillment.RefundPayment.Reply {
    .paymentRefunded(.init(orderId: command.orderId))
  }

  func refundPayment(
    _ command: OrderFulfillment.RefundPayment, context: CommandContext
  ) async throws -> OrderFulfillment.RefundPayment.Reply {
    try await provider.refund(command.paymentId, key: context.idempotencyKey)
    return .paymentRefunded(.init(orderId: command.orderId))
  }
}

struct Stock: OrderFulfillment.InventoryTransactionalParticipant {
  func reserveStock(
    _ command: OrderFulfillment.ReserveStock, context: CommandContext, transaction: SQLiteTransaction
  ) throws -> OrderFulfillment.ReserveStock.Reply {
    let taken = try transaction.execute(
      "UPDATE stock SET free=free-?1 WHERE sku=?2 AND free>=?1", .integer(command.quantity), .text(command.sku))
    return taken == 1
      ? .stockReserved(.init(orderId: command.orderId, sku: command.sku))
      : .outOfStock(.init(orderId: command.orderId, sku: command.sku))
  }

  func nothingToUndo(
    _ command: OrderFulfillment.ReleaseStock, context: CommandContext
  ) throws -> OrderFulfillment.ReleaseStock.Reply {
    .stockReleased(.init(orderId: command.orderId, sku: command.sku))
  }

  func releaseStock(
    _ command: OrderFulfillment.ReleaseStock, context: CommandContext, transaction: SQLiteTransaction
  ) throws -> OrderFulfillment.ReleaseStock.Reply {
    try transaction.execute("UPDATE stock SET free=free+? WHERE sku=?", .integer(command.quantity), .text(command.sku))
    return .stockReleased(.init(orderId: command.orderId, sku: command.sku))
  }
}

func guideTyped(payments: CardPayments, stock: Stock) -> [Participant] {
  let participants = [
    OrderFulfillment.participant(payments: payments, policy: DestinationPolicy(concurrency: 8)),
    OrderFulfillment.participant(inventoryInTransaction: stock),
  ]
  return participants
}

func guideTypedStart(_ placed: OrderFulfillment.OrderPlaced, engine: SagaEngine) async throws -> InstanceAddress {
  let order = try await OrderFulfillment.start(placed, on: engine, source: "/checkout", id: "request-77")
  try await engine.signal(OrderFulfillment.OrderCancelRequested(orderId: order.key), source: "/desk", id: "request-78")
  return order
}

func guideTypedConsumer() -> Consumer {
  var parcels = Consumer("parcels")
  parcels.on(OrderFulfillment.OrderShipped.self) { shipped, _ in
    print(shipped.orderId, shipped.trackingNumber)
  }
  return parcels
}

func guideTypedStates(of order: InstanceAddress, engine: SagaEngine) async throws {
  for try await change in engine.changes(of: order, after: 0) {
    for case .entered(let name) in change.entry.facts {
      switch OrderFulfillment.State(rawValue: name) {
      case .completed, .compensated: return
      case .working, nil: continue
      }
    }
  }
}
