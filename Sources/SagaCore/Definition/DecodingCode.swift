/// The codes of what the decoder finds; they never change their meaning.
public enum DecodingCode: String, Sendable, CaseIterable {
  case jsonInvalid = "json.invalid"
  case jsonDuplicateKey = "json.duplicate-key"
  case limitExceeded = "limit.exceeded"
  case fieldUnknown = "field.unknown"
  case fieldMissing = "field.missing"
  case fieldType = "field.type"
  case fieldMisplaced = "field.misplaced"
  case fieldUseless = "field.useless"
  case valueEmpty = "value.empty"
  case valueRange = "value.range"
  case nameInvalid = "name.invalid"
  case nameDuplicate = "name.duplicate"
  case durationInvalid = "duration.invalid"
  case schemaInvalid = "schema.invalid"
  case definitionMode = "definition.mode"
  case messageKey = "message.key"
  case messageMissing = "message.missing"
  case handlingConflict = "handling.conflict"
  case stateIncomplete = "state.incomplete"
  case stateFinal = "state.final"
  case transitionGoto = "transition.goto"
  case replyConflict = "reply.conflict"
  case stepForm = "step.form"
  case stepDuplicate = "step.duplicate"
  case undoForm = "undo.form"

  /// What the code means and how such a finding is mended, for `saga check --explain`.
  public var explanation: String {
    switch self {
    case .jsonInvalid:
      "The file is no JSON (RFC 8259) in UTF-8. Comments, trailing commas and a byte order mark are not allowed."
    case .jsonDuplicateKey:
      "A key stands twice in one object, so one of the two would silently be ignored. Remove or rename one."
    case .limitExceeded:
      "The file is over a named limit of `DefinitionLimits`. Split the saga, or make a child saga a participant."
    case .fieldUnknown:
      "The object has no field of this name. Mend the spelling; the nearest known name is given where there is one."
    case .fieldMissing: "A field that must be there is not. Add it."
    case .fieldType: "A value has the wrong JSON type. A string that is no name, duration or destination is CEL."
    case .fieldMisplaced: "The field exists in the language, but not here. The mend says where it belongs."
    case .fieldUseless: "The field would have no effect here, because it needs another one that is not there."
    case .valueEmpty: "A text, list or object that must hold something is empty."
    case .valueRange: "A number or duration is outside the allowed range."
    case .nameInvalid:
      "Sagas, roles, states, steps and further keys are named by a letter followed by letters, digits, `_` and `-`; "
        + "message types are any text without control characters."
    case .nameDuplicate: "A type stands twice in one list. Remove one."
    case .durationInvalid:
      "A duration literal is a whole number and one unit: \"500ms\", \"30s\", \"15m\", \"36h\", \"30d\". A CEL duration "
        + "is written duration('1h30m')."
    case .schemaInvalid: "A JSON Schema is malformed or uses what is not supported."
    case .definitionMode: "A saga has either `roles` (choreography) or `steps` (orchestration)."
    case .messageKey: "`key` is a CEL expression, or an object with one further key and its expression."
    case .messageMissing: "`missing` is a duration literal, \"ignore\" or \"reject\"."
    case .handlingConflict: "One type is listed under two of `defer`, `ignore` and `reject`. Keep one."
    case .stateIncomplete:
      "A state with `do` says where to go when it is `done` and when it `failed`, and only such a state."
    case .stateFinal: "A final state ends the role: it handles nothing and does nothing."
    case .transitionGoto:
      "A transition that starts or compensates names the state that follows. An orchestration does so by itself."
    case .replyConflict: "A reply is a success, a failure (`fail`) or asks for a repetition (`again`): one of these."
    case .stepForm: "A step has exactly one of `step forEach parallel choose try publish set fail`."
    case .stepDuplicate: "Two steps of a role have one name, which their idempotency keys are made of. Rename one."
    case .undoForm: "An undo is \"none\", a call, or an object with `publish`."
    }
  }
}
