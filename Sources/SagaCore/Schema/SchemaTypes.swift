import CEL

extension Schema {
  /// How deep `celType` describes nested values; deeper ones, and schemas that contain themselves, are `dyn`.
  static let maximumTypeDepth = 16

  /// The static type of a valid, normalised value in expressions.
  ///
  /// `properties` make an object type, open unless `additionalProperties` is false; an object without properties whose additional
  /// ones have a schema is a map; `items` makes a list; a type together with null is nullable; `$ref` is followed; `allOf` gives
  /// its properties. Values that several types fit are `dyn`.
  public var celType: CELType { type(of: root, name: title(of: root) ?? "object", open: []) }

  private func title(of place: Int) -> String? { nodes[place].title }

  private func type(of place: Int, name: String, open: [Int]) -> CELType {
    if open.contains(place) || open.count >= Schema.maximumTypeDepth { return .dyn }
    let applied = described(by: place).map { nodes[$0] }
    let stated = applied.compactMap(\.types)
    guard var types = stated.first else { return impliedType(applied) }
    for more in stated.dropFirst() { types = types.intersection(more) }
    let isNullable = types.contains(.null)
    types.remove(.null)
    let type: CELType
    switch types {
    case []: return isNullable ? .null : .dyn
    case .boolean: type = .bool
    case .integer: type = .int
    case .number: type = .double
    case [.integer, .number]: type = stated.count == 1 ? .double : .dyn
    case .string: type = .string
    case .array: type = .list(elementType(applied, place, name: name, open: open))
    case .object: type = objectType(applied, place, name: name, open: open)
    default: return .dyn
    }
    return isNullable ? .nullable(type) : type
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

  private func elementType(_ applied: [SchemaNode], _ place: Int, name: String, open: [Int]) -> CELType {
    guard applied.allSatisfy({ $0.prefixItems.isEmpty }) else { return .dyn }
    let items = applied.compactMap(\.items)
    guard items.count == 1 else { return .dyn }
    return type(of: items[0], name: title(of: items[0]) ?? name + "[]", open: open + [place])
  }

  private func objectType(_ applied: [SchemaNode], _ place: Int, name: String, open: [Int]) -> CELType {
    var fields: [(name: String, type: CELType)] = []
    var isOpen = true
    for node in applied {
      if let additional = node.additionalProperties, nodes[additional].verdict == false, node.patternProperties.isEmpty
      {
        isOpen = false
      }
      for (field, property) in node.properties {
        let fieldName = title(of: property) ?? name + "." + field
        let fieldType = type(of: property, name: fieldName, open: open + [place])
        if let known = fields.firstIndex(where: { $0.name.hasSameCodePoints(as: field) }) {
          if fields[known].type != fieldType { fields[known].type = .dyn }
        } else {
          fields.append((field, fieldType))
        }
      }
    }
    if fields.isEmpty, let values = mapValues(applied) {
      return .map(.string, type(of: values, name: title(of: values) ?? name + ".*", open: open + [place]))
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
