/// The fields that an object of the definition language may have: the one list of them.
struct DefinitionShape: Sendable {
  /// What the object is, with its article: "a transition".
  let title: String
  let fields: [String]
  /// Fields that belong elsewhere, and what to do about them.
  var misplaced: [String: String] = [:]

  private static let common = ["$schema", "saga", "version", "description", "messages", "schemas", "data"]
  private static let handling = ["defer", "ignore", "reject"]
  private static let inRole = ["start", "on", "after", "settle"] + handling

  static let choreography = DefinitionShape(
    title: "a saga with roles", fields: common + ["roles"],
    misplaced: Dictionary(
      uniqueKeysWithValues: inRole.map { ($0, "In a saga with `roles` it belongs into a role.") }
        + ["completed", "compensated"].map {
          ($0, "In a saga with `roles` a transition publishes; give it a `publish` and a `goto` to a final state.")
        }))
  static let orchestration = DefinitionShape(
    title: "a saga with steps", fields: common + inRole + ["steps", "completed", "compensated"],
    misplaced: ["states": "States belong into `roles`; a saga with `steps` has none of its own."])
  static let outcome = DefinitionShape(
    title: "the end of an orchestration", fields: ["publish"],
    misplaced: ["goto": "This is an end; nothing follows it.", "set": "Add a `set` step at the end of `steps`."])
  static let message = DefinitionShape(
    title: "a message declaration", fields: ["description", "key", "missing", "schema", "accepts"])
  static let accepted = DefinitionShape(
    title: "an accepted older version", fields: ["dataschema", "schema", "upcast"])
  static let role = DefinitionShape(
    title: "a role", fields: ["description"] + inRole + ["states"],
    misplaced: ["steps": "Steps stand in the `do` of a state.", "do": "Steps stand in the `do` of a state."])
  static let state = DefinitionShape(
    title: "a state", fields: ["description", "on", "after", "do", "done", "failed", "final"] + handling,
    misplaced: [
      "steps": "The steps of a state are called `do`.", "settle": "It belongs to the role.",
      "start": "It belongs to the role.",
    ])
  static let transition = DefinitionShape(
    title: "a transition", fields: ["when", "set", "correlate", "compensate", "pivot", "publish", "goto"],
    misplaced: ["fail": "A transition compensates with `compensate`; `fail` belongs to replies and steps."])
  static let call = DefinitionShape(
    title: "a named step",
    fields: ["step", "description", "call", "to", "with", "reply", "timeout", "retry", "undo", "pivot"])
  static let reply = DefinitionShape(
    title: "a reply", fields: ["when", "set", "correlate", "fail", "again"],
    misplaced: [
      "goto": "A reply ends its step; the state's `done` or `failed` says where to go.",
      "publish": "Add a `publish` step behind this one.",
      "compensate": "A reply with `fail` fails the step, which compensates.",
    ])
  static let retry = DefinitionShape(title: "`retry`", fields: ["attempts", "delay", "factor", "maxDelay", "jitter"])
  static let undoCall = DefinitionShape(
    title: "an undo", fields: ["call", "to", "with", "reply", "timeout", "retry"])
  static let undoPublish = DefinitionShape(title: "an undo that publishes", fields: ["publish"])
  static let setStep = DefinitionShape(title: "a `set` step", fields: ["set", "description"])
  static let failStep = DefinitionShape(title: "a `fail` step", fields: ["fail", "description"])
  static let publishStep = DefinitionShape(title: "a `publish` step", fields: ["publish", "undo", "description"])
  static let forEach = DefinitionShape(
    title: "a `forEach` step", fields: ["forEach", "concurrency", "steps", "description"])
  static let parallel = DefinitionShape(title: "a `parallel` step", fields: ["parallel", "description"])
  static let choose = DefinitionShape(title: "a `choose` step", fields: ["choose", "description"])
  static let choice = DefinitionShape(title: "a branch of `choose`", fields: ["when", "steps"])
  static let attempt = DefinitionShape(title: "a `try` step", fields: ["try", "catch", "description"])

  /// The step forms by the field that tells them apart.
  static let steps: [(field: String, shape: DefinitionShape)] = [
    ("step", call), ("forEach", forEach), ("parallel", parallel), ("choose", choose), ("try", attempt),
    ("publish", publishStep), ("set", setStep), ("fail", failStep),
  ]

  static let all: [DefinitionShape] =
    [choreography, orchestration, outcome, message, accepted, role, state, transition, reply, retry]
    + [undoCall, undoPublish, choice] + steps.map(\.shape)
}
