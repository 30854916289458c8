extension DiagnosticCatalogue {
  /// Message types, their keys, and what becomes of them.
  static let messages: [Entry] = [
    Entry(
      .messageUndeclared, "A type is taken and not declared under `messages`.",
      reason: "without a `key` it never finds its instance.",
      example: "`\"on\": { \"Paid\": … }` and no `messages.Paid`",
      mend: "`\"messages\": { \"Paid\": { \"key\": \"event.data.orderId\" } }`"),
    Entry(
      .messageKeyless, "A type is taken, and its declaration has no `key`.", reason: "it never finds its instance.",
      example: "`\"Paid\": { \"schema\": {…} }`",
      mend: "`\"Paid\": { \"key\": \"event.data.orderId\", \"schema\": {…} }`"),
    Entry(
      .messageUnused, "A type is declared, and nothing takes or sends it.",
      reason: "the name is often misspelt here or where it is meant.", example: "`messages.Refunded` alone",
      mend: "remove it, or mend the name"),
    Entry(
      .messageAmbiguous, "In a cycle, a state does not take a type that another state of the cycle takes.",
      reason:
        "that state has been left and can be entered again: the message may be late or early, and keeping a late one lets it act in the wrong round.",
      example: "`open` takes `Asked`, `asked` leads back to `open` and says nothing of `Asked`",
      mend: "`\"asked\": { \"ignore\": [\"Asked\"], … }`, or `defer` where it can be early"),
    Entry(
      .messageUnguarded, "A message leads round a cycle, and no `when` tells an old one from a new one.",
      reason: "a copy or an older message that comes late moves the instance once more.",
      example: "`\"Answered\": { \"goto\": \"open\" }`",
      mend: "`\"Answered\": [ { \"when\": \"event.data.round == data.round\", \"goto\": \"open\" }, {} ]`"),
    Entry(
      .keyNeverCorrelated, "A type is found by a further key that no transition or reply of the role records.",
      reason: "it never finds its instance.", example: "`\"key\": { \"paymentId\": … }` and no `correlate`",
      mend: "`\"Charged\": { \"correlate\": { \"paymentId\": \"event.data.paymentId\" } }`"),
    Entry(
      .keyOfStart, "A type that starts an instance is found by a further key.",
      reason: "no instance has recorded that key yet, so nothing ever starts.",
      example: "`\"OrderPlaced\": { \"key\": { \"cart\": … } }`",
      mend: "`\"OrderPlaced\": { \"key\": \"event.data.orderId\" }`"),
    Entry(
      .correlateUnused, "A further key is recorded, and no message is found by it.",
      reason: "its values are claimed for nothing, and a second claim is an error.",
      example: "`\"correlate\": { \"cart\": … }`",
      mend: "use it in a `key`, or remove it"),
    Entry(
      .handlingUseless,
      "A type under `defer`, `ignore` or `reject` is handled here anyway, is taken nowhere, or can never be taken later.",
      reason: "the rule has no effect; a deferred message that nobody takes waits for the end.",
      example: "`\"on\": { \"Paid\": {…} }, \"ignore\": [\"Paid\"]`", mend: "remove it from one of the two"),
    Entry(
      .eventUnpublished,
      "A state goes on only with events that no role publishes, or a name is almost that of an event which nobody takes.",
      reason: "the role waits for ever for a name that nobody uses.",
      example: "`OrderPayed` published, `OrderPaid` taken",
      mend: "use one name; wait for what comes from outside in a `step` with a `timeout`"),
    Entry(
      .eventUnhandled, "An event says how it finds its instance (`missing`, or a further key), and no role takes it.",
      reason: "a role that was meant to act does not.",
      example: "`messages.PaymentRefunded` with `missing`, taken by no role",
      mend: "handle it, or declare it as a notification"),
    Entry(
      .retentionShort, "A message is parked for longer than ids are remembered.",
      reason: "a copy that comes after the ids are forgotten is taken for a new message, and acts twice.",
      example: "`\"missing\": \"60d\"` with an inbox of 30d", mend: "`\"missing\": \"7d\"`"),
  ]
}
