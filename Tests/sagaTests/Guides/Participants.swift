// The snippets of docs/guides/participants.md. GuideTests sees to it that they are here, word for word.
import SagaCore
import SagaRuntime
import SagaSQLite

func guideParticipant(charge: @escaping @Sendable (String, Int64, String) async throws -> Bool) -> Participant {
  var payments = Participant("payments", policy: DestinationPolicy(concurrency: 8, commandsPerSecond: 50))
  payments.handle("ChargePayment", as: Charge.self) { command, context in
    // The provider recognises the key: a second attempt charges nothing.
    let isCharged = try await charge(command.orderId, command.cents, context.idempotencyKey)
    return isCharged
      ? .done("PaymentCharged", ["orderId": .string(command.orderId)])
      : .declined("PaymentDeclined", ["orderId": .string(command.orderId), "reason": "no cover"])
  }
  return payments
}

func guideInTransaction(_ payments: inout Participant) {
  payments.handleInTransaction("ChargePayment", as: Charge.self) { command, context, transaction in
    try transaction.execute("UPDATE account SET cents=cents-? WHERE id=1", .integer(command.cents))
    return .done("PaymentCharged", ["orderId": .string(command.orderId)])
  }
  payments.undoInTransaction("RefundPayment", as: Charge.self) { command, _ in
    .done("PaymentRefunded", ["orderId": .string(command.orderId)])
  } _: { command, context, transaction in
    try transaction.execute("UPDATE account SET cents=cents+? WHERE id=1", .integer(command.cents))
    return .done("PaymentRefunded", ["orderId": .string(command.orderId)])
  }
}

func guideBoth(
  _ payments: inout Participant, charge: @escaping @Sendable (String, Int64, String) async throws -> Bool
) {
  payments.handle("ChargePayment", as: Charge.self) { command, context in
    let isCharged = try await charge(command.orderId, command.cents, context.idempotencyKey)
    let reply = isCharged ? CommandReply.done("PaymentCharged") : .declined("PaymentDeclined")
    return reply.writing { transaction in
      guard let rows = transaction as? SQLiteTransaction else { throw ServiceTransactionError.unsupported }
      try rows.execute("INSERT INTO charge VALUES(?,?)", .text(command.orderId), .integer(command.cents))
    }
  }
}

func guideElsewhere(payments: Participant, broker: any OutgoingTransport) throws -> [SagaEngine] {
  let orders = try SagaEngine(
    database: "orders.db", definitions: SagaDefinitions(at: ["sagas"]),
    routes: [.commands(to: "payments", transport: broker)])
  let provider = try SagaEngine(
    database: "payments.db", definitions: .none, participants: [payments],
    routes: [.replies(to: "order", transport: broker)])
  return [orders, provider]
}
