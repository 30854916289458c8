/// One subschema, compiled. Other subschemas are named by their place in `Schema.nodes`.
///
/// A class, because every check takes a node out of the list, and that must cost one reference.
@dynamicMemberLookup
final class SchemaNode: Sendable {
  let rules: SchemaRules

  init(_ rules: SchemaRules) { self.rules = rules }

  subscript<Value>(dynamicMember path: KeyPath<SchemaRules, Value>) -> Value { rules[keyPath: path] }

  /// The subschemas of a member: see `SchemaRules`.
  func nodes(ofMember name: String) -> [Int] { rules.nodes(ofMember: name) }

  func property(_ name: String) -> Int? { rules.property(name) }

  func node(ofElement index: Int) -> Int? { rules.node(ofElement: index) }
}

/// What a subschema says, keyword by keyword.
struct SchemaRules: Sendable {
  /// What the schemas `true` and `false` say about every value.
  var verdict: Bool?

  var types: SchemaTypeSet?
  var enumeration: [JSON]?
  var constant: JSON?

  var minimum: JSON?
  var maximum: JSON?
  var exclusiveMinimum: JSON?
  var exclusiveMaximum: JSON?
  var multipleOf: JSON?

  var minLength: Int?
  var maxLength: Int?
  var pattern: SchemaPattern?

  var minItems: Int?
  var maxItems: Int?
  var uniqueItems = false
  var prefixItems: [Int] = []
  var items: Int?
  var contains: Int?
  var minContains: Int?
  var maxContains: Int?

  var minProperties: Int?
  var maxProperties: Int?
  var required: [String] = []
  var properties: [(name: String, node: Int)] = []
  /// Finds a property by name; `properties` has the order.
  var propertyIndex: [ExactText: Int] = [:]
  var patternProperties: [(pattern: SchemaPattern, node: Int)] = []
  var additionalProperties: Int?
  var propertyNames: Int?
  /// Which other properties the presence of one requires.
  var dependentRequired: [(name: String, required: [String])] = []
  /// What the presence of a property says about the whole object.
  var dependentSchemas: [(name: String, node: Int)] = []

  var reference: Int?
  var allOf: [Int] = []
  var anyOf: [Int] = []
  var oneOf: [Int] = []
  var negated: Int?
  var condition: Int?
  var consequence: Int?
  var alternative: Int?

  var defaultValue: JSON?
  /// Names the type in the messages of expressions.
  var title: String?

  init(verdict: Bool? = nil) { self.verdict = verdict }

  /// The subschemas that apply to the same value as this one does.
  var appliedInPlace: [Int] {
    [reference, negated, condition, consequence, alternative].compactMap(\.self) + allOf + anyOf + oneOf
      + dependentSchemas.map(\.node)
  }

  /// Whether there are any of `appliedInPlace`.
  var appliesInPlace: Bool {
    reference != nil || condition != nil || negated != nil || !allOf.isEmpty || !anyOf.isEmpty || !oneOf.isEmpty
      || !dependentSchemas.isEmpty
  }

  /// The subschema of a property; a few are found faster by a scan.
  func property(_ name: String) -> Int? {
    if properties.count > JSONObject.scanLimit { return propertyIndex[ExactText(text: name)] }
    for property in properties where property.name.hasSameCodePoints(as: name) { return property.node }
    return nil
  }

  /// The subschemas of a member: that of its property, those of patterns it matches, else the one for additional properties.
  /// A pattern that gives no answer counts as one that does not match: validation refuses the value.
  func nodes(ofMember name: String) -> [Int] {
    var found: [Int] = []
    if let node = property(name) { found.append(node) }
    for (pattern, node) in patternProperties where pattern.matches(name) == true { found.append(node) }
    if found.isEmpty, let additionalProperties { found.append(additionalProperties) }
    return found
  }

  /// The subschema of an element.
  func node(ofElement index: Int) -> Int? { index < prefixItems.count ? prefixItems[index] : items }
}

/// The values of `type`.
struct SchemaTypeSet: OptionSet, Sendable {
  let rawValue: UInt8

  static let null = SchemaTypeSet(rawValue: 1)
  static let boolean = SchemaTypeSet(rawValue: 2)
  static let integer = SchemaTypeSet(rawValue: 4)
  static let number = SchemaTypeSet(rawValue: 8)
  static let string = SchemaTypeSet(rawValue: 16)
  static let array = SchemaTypeSet(rawValue: 32)
  static let object = SchemaTypeSet(rawValue: 64)

  static let names: [(String, SchemaTypeSet)] = [
    ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .number), ("string", .string),
    ("array", .array), ("object", .object),
  ]

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init?(name: String) {
    guard let found = SchemaTypeSet.names.first(where: { $0.0 == name }) else { return nil }
    self = found.1
  }

  /// Whether a value is of one of the types. An integer is any integral number that fits in 64 bits, however it is written.
  func allows(_ value: JSON) -> Bool {
    switch value {
    case .null: contains(.null)
    case .bool: contains(.boolean)
    case .int: contains(.integer) || contains(.number)
    case .double(let value): contains(.number) || (contains(.integer) && Int64(exactly: value) != nil)
    case .string: contains(.string)
    case .array: contains(.array)
    case .object: contains(.object)
    }
  }

  /// `an integer or null`, for messages.
  var text: String {
    let words = SchemaTypeSet.names.filter { contains($0.1) }.map { name, _ in
      switch name {
      case "null": "null"
      case "integer", "array", "object": "an \(name)"
      default: "a \(name)"
      }
    }
    return words.joined(separator: " or ")
  }
}
