/// The keywords that hold schemas.
extension SchemaCompiler {
  mutating func readSubschemas(
    _ schema: JSONObject, _ path: JSONPointerPath, into node: inout SchemaRules
  ) throws(SchemaError) {
    for (name, place) in try members("properties", schema, path) {
      node.properties.append((name, place))
      node.propertyIndex[ExactText(text: name)] = place
    }
    for (name, place) in try members("patternProperties", schema, path) {
      let pattern = try compilePattern(name, path.appending("patternProperties").appending(name))
      node.patternProperties.append((pattern, place))
    }
    _ = try members("$defs", schema, path)
    node.dependentSchemas = try members("dependentSchemas", schema, path).map { (name: $0.0, node: $0.1) }
    node.additionalProperties = try single("additionalProperties", schema, path)
    node.propertyNames = try single("propertyNames", schema, path)
    if case .array? = schema["items"] {
      throw error(
        path.appending("items"), "`items` is one schema for all elements; write `prefixItems` for a list of schemas")
    }
    node.items = try single("items", schema, path)
    node.prefixItems = try list("prefixItems", schema, path)
    node.contains = try single("contains", schema, path)
    node.allOf = try list("allOf", schema, path)
    node.anyOf = try list("anyOf", schema, path)
    node.oneOf = try list("oneOf", schema, path)
    node.negated = try single("not", schema, path)
    node.condition = try single("if", schema, path)
    node.consequence = try single("then", schema, path)
    node.alternative = try single("else", schema, path)
    if let reference = schema["$ref"] { node.reference = try resolve(reference, path.appending("$ref")) }
  }

  private mutating func single(
    _ name: String, _ schema: JSONObject, _ path: JSONPointerPath
  ) throws(SchemaError) -> Int? {
    guard let value = schema[name] else { return nil }
    return try compile(value, at: path.appending(name))
  }

  private mutating func list(_ name: String, _ schema: JSONObject, _ path: JSONPointerPath) throws(SchemaError) -> [Int]
  {
    guard let value = schema[name] else { return [] }
    guard case .array(let schemas) = value, !schemas.isEmpty else {
      throw error(path.appending(name), "`\(name)` is a list of at least one schema")
    }
    var places: [Int] = []
    for index in schemas.indices {
      places.append(try compile(schemas[index], at: path.appending(name).appending(index)))
    }
    return places
  }

  private mutating func members(
    _ name: String, _ schema: JSONObject, _ path: JSONPointerPath
  ) throws(SchemaError) -> [(String, Int)] {
    guard let value = schema[name] else { return [] }
    guard case .object(let schemas) = value else {
      throw error(path.appending(name), "`\(name)` is an object that gives each name a schema")
    }
    var places: [(String, Int)] = []
    for member in schemas.members {
      places.append((member.key, try compile(member.value, at: path.appending(name).appending(member.key))))
    }
    return places
  }

  /// The node a `$ref` leads to: a JSON Pointer in a URI fragment (RFC 6901, 6). All other forms have been turned into this one
  /// by `SchemaLinker`.
  private mutating func resolve(_ reference: JSON, _ path: JSONPointerPath) throws(SchemaError) -> Int {
    guard case .string(let text) = reference, text == "#" || text.hasPrefix("#/") else {
      throw error(path, "`$ref` is a reference like `#/$defs/Name`, not \(reference.shown)")
    }
    var target: JSONPointerPath = []
    var value = document
    for name in URIReference(text).pointer ?? [] {
      let next: JSON?
      if case .array = value, let index = Int(name) {
        (next, target) = (value[index], target.appending(index))
      } else {
        (next, target) = (value[name], target.appending(name))
      }
      guard let next else { throw error(path, missing(text, name, in: value)) }
      value = next
    }
    return try compile(value, at: target)
  }

  private func missing(_ reference: String, _ name: String, in value: JSON) -> String {
    let nearest = nearestName(to: name, among: value.objectValue?.keys ?? []).map { "; did you mean `\($0)`?" } ?? ""
    return "`\(reference)` leads nowhere: there is no `\(name)`\(nearest)"
  }
}
