import CEL

extension Schema {
  /// How deep `celType` describes nested values; deeper ones, and schemas that contain themselves, are `dyn`.
  static let maximumTypeDepth = 16
  /// How many nested values `celType` describes; of a schema that has more, recursive ones above all, it describes less depth.
  static let maximumTypeParts = 4096

  /// The static type of a valid, normalised value in expressions.
  ///
  /// `properties` make an object type, open unless `additionalProperties` is false; an object without properties whose additional
  /// ones have a schema is a map; `items` makes a list; a type together with null is nullable; `$ref` is followed; `allOf` gives
  /// its properties. Values that several types fit are `dyn`.
  ///
  /// What applies only to some values (`anyOf`, `oneOf`, `if`, `dependentSchemas`, `patternProperties`) gives no type, and
  /// `normalise` does not let it change a number whose type is known without it.
  public var celType: CELType {
    var depth = Schema.maximumTypeDepth
    while true {
      var description = TypeDescription(nodes: nodes, maximumDepth: depth)
      let type = description.type(of: root)
      if !description.isTooLarge || depth <= 2 { return type }
      depth = depth > 4 ? depth / 2 : depth - 1
    }
  }
}

extension [SchemaNode] {
  /// A subschema and those it always applies to the same value, each once.
  func described(by place: Int) -> [Int] {
    let node = self[place]
    if node.reference == nil && node.allOf.isEmpty { return [place] }
    var found: [Int] = []
    describe(place, into: &found)
    return found
  }

  private func describe(_ place: Int, into found: inout [Int]) {
    if found.contains(place) { return }
    found.append(place)
    if let reference = self[place].reference { describe(reference, into: &found) }
    for part in self[place].allOf { describe(part, into: &found) }
  }

  /// Whether what always applies makes every number a double.
  func isDouble(_ place: Int) -> Bool { StatedTypes(described(by: place).map { self[$0] })?.isDouble ?? false }
}

/// The types that several subschemas leave to one value.
private struct StatedTypes {
  /// Without null.
  var types: SchemaTypeSet
  var isNullable: Bool
  private var count: Int

  /// nil where none of them states a type.
  init?(_ applied: [SchemaNode]) {
    let stated = applied.compactMap(\.types)
    guard var types = stated.first else { return nil }
    for more in stated.dropFirst() { types = types.intersection(more) }
    isNullable = types.contains(.null)
    types.remove(.null)
    self.types = types
    count = stated.count
  }

  var isDouble: Bool { types == .number || types == [.integer, .number] && count == 1 }
}

/// Puts a type together, down to some depth.
private struct TypeDescription {
  let nodes: [SchemaNode]
  let maximumDepth: Int
  private var parts = 0
  private var depth = 0
  /// The subschemas that describe the values around the present one. The type of one that contains itself is told twice, so
  /// that a field of the inner value is known too.
  private var open: [Int] = []

  init(nodes: [SchemaNode], maximumDepth: Int) {
    self.nodes = nodes
    self.maximumDepth = maximumDepth
  }

  var isTooLarge: Bool { parts > Schema.maximumTypeParts }

  mutating func type(of root: Int) -> CELType { type(of: root, name: title(of: root) ?? "object") }

  private func title(of place: Int) -> String? { nodes[place].title }

  private mutating func type(of place: Int, name: String) -> CELType {
    parts += 1
    if isTooLarge || depth >= maximumDepth || open.contains(place) { return .dyn }
    let places = nodes.described(by: place)
    if places.contains(where: { isOpenTwice($0) }) { return .dyn }
    let applied = places.map { nodes[$0] }
    guard let stated = StatedTypes(applied) else { return impliedType(applied) }
    let before = open.count
    open += places
    depth += 1
    defer {
      open.removeSubrange(before...)
      depth -= 1
    }
    let type: CELType
    switch stated.types {
    case []: return stated.isNullable ? .null : .dyn
    case .boolean: type = .bool
    case .integer: type = .int
    case .number: type = .double
    case [.integer, .number]: type = stated.isDouble ? .double : .dyn
    case .string: type = .string
    case .array: type = .list(elementType(applied, name: name))
    case .object: type = objectType(applied, name: name)
    default: return .dyn
    }
    return stated.isNullable ? .nullable(type) : type
  }

  private func isOpenTwice(_ place: Int) -> Bool {
    guard let first = open.firstIndex(of: place) else { return false }
    return open[(first + 1)...].contains(place)
  }

  /// The type where no `type` is stated: only an allowed value of another kind could still come, which makes it `dyn`, unless
  /// `enum` or `const` allow strings or booleans alone.
  private func impliedType(_ applied: [SchemaNode]) -> CELType {
    let values = applied.lazy.compactMap { $0.enumeration ?? $0.constant.map { [$0] } }.first
    guard let values else { return .dyn }
    if values.allSatisfy({ $0.stringValue != nil }) { return .string }
    if values.allSatisfy({ $0.boolValue != nil }) { return .bool }
    return .dyn
  }

  private mutating func elementType(_ applied: [SchemaNode], name: String) -> CELType {
    guard applied.allSatisfy({ $0.prefixItems.isEmpty }) else { return .dyn }
    let items = applied.compactMap(\.items)
    guard items.count == 1 else { return .dyn }
    return type(of: items[0], name: title(of: items[0]) ?? name + "[]")
  }

  private mutating func objectType(_ applied: [SchemaNode], name: String) -> CELType {
    var fields: [(name: String, type: CELType)] = []
    var isOpen = true
    for node in applied {
      if let additional = node.additionalProperties, nodes[additional].verdict == false, node.patternProperties.isEmpty
      {
        isOpen = false
      }
      for (field, property) in node.properties {
        let fieldName = title(of: property) ?? name + "." + field
        let fieldType = type(of: property, name: fieldName)
        // One subschema names no property twice.
        if applied.count > 1, let known = fields.firstIndex(where: { $0.name.hasSameCodePoints(as: field) }) {
          if fields[known].type != fieldType { fields[known].type = .dyn }
        } else {
          fields.append((field, fieldType))
        }
      }
    }
    if fields.isEmpty, let values = mapValues(applied) {
      return .map(.string, type(of: values, name: title(of: values) ?? name + ".*"))
    }
    return .object(CELObjectType(name: name, fields: fields, isOpen: isOpen))
  }

  /// The subschema of all members, where it is the only one that speaks of members.
  private func mapValues(_ applied: [SchemaNode]) -> Int? {
    guard applied.allSatisfy({ $0.patternProperties.isEmpty }) else { return nil }
    let additional = applied.compactMap(\.additionalProperties)
    guard additional.count == 1, nodes[additional[0]].verdict == nil else { return nil }
    return additional[0]
  }
}
