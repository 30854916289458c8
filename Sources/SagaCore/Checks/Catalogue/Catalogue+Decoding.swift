extension DiagnosticCatalogue {
  /// What is wrong with the form of a file.
  static let decoding: [Entry] = [
    Entry(
      .jsonInvalid, reason: "a file that is read differently by different readers runs differently too.",
      example: "`{ \"saga\": \"order\", }`", mend: "`{ \"saga\": \"order\" }`"),
    Entry(
      .jsonDuplicateKey, reason: "JSON readers keep the first or the last of the two; one transition would vanish.",
      example: "`\"on\": { \"Paid\": {…}, \"Paid\": {…} }`", mend: "`\"on\": { \"Paid\": [ {…}, {…} ] }`"),
    Entry(
      .limitExceeded, reason: "a definition without bounds would make loading and deciding without bounds.",
      example: "a role with more than 1,000 states", mend: "split the saga; a child saga is a participant"),
    Entry(
      .fieldUnknown, reason: "a misspelt field would be ignored, and its rule with it.",
      example: "`\"compensat\": \"'x'\"`", mend: "`\"compensate\": \"'x'\"`"),
    Entry(
      .fieldMissing, reason: "without it there is nothing to run.", example: "a saga without `version`",
      mend: "`\"version\": 1`"),
    Entry(
      .fieldType, reason: "what is meant cannot be told.", example: "`\"timeout\": 30`", mend: "`\"timeout\": \"30s\"`"),
    Entry(
      .fieldMisplaced, reason: "it would have no effect where it stands.", example: "`goto` in a reply",
      mend: "put it into `done` or `failed` of the state"),
    Entry(
      .fieldUseless, reason: "whoever wrote it expects an effect that it does not have.",
      example: "`retry` in a step without `call`", mend: "add the `call`, or remove the `retry`"),
    Entry(
      .valueEmpty, reason: "an empty list of transitions would swallow its messages.", example: "`\"Paid\": []`",
      mend: "`\"Paid\": {}` acknowledges without effect"),
    Entry(
      .valueRange, reason: "a value outside has no sensible meaning.", example: "`\"attempts\": 0`",
      mend: "`\"attempts\": 1`"),
    Entry(
      .nameInvalid, reason: "names become parts of idempotency keys, sources and queue names.",
      example: "`\"step\": \"charge card\"`", mend: "`\"step\": \"chargeCard\"`"),
    Entry(
      .nameDuplicate, reason: "the second says nothing, and was probably meant to be another.",
      example: "`\"ignore\": [\"Paid\", \"Paid\"]`", mend: "`\"ignore\": [\"Paid\"]`"),
    Entry(
      .durationInvalid, reason: "a number without a unit is somebody's wrong guess.",
      example: "`\"after\": { \"90\": {…} }`",
      mend: "`\"after\": { \"90s\": {…} }`"),
    Entry(
      .schemaInvalid, reason: "a misspelt keyword would check nothing.", example: "`{ \"type\": \"integr\" }`",
      mend: "`{ \"type\": \"integer\" }`"),
    Entry(
      .definitionMode, reason: "the two modes say differently who decides.", example: "both `roles` and `steps`",
      mend: "make them two sagas"),
    Entry(
      .definitionTwice, reason: "which of the two an instance runs by would be chance.",
      example: "`orders.json` and `orders-new.json`, both version 1 of `orders`",
      mend: "`\"version\": 2` in the changed one"),
    Entry(
      .messageKey, reason: "a message that names two instances finds neither.",
      example: "`\"key\": { \"a\": \"…\", \"b\": \"…\" }`", mend: "`\"key\": { \"a\": \"…\" }`"),
    Entry(
      .messageMissing, reason: "a message without an instance must be parked, ignored or rejected, and not lost.",
      example: "`\"missing\": \"drop\"`", mend: "`\"missing\": \"ignore\"`"),
    Entry(
      .handlingConflict, reason: "a message cannot be early and late at once.",
      example: "`\"defer\": [\"Paid\"], \"ignore\": [\"Paid\"]`", mend: "`\"defer\": [\"Paid\"]`"),
    Entry(
      .stateIncomplete, reason: "steps that end without a way on would leave the instance where it is for ever.",
      example: "a state with `do` and no `failed`", mend: "`\"failed\": { \"goto\": \"declined\" }`"),
    Entry(
      .stateFinal, reason: "nothing happens after an end, whatever stands there.",
      example: "`{ \"final\": \"completed\", \"on\": {…} }`", mend: "handle it in a state before the end"),
    Entry(
      .transitionGoto, reason: "an instance must be in some state when it begins and when all is undone.",
      example: "`\"Cancel\": { \"compensate\": \"'cancelled'\" }` in a role",
      mend: "`\"Cancel\": { \"compensate\": \"'cancelled'\", \"goto\": \"cancelled\" }`"),
    Entry(
      .replyConflict, reason: "a step cannot have failed and be repeated.",
      example: "`{ \"fail\": \"'busy'\", \"again\": \"1m\" }`",
      mend: "`[ { \"when\": \"event.data.busy\", \"again\": \"1m\" }, { \"fail\": \"'no'\" } ]`"),
    Entry(
      .stepForm, reason: "an object that is two steps has no order.", example: "`{ \"set\": {…}, \"publish\": {…} }`",
      mend: "`{ \"set\": {…} }, { \"publish\": {…} }`"),
    Entry(
      .stepDuplicate,
      reason: "a participant takes two calls with one idempotency key for the same call and runs only the first.",
      example: "two steps named `charge`", mend: "`chargeDeposit` and `chargeRest`"),
    Entry(
      .undoForm, reason: "an undo that does nothing leaves money where it is.", example: "`\"undo\": {}`",
      mend: "`\"undo\": \"none\"`, where nothing is needed"),
  ]

  /// What the compiler finds in names and expressions.
  static let compiling: [Entry] = [
    Entry(
      "state.unknown", "A `goto` names a state that the role does not have.",
      reason: "the transition would lead nowhere.", example: "`\"goto\": \"chargd\"`", mend: "`\"goto\": \"charged\"`"),
    Entry(
      "expression.syntax", "A text is no CEL expression (github.com/google/cel-spec).",
      reason: "every string that is no name, duration or destination is evaluated.",
      example: "`\"set\": { \"currency\": \"EUR €\" }`", mend: "`\"set\": { \"currency\": \"'EUR €'\" }`"),
    Entry(
      "expression.name",
      "An expression names something that is not in scope here. `data`, `saga` and `now` always are; `item` and `index` inside `forEach`; `event` in `key`, `start`, `on`, `reply` and `undo`.",
      reason: "the expression would fail each time.", example: "`event.data.id` in `with`",
      mend: "`set` it from the event first, and read `data.id`"),
    Entry(
      "expression.field", "An expression reads a field that the schema, or `saga`, does not have.",
      reason: "the expression would fail each time.", example: "`saga.verson`", mend: "`saga.version`"),
    Entry(
      "expression.type",
      "An expression does not have the type that is needed, or applies an operator to types it is not for.",
      reason: "it would fail at run time, with a customer waiting.", example: "`\"when\": \"data.totalCents\"`",
      mend: "`\"when\": \"data.totalCents > 0\"`"),
    Entry(
      "expression.limit", "An expression is longer or deeper than the limits of `CELLimits`.",
      reason: "expressions run in the commit and must be bounded.", example: "a thousand nested brackets",
      mend: "split it over several `set` steps"),
    Entry(
      "undo.event-null", "An expression in `undo` reads `event` without testing it for null.",
      reason: "when the outcome of a call is unknown there is no reply, and the undo would be stuck.",
      example: "`event.data.paymentId`", mend: "`event != null ? event.data.paymentId : ''`"),
  ]
}
