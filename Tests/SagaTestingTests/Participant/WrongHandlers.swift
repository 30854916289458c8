import Foundation
import SagaCore
import SagaRuntime
import SagaTesting
import Testing

/// A handler with a mistake that people make, and the check that finds it.
struct WrongHandler: Sendable, CustomTestStringConvertible {
  var mistake: String
  /// The rule that it breaks.
  var rule: String
  /// Puts the mistake into a right participant.
  var spoil: @Sendable (inout Payments) -> Void
  var store: @Sendable () -> StoreSource = { .memory() }
  /// Makes the participant of what `spoil` has left.
  var make: @Sendable (Payments) -> Participant = { $0.participant }

  var testDescription: String { mistake }

  static let all: [WrongHandler] = [
    WrongHandler(
      mistake: "it answers as done and does nothing",
      rule: "an action that is answered as done has an effect",
      spoil: { payments in payments.charge = { charge, _ in Payments.charged(charge, "p") } }),
    WrongHandler(
      mistake: "it gives the other system the same key for everything",
      rule: "two actions have two effects",
      spoil: { payments in
        payments.charge = { [bank = payments.bank] charge, _ in
          bank.charge("payment", charge.cents)
          return Payments.charged(charge, "p")
        }
      }),
    WrongHandler(
      mistake: "it moves money without giving the idempotency key",
      rule: "an action that was interrupted after its effect and comes again has one effect",
      spoil: { payments in
        payments.charge = { [bank = payments.bank] charge, _ in
          bank.move(charge.cents)
          return Payments.charged(charge, "p")
        }
      }),
    WrongHandler(
      mistake: "it reaches the other system from inside a transaction that is undone without it",
      rule: "an action that was interrupted after its effect and comes again has one effect",
      spoil: { _ in },
      make: { payments in
        var participant = payments.participant
        participant.handleInTransaction("Charge", as: Charge.self) { [bank = payments.bank] charge, _, _ in
          guard charge.cents <= 1000 else { return Payments.declined(charge) }
          bank.move(charge.cents)
          return Payments.charged(charge, "p")
        }
        return participant
      }),
    WrongHandler(
      mistake: "it makes up a new payment id each time",
      rule: "an action that was interrupted after its effect and comes again answers the same",
      spoil: { payments in
        payments.charge = { [bank = payments.bank] charge, context in
          bank.charge(context.idempotencyKey, charge.cents)
          return Payments.charged(charge, "pay-\(bank.nextNumber)")
        }
      }),
    WrongHandler(
      mistake: "it takes the money and then declines",
      rule: "what is declined has no effect",
      spoil: { payments in
        payments.charge = { [bank = payments.bank] charge, context in
          bank.charge(context.idempotencyKey, charge.cents)
          return charge.cents > 1000 ? Payments.declined(charge) : Payments.charged(charge, "p")
        }
      }),
    WrongHandler(
      mistake: "it answers with a type that no step names",
      rule: "an action is answered with what the definition names for its outcome",
      spoil: { payments in
        payments.charge = { [bank = payments.bank] charge, context in
          bank.charge(context.idempotencyKey, charge.cents)
          return .done("PaymentCharged", ["orderId": .string(charge.orderId), "paymentId": "p"])
        }
      }),
    WrongHandler(
      mistake: "it says `done` with the reply of a failure",
      rule: "an action is answered with what the definition names for its outcome",
      spoil: { payments in
        payments.charge = { [charge = payments.charge] input, context in
          if input.cents > 1000 { return .done("Declined", ["orderId": .string(input.orderId), "reason": "too much"]) }
          return try await charge(input, context)
        }
      }),
    WrongHandler(
      mistake: "its answer lacks a member that the schema requires",
      rule: "the payload of an answer to an action fits its message's schema",
      spoil: { payments in
        payments.charge = { [bank = payments.bank] charge, context in
          bank.charge(context.idempotencyKey, charge.cents)
          return .done("Charged", ["orderId": .string(charge.orderId), "payment": "p"])
        }
      }),
    WrongHandler(
      mistake: "it goes on when it is cancelled",
      rule: "an action that is cancelled at its deadline stops, and can be undone",
      spoil: { payments in
        payments.charge = { [charge = payments.charge] input, context in
          while input.hangs == true, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
          return try await charge(Charge(orderId: input.orderId, cents: input.cents), context)
        }
      }),
    WrongHandler(
      mistake: "its undo does nothing",
      rule: "an undo takes the effect back",
      spoil: { payments in payments.refund = { charge, _ in Payments.refunded(charge) } }),
    WrongHandler(
      mistake: "its undo gives money back without looking whether it was taken",
      rule: "an action that was interrupted before its effect leaves nothing to undo",
      spoil: { payments in
        payments.refund = { [bank = payments.bank] charge, context in
          bank.move(-charge.cents)
          return Payments.refunded(charge)
        }
      }),
    WrongHandler(
      mistake: "its undo gives money back again when it is interrupted",
      rule: "an undo that was interrupted after its effect and comes again undoes once",
      spoil: { payments in
        payments.refund = { [bank = payments.bank] charge, context in
          if bank.holds(context.undoes ?? "") { bank.move(-charge.cents) }
          return Payments.refunded(charge)
        }
      }),
    WrongHandler(
      mistake: "its undo does nothing where the outcome is unknown",
      rule: "an action that was interrupted after its effect is undone without its answer",
      spoil: { payments in
        payments.refund = { [refund = payments.refund] charge, context in
          if case .done = context.action { return try await refund(charge, context) }
          return Payments.refunded(charge)
        }
      }),
    WrongHandler(
      mistake: "its undo throws where there is nothing to undo",
      rule: "an undo that comes before its action is answered and has no effect",
      spoil: { payments in
        payments.nothingToUndo = { charge, _ in throw Missing(what: "no payment of \(charge.orderId)") }
      }),
    WrongHandler(
      mistake: "it gives money back that was never taken",
      rule: "an undo that comes before its action is answered and has no effect",
      spoil: { payments in
        payments.nothingToUndo = { [bank = payments.bank] charge, _ in
          bank.move(-charge.cents)
          return Payments.refunded(charge)
        }
      }),
    WrongHandler(
      mistake: "it notes an order before it declines it, and gives money back for every order that it noted",
      rule: "what was declined has nothing to undo",
      spoil: { payments in
        payments.charge = { [charge = payments.charge, bank = payments.bank] input, context in
          bank.note(input.orderId)
          return try await charge(input, context)
        }
        payments.nothingToUndo = { [bank = payments.bank] charge, _ in
          if bank.hasNoted(charge.orderId) { bank.move(-charge.cents) }
          return Payments.refunded(charge)
        }
      }),
    WrongHandler(
      mistake: "a second undo gives the money back a second time",
      rule: "an undo that comes again undoes once, under the same key and under another",
      spoil: { payments in
        payments.nothingToUndo = { [bank = payments.bank] charge, _ in
          bank.move(-charge.cents)
          return Payments.refunded(charge)
        }
      }),
    WrongHandler(
      mistake: "it takes a fee that its undo does not give back, and gives back what it never took",
      rule: "an action and its undo at once leave nothing",
      spoil: { payments in
        payments.charge = { [charge = payments.charge, bank = payments.bank] input, context in
          bank.move(1)
          return try await charge(input, context)
        }
        payments.nothingToUndo = { [bank = payments.bank] charge, _ in
          bank.move(-charge.cents)
          return Payments.refunded(charge)
        }
      }),
    WrongHandler(
      mistake: "it reads the balance, waits, and writes what it has read",
      rule: "actions that come at once, each of them twice, have one effect each",
      spoil: { payments in
        payments.charge = { [bank = payments.bank] charge, _ in
          let balance = bank.balance
          try await bank.meet(atLeast: charge.orderId.hasSuffix("-0") ? 1 : 5)
          bank.move(Int64(balance - bank.balance) + charge.cents)
          return Payments.charged(charge, "p")
        }
      }),
    WrongHandler(
      mistake: "its database does not remember what was done",
      rule: "an action that comes again has one effect and the same answer",
      spoil: { _ in }, store: { ForgetfulStore.source }),
    WrongHandler(
      mistake: "its database does not remember what was undone",
      rule: "an action that comes after its undo is refused and has no effect",
      spoil: { _ in }, store: { ForgetfulStore.source }),
    WrongHandler(
      mistake: "it declines an undo",
      rule: "an undo is never declined",
      spoil: { payments in
        payments.refund = { [refund = payments.refund] charge, context in
          _ = try await refund(charge, context)
          return .declined("Refunded", ["orderId": .string(charge.orderId)])
        }
      }),
    WrongHandler(
      mistake: "its undo answers with the action's reply",
      rule: "an undo is answered with what the definition names, also when nothing was done",
      spoil: { payments in payments.nothingToUndo = { charge, _ in Payments.charged(charge, "none") } }),
    WrongHandler(
      mistake: "its undo's answer lacks a member that the schema requires",
      rule: "the payload of an answer to an undo fits its message's schema",
      spoil: { payments in payments.nothingToUndo = { _, _ in .done("Refunded") } }),
  ]

  struct Missing: Error { var what: String }
}
