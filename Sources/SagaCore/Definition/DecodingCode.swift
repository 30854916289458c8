/// The codes of what the decoder finds; they never change their meaning.
public enum DecodingCode: String, Sendable, CaseIterable {
  /// The file is no JSON (RFC 8259) in UTF-8. Comments, trailing commas and a byte order mark are not allowed.
  case jsonInvalid = "json.invalid"
  /// A key stands twice in one object, so one of the two would silently be ignored. Remove or rename one.
  case jsonDuplicateKey = "json.duplicate-key"
  /// The file is over a named limit of `DefinitionLimits`. Split the saga, or make a child saga a participant.
  case limitExceeded = "limit.exceeded"
  /// The object has no field of this name. Mend the spelling; the nearest known name is given where there is one.
  case fieldUnknown = "field.unknown"
  /// A field that must be there is not. Add it.
  case fieldMissing = "field.missing"
  /// A value has the wrong JSON type. A string that is no name, duration or destination is CEL.
  case fieldType = "field.type"
  /// The field exists in the language, but not here. The mend says where it belongs.
  case fieldMisplaced = "field.misplaced"
  /// The field would have no effect here, because it needs another one that is not there.
  case fieldUseless = "field.useless"
  /// A text, list or object that must hold something is empty.
  case valueEmpty = "value.empty"
  /// A number or duration is outside the allowed range.
  case valueRange = "value.range"
  /// Sagas, roles, states, steps and further keys are named by a letter followed by letters, digits, `_` and `-`; message types
  /// are any text without control characters.
  case nameInvalid = "name.invalid"
  /// A type stands twice in one list. Remove one.
  case nameDuplicate = "name.duplicate"
  /// A duration literal is a whole number and one unit: "500ms", "30s", "15m", "36h", "30d". A CEL duration is written
  /// duration('1h30m').
  case durationInvalid = "duration.invalid"
  /// A JSON Schema is malformed or uses what is not supported.
  case schemaInvalid = "schema.invalid"
  /// A saga has either `roles` (choreography) or `steps` (orchestration).
  case definitionMode = "definition.mode"
  /// Two files say different things under one name and version, by which stores and services know a definition. The
  /// changed one has a new version.
  case definitionTwice = "definition.twice"
  /// `key` is a CEL expression, or an object with one further key and its expression.
  case messageKey = "message.key"
  /// `missing` is a duration literal, "ignore" or "reject".
  case messageMissing = "message.missing"
  /// One type is listed under two of `defer`, `ignore` and `reject`. Keep one.
  case handlingConflict = "handling.conflict"
  /// A state with `do` says where to go when it is `done` and when it `failed`, and only such a state.
  case stateIncomplete = "state.incomplete"
  /// A final state ends the role: it handles nothing and does nothing.
  case stateFinal = "state.final"
  /// A transition that starts or compensates names the state that follows. An orchestration does so by itself.
  case transitionGoto = "transition.goto"
  /// A reply is a success, a failure (`fail`) or asks for a repetition (`again`): one of these.
  case replyConflict = "reply.conflict"
  /// A step has exactly one of `step forEach parallel choose try publish set fail`.
  case stepForm = "step.form"
  /// Two steps of a role have one name, which their idempotency keys are made of. Rename one.
  case stepDuplicate = "step.duplicate"
  /// An undo is "none", a call, or an object with `publish`.
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
    case .definitionTwice:
      "Two files say different things under one name and version, by which stores and services know a definition. The "
        + "changed one has a new version."
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
