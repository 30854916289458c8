/// What kind of change a `SchemaFinding` is about. Named from the reader's side: `required.added` is a property that the reader
/// requires and the writer may leave out, whichever of the two schemas is the newer one.
public enum SchemaChangeCode: String, Sendable, CaseIterable {
  /// The reader takes fewer types of values.
  case typeNarrowed = "type.narrowed"
  /// The reader's `enum` lacks a value that the writer's has.
  case enumNarrowed = "enum.narrowed"
  /// The reader has an `enum` and the writer none.
  case enumAdded = "enum.added"
  /// Both have a `const`, and they differ.
  case constChanged = "const.changed"
  /// The reader has a `const` and the writer may send something else.
  case constAdded = "const.added"
  /// The reader's `minimum` or `exclusiveMinimum` is higher.
  case minimumRaised = "minimum.raised"
  /// The reader's `maximum` or `exclusiveMaximum` is lower.
  case maximumLowered = "maximum.lowered"
  /// The writer's numbers need be no multiples of the reader's `multipleOf`.
  case multipleOfNarrowed = "multipleOf.narrowed"
  /// The reader wants longer texts.
  case minLengthRaised = "minLength.raised"
  /// The reader wants shorter texts.
  case maxLengthLowered = "maxLength.lowered"
  /// The reader has a `pattern` and the writer none.
  case patternAdded = "pattern.added"
  /// Both have a `pattern`, and they differ: nothing is proven.
  case patternChanged = "pattern.changed"
  /// The reader wants longer arrays.
  case minItemsRaised = "minItems.raised"
  /// The reader wants shorter arrays.
  case maxItemsLowered = "maxItems.lowered"
  /// The reader takes no array that has an element twice.
  case uniqueItemsAdded = "uniqueItems.added"
  /// The reader wants an element, or so many, that the writer need not send.
  case containsNarrowed = "contains.narrowed"
  /// The reader takes no elements at a place where the writer may send some.
  case itemsClosed = "items.closed"
  /// The reader wants more members.
  case minPropertiesRaised = "minProperties.raised"
  /// The reader takes fewer members.
  case maxPropertiesLowered = "maxProperties.lowered"
  /// The reader requires a property that the writer may leave out.
  case requiredAdded = "required.added"
  /// The reader requires a property beside another one, and the writer does not.
  case dependentRequiredAdded = "dependentRequired.added"
  /// The reader takes no property of a name that the writer may send.
  case propertyRefused = "property.refused"
  /// Only the reader names the property, and the writer's schema is open: whether anybody has sent it is not known.
  case propertyUndeclared = "property.undeclared"
  /// The reader takes no properties but those it names.
  case additionalClosed = "additionalProperties.closed"
  /// The reader takes less under names that it does not know.
  case additionalNarrowed = "additionalProperties.narrowed"
  /// The reader takes less under the names that a pattern fits.
  case patternPropertiesNarrowed = "patternProperties.narrowed"
  /// The reader takes fewer names.
  case propertyNamesNarrowed = "propertyNames.narrowed"
  /// The reader's `anyOf` or `oneOf` refuses something that the writer may send.
  case alternativesNarrowed = "alternatives.narrowed"
  /// Nothing tells the alternatives of `anyOf` or `oneOf` apart: nothing is proven.
  case alternativesUnproven = "alternatives.unproven"
  /// `not`, `if` and the like differ: nothing is proven.
  case notUnproven = "not.unproven"
  /// The reader's schema is `false`.
  case nothingAllowed = "schema.false"
  /// The comparison takes more steps than it may: nothing is proven.
  case limit = "limit"
  /// The new version does not take the type any more.
  case messageRemoved = "message.removed"
  /// Only the new version takes the type.
  case messageAdded = "message.added"
  /// The new version takes the old data by an `upcast`.
  case messageLifted = "message.lifted"

  /// The code of what a keyword of the reader refuses.
  init(refusedBy keyword: String) {
    switch keyword {
    case "type": self = .typeNarrowed
    case "enum": self = .enumNarrowed
    case "const": self = .constChanged
    case "minimum", "exclusiveMinimum": self = .minimumRaised
    case "maximum", "exclusiveMaximum": self = .maximumLowered
    case "multipleOf": self = .multipleOfNarrowed
    case "minLength": self = .minLengthRaised
    case "maxLength": self = .maxLengthLowered
    case "pattern": self = .patternAdded
    case "minItems": self = .minItemsRaised
    case "maxItems": self = .maxItemsLowered
    case "uniqueItems": self = .uniqueItemsAdded
    case "contains", "maxContains": self = .containsNarrowed
    case "minProperties": self = .minPropertiesRaised
    case "maxProperties": self = .maxPropertiesLowered
    case "required": self = .requiredAdded
    case "dependentRequired": self = .dependentRequiredAdded
    case "additionalProperties": self = .propertyRefused
    case "propertyNames": self = .propertyNamesNarrowed
    case "limit": self = .limit
    case "false": self = .nothingAllowed
    default: self = .alternativesNarrowed
    }
  }

  /// What mends a finding of this code.
  func mend(_ direction: SchemaDirection) -> String {
    let way =
      direction == .backward
      ? "or keep the old version under `accepts` with an `upcast`"
      : "or update every reader before the first message of the new version is sent"
    switch self {
    case .typeNarrowed, .enumNarrowed, .constChanged:
      return "Let both versions allow the same values, \(way)."
    case .enumAdded, .constAdded, .patternAdded:
      return direction == .backward
        ? "Leave the new restriction out, \(way)." : "Keep the restriction of the old version, \(way)."
    case .minimumRaised, .maximumLowered, .multipleOfNarrowed, .minLengthRaised, .maxLengthLowered, .minItemsRaised,
      .maxItemsLowered, .minPropertiesRaised, .maxPropertiesLowered, .uniqueItemsAdded, .containsNarrowed:
      return direction == .backward
        ? "Keep the limit of the old version, \(way)." : "Do not allow more than the old version, \(way)."
    case .requiredAdded, .dependentRequiredAdded:
      return direction == .backward ? "Leave it optional, \(way)." : "Keep it required, \(way)."
    case .propertyRefused, .additionalClosed, .additionalNarrowed, .itemsClosed:
      return direction == .backward
        ? "Go on allowing what the old version allows, \(way)."
        : "The old version has to allow additional properties before new ones are sent, \(way)."
    case .propertyUndeclared:
      return "Make sure that nobody sends the name with another meaning, or take a name that is new."
    case .patternPropertiesNarrowed, .propertyNamesNarrowed, .patternChanged, .alternativesNarrowed, .notUnproven,
      .nothingAllowed:
      return "Keep the rule as it was, \(way)."
    case .alternativesUnproven:
      return "Tell the alternatives apart by a required property with `const`, keep the rule as it was, \(way)."
    case .limit: return "Make the schemas simpler, or compare their parts."
    case .messageRemoved: return "Keep the type until nobody sends it, \(way)."
    case .messageAdded: return "Services with the old definition do not take it."
    case .messageLifted: return "Data of the old version goes through the `upcast` under `accepts`."
    }
  }
}
