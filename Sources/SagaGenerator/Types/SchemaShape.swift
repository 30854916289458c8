import SagaCore

/// What a schema says of values, as far as a type of Swift can say it too.
struct SchemaShape {
  enum Kind {
    case string, boolean, integer, number
    /// Whatever has no better type: alternatives, objects with free members, no schema.
    case anything
    /// Strings of a list.
    case enumeration([String])
    /// Elements of one schema, or of any.
    case list(SchemaPlace?)
    /// Members of one schema under free names.
    case map(SchemaPlace)
    case structure([Member])
    /// What another schema says, by a `$ref` alone.
    case reference(SchemaPlace)
  }

  struct Member {
    var key: String
    /// nil where the object requires a member of which it says nothing.
    var place: SchemaPlace?
    var isRequired: Bool
  }

  var kind: Kind
  var isNullable = false

  /// Whether the kind is worth a type with a name.
  var declaresType: Bool {
    switch kind {
    case .enumeration, .structure: true
    default: false
    }
  }

  init(_ place: SchemaPlace) {
    if place.isPlainReference, let target = place.referenced {
      kind = .reference(target)
      return
    }
    let applied = place.applied()
    guard var types = SchemaShape.types(applied) else {
      kind = .anything
      return
    }
    isNullable = types.contains("null")
    types.removeAll { $0 == "null" }
    switch types {
    case ["string"]: kind = SchemaShape.strings(applied)
    case ["boolean"]: kind = .boolean
    case ["integer"]: kind = .integer
    case ["number"], ["integer", "number"], ["number", "integer"]: kind = .number
    case ["array"]: kind = .list(SchemaShape.elements(applied))
    case ["object"]: kind = SchemaShape.object(applied)
    default: kind = .anything
    }
  }

  /// The types that are allowed, in their order; those of the values where only values are listed. nil where nothing is said.
  private static func types(_ applied: [SchemaPlace]) -> [String]? {
    let stated = applied.compactMap { place -> [String]? in
      place["type"].map { ($0.arrayValue ?? [$0]).compactMap(\.stringValue) }
    }
    if let first = stated.first {
      return stated.dropFirst().reduce(first) { left, right in left.filter { right.contains($0) } }
    }
    guard let values = values(applied) else { return nil }
    var kinds: [String] = []
    for value in values {
      let kind = if case .int = value { "integer" } else { value.kindName }
      // Objects and arrays of a list say nothing of their parts.
      guard kind != "object", kind != "array" else { return nil }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }

  private static func values(_ applied: [SchemaPlace]) -> [JSON]? {
    for place in applied {
      if let constant = place["const"] { return [constant] }
      if let values = place["enum"]?.arrayValue { return values }
    }
    return nil
  }

  private static func strings(_ applied: [SchemaPlace]) -> Kind {
    guard let values = values(applied) else { return .string }
    var strings: [String] = []
    for case .string(let value) in values where !strings.contains(value) { strings.append(value) }
    return strings.isEmpty ? .string : .enumeration(strings)
  }

  private static func elements(_ applied: [SchemaPlace]) -> SchemaPlace? {
    guard applied.allSatisfy({ $0["prefixItems"] == nil }) else { return nil }
    let items = applied.compactMap { $0.part("items") }
    return items.count == 1 ? items[0] : nil
  }

  private static func object(_ applied: [SchemaPlace]) -> Kind {
    // Which members there are depends on alternatives: a struct would lose some.
    if applied.contains(where: { $0["patternProperties"] != nil || hasAlternativeMembers($0) }) { return .anything }
    let required = applied.flatMap { $0["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    var members: [Member] = []
    for (key, place) in applied.flatMap({ $0.parts("properties") }) {
      if let known = members.firstIndex(where: { $0.key == key }) {
        // Said twice, perhaps in two ways: one of them is not enough.
        if members[known].place?.json != place.json { members[known].place = nil }
      } else {
        members.append(Member(key: key, place: place, isRequired: required.contains(key)))
      }
    }
    if members.isEmpty {
      let additional = applied.compactMap { $0.part("additionalProperties") }
      if additional.contains(where: { $0.json.boolValue == false }) { return .structure([]) }
      if additional.count == 1, additional[0].json.objectValue != nil { return .map(additional[0]) }
      return .anything
    }
    for key in required where !members.contains(where: { $0.key == key }) {
      members.append(Member(key: key, place: nil, isRequired: true))
    }
    return .structure(members)
  }

  private static func hasAlternativeMembers(_ place: SchemaPlace) -> Bool {
    var alternatives = ["oneOf", "anyOf", "dependentSchemas"].flatMap { place.parts($0).map(\.place) }
    alternatives += ["then", "else"].compactMap { place.part(.key($0)) }
    return alternatives.contains { $0["properties"] != nil || $0["$ref"] != nil || $0["allOf"] != nil }
  }
}
