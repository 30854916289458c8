/// What kind of change a `SchemaFinding` is about. Named from the reader's side: `required.added` is a property that the reader
/// requires and the writer may leave out, whichever of the two schemas is the newer one.
public enum SchemaChangeCode: String, Sendable, CaseIterable {
  case typeNarrowed = "type.narrowed"
  case enumNarrowed = "enum.narrowed"
  case enumAdded = "enum.added"
  case constChanged = "const.changed"
  case constAdded = "const.added"
  case minimumRaised = "minimum.raised"
  case maximumLowered = "maximum.lowered"
  case multipleOfNarrowed = "multipleOf.narrowed"
  case minLengthRaised = "minLength.raised"
  case maxLengthLowered = "maxLength.lowered"
  case patternAdded = "pattern.added"
  case patternChanged = "pattern.changed"
  case minItemsRaised = "minItems.raised"
  case maxItemsLowered = "maxItems.lowered"
  case uniqueItemsAdded = "uniqueItems.added"
  case containsNarrowed = "contains.narrowed"
  case itemsClosed = "items.closed"
  case minPropertiesRaised = "minProperties.raised"
  case maxPropertiesLowered = "maxProperties.lowered"
  case requiredAdded = "required.added"
  case dependentRequiredAdded = "dependentRequired.added"
  case propertyRefused = "property.refused"
  case propertyUndeclared = "property.undeclared"
  case additionalClosed = "additionalProperties.closed"
  case additionalNarrowed = "additionalProperties.narrowed"
  case patternPropertiesNarrowed = "patternProperties.narrowed"
  case propertyNamesNarrowed = "propertyNames.narrowed"
  case alternativesNarrowed = "alternatives.narrowed"
  case alternativesUnproven = "alternatives.unproven"
  case notUnproven = "not.unproven"
  case nothingAllowed = "schema.false"
  case limit = "limit"
  case messageRemoved = "message.removed"
  case messageAdded = "message.added"
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
