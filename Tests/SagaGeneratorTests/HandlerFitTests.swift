import SagaGenerator
import Testing

/// The definition is the interface: the compiler says where a handler does not fit it.
@Suite("A handler")
struct HandlerFitTests {
  private static let right = """
    import SagaRuntime

    struct Payments: OrderFulfillment.PaymentsParticipant {
      func chargePayment(
        _ command: OrderFulfillment.ChargePayment, context: CommandContext
      ) async throws -> OrderFulfillment.ChargePayment.Reply {
        command.amountCents > 100_000
          ? .paymentDeclined(.init(orderId: command.orderId, reason: "too much"))
          : .paymentCharged(.init(orderId: command.orderId, paymentId: context.idempotencyKey))
      }
      func nothingToUndo(
        _ command: OrderFulfillment.RefundPayment, context: CommandContext
      ) throws -> OrderFulfillment.RefundPayment.Reply { .paymentRefunded(.init(orderId: command.orderId)) }
      func refundPayment(
        _ command: OrderFulfillment.RefundPayment, context: CommandContext
      ) async throws -> OrderFulfillment.RefundPayment.Reply { .paymentRefunded(.init(orderId: command.orderId)) }
    }

    func participant() -> Participant { OrderFulfillment.participant(payments: Payments()) }
    """

  struct Mistake: Sendable, CustomTestStringConvertible {
    var what: String
    var original: String
    var written: String
    var errors: [String]
    var testDescription: String { what }
  }

  static let mistakes = [
    Mistake(
      what: "that lacks a command", original: "func refundPayment(", written: "func refund(",
      errors: [
        "type 'Payments' does not conform to protocol 'OrderFulfillment.PaymentsParticipant'",
        "refundPayment(_:context:)",
      ]),
    Mistake(
      what: "that says nothing of what there is not to undo", original: "func nothingToUndo(",
      written: "func nothing(", errors: ["type 'Payments' does not conform to protocol", "nothingToUndo(_:context:)"]),
    Mistake(
      what: "that takes another payload", original: "_ command: OrderFulfillment.ChargePayment,",
      written: "_ command: OrderFulfillment.PaymentCharged,",
      errors: ["value of type 'OrderFulfillment.PaymentCharged' has no member 'amountCents'"]),
    Mistake(
      what: "that reads a member which the schema does not have", original: "command.amountCents",
      written: "command.amount",
      errors: ["value of type 'OrderFulfillment.ChargePayment' has no member 'amount'"]),
    Mistake(
      what: "that answers what the definition does not declare",
      original: ".paymentDeclined(.init(orderId: command.orderId, reason: \"too much\"))",
      written: ".paymentRefunded(.init(orderId: command.orderId))",
      errors: ["type 'OrderFulfillment.ChargePayment.Reply' has no member 'paymentRefunded'"]),
    Mistake(
      what: "that leaves out what a reply must say", original: "orderId: command.orderId, reason: \"too much\"",
      written: "orderId: command.orderId", errors: ["missing argument for parameter 'reason'"]),
    Mistake(
      what: "of another participant", original: "OrderFulfillment.participant(payments: Payments())",
      written: "OrderFulfillment.participant(inventory: Payments())",
      errors: ["requires that 'Payments' conform to 'OrderFulfillment.InventoryParticipant'"]),
  ]

  private func check(_ handler: String) throws -> Tool.Result {
    let result = SwiftGenerator.generate([try Repository.source("sagas/order-fulfillment.json")])
    let generated = try #require(result.outputs.first)
    return try Compiler.check([(generated.fileName, generated.text), ("Handler.swift", handler)])
  }

  @Test("that fits the definition compiles")
  func fits() throws {
    let compiled = try check(Self.right)
    #expect(compiled.code == 0, "\(compiled.errors)")
  }

  @Test("does not compile", arguments: mistakes)
  func doesNotFit(_ mistake: Mistake) throws {
    try #require(Self.right.contains(mistake.original))
    let compiled = try check(Self.right.replacing(mistake.original, with: mistake.written))
    #expect(compiled.code != 0)
    for error in mistake.errors { #expect(compiled.errors.contains(error), "\(compiled.errors)") }
    #expect(compiled.errors.contains("Handler.swift:"), "the handler is at fault, not the generated code")
    #expect(!compiled.errors.contains(".saga.swift:1:"))
  }
}
