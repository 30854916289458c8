import Foundation
import SagaCore
import SagaRuntime
import SagaTesting
import TestSupport

/// Another system that a participant reaches: it takes money under a key, once, and gives it back, once.
///
/// `@unchecked Sendable`: every access holds the lock.
final class Bank: @unchecked Sendable {
  private let lock = NSLock()
  private var charges: [String: Int64] = [:]
  private var others: Int64 = 0
  private var number = 0
  private var arrivals = 0
  private var orders: Set<String> = []

  /// What it holds, in cents.
  var balance: Int { lock.withLock { Int(charges.values.reduce(others, +)) } }

  /// A number that is never given twice.
  var nextNumber: Int {
    lock.withLock {
      number += 1
      return number
    }
  }

  func charge(_ key: String, _ cents: Int64) { lock.withLock { charges[key] = cents } }
  func refund(_ key: String) { lock.withLock { charges[key] = nil } }
  func holds(_ key: String) -> Bool { lock.withLock { charges[key] != nil } }

  func note(_ order: String) { lock.withLock { _ = orders.insert(order) } }
  func hasNoted(_ order: String) -> Bool { lock.withLock { orders.contains(order) } }

  /// Waits until so many have come here.
  func meet(atLeast count: Int) async throws {
    lock.withLock { arrivals += 1 }
    try await eventually("\(count) have come") { lock.withLock { arrivals >= count } }
  }

  /// Moves money without asking whether it was moved before.
  func move(_ cents: Int64) { lock.withLock { others += cents } }
}

struct Charge: Codable, Sendable {
  var orderId: String
  var cents: Int64
  var hangs: Bool?
}

/// A participant that is right, and the parts to make wrong ones of.
struct Payments: Sendable {
  typealias Handler = @Sendable (Charge, CommandContext) async throws -> CommandReply
  typealias Nothing = @Sendable (Charge, CommandContext) throws -> CommandReply

  let bank: Bank
  var charge: Handler
  var refund: Handler
  var nothingToUndo: Nothing

  init(_ bank: Bank) {
    self.bank = bank
    charge = { charge, context in
      if charge.hangs == true { try await Task.sleep(for: .seconds(3600)) }
      guard charge.cents <= 1000 else { return Payments.declined(charge) }
      bank.charge(context.idempotencyKey, charge.cents)
      return Payments.charged(charge, "pay-" + context.idempotencyKey)
    }
    refund = { charge, context in
      bank.refund(context.undoes ?? "")
      return Payments.refunded(charge)
    }
    nothingToUndo = { charge, _ in Payments.refunded(charge) }
  }

  static func charged(_ charge: Charge, _ paymentId: String) -> CommandReply {
    .done("Charged", ["orderId": .string(charge.orderId), "paymentId": .string(paymentId)])
  }
  static func declined(_ charge: Charge) -> CommandReply {
    .declined("Declined", ["orderId": .string(charge.orderId), "reason": "too much"])
  }
  static func refunded(_ charge: Charge) -> CommandReply { .done("Refunded", ["orderId": .string(charge.orderId)]) }

  var participant: Participant {
    var participant = Participant("payments")
    participant.handle("Charge", as: Charge.self, charge)
    participant.undo("Refund", as: Charge.self, nothingToUndo: nothingToUndo, refund)
    return participant
  }

  static let definition = """
    {
      "saga": "purchase", "version": 1,
      "messages": {
        "Bought": { "key": "event.data.orderId" },
        "Charged": { "key": "event.data.orderId", "schema": { "type": "object", "required": ["orderId", "paymentId"],
                     "properties": { "orderId": { "type": "string" }, "paymentId": { "type": "string" } } } },
        "Declined": { "key": "event.data.orderId", "schema": { "type": "object", "required": ["orderId", "reason"] } },
        "Refunded": { "key": "event.data.orderId", "schema": { "type": "object", "required": ["orderId"] } }
      },
      "start": { "Bought": {} },
      "steps": [
        { "step": "charge", "call": "Charge", "to": "payments", "with": { "orderId": "saga.key", "cents": 700 },
          "reply": { "Charged": {}, "Declined": { "fail": "event.data.reason" } },
          "undo": { "call": "Refund", "to": "payments", "with": { "orderId": "saga.key", "cents": 700 },
                    "reply": { "Refunded": {} } } }
      ]
    }
    """

  static func sample(_ bank: Bank) -> CommandSample {
    CommandSample(
      "Charge", undo: "Refund", payload: { ["orderId": .string($0), "cents": 700] },
      declined: { ["orderId": .string($0), "cents": 5000] },
      slow: { ["orderId": .string($0), "cents": 700, "hangs": true] },
      effect: { _ in bank.balance }
    )
  }

  func harness() throws -> ParticipantHarness {
    let participant = participant
    return ParticipantHarness(
      commands: [Payments.sample(bank)],
      definitions: try SagaDefinitions(sources: [("purchase.json", Array(Payments.definition.utf8))])
    ) { participant }
  }
}
