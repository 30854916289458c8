/// The keywords that look at a value alone.
extension SchemaCompiler {
  mutating func readAssertions(
    _ schema: JSONObject, _ path: JSONPointerPath, into node: inout SchemaRules
  ) throws(SchemaError) {
    node.types = try types(schema["type"], path.appending("type"))
    if let values = schema["enum"] {
      guard case .array(let values) = values, !values.isEmpty else {
        throw error(path.appending("enum"), "`enum` is a list of at least one value")
      }
      node.enumeration = values
    }
    node.constant = schema["const"]
    node.defaultValue = schema["default"]
    node.title = schema["title"]?.stringValue
    try readNumberAssertions(schema, path, into: &node)
    node.minLength = try count("minLength", schema, path)
    node.maxLength = try count("maxLength", schema, path)
    if let pattern = schema["pattern"] {
      node.pattern = try compilePattern(pattern.stringValue, path.appending("pattern"))
    }
    node.minItems = try count("minItems", schema, path)
    node.maxItems = try count("maxItems", schema, path)
    node.minContains = try count("minContains", schema, path)
    node.maxContains = try count("maxContains", schema, path)
    node.minProperties = try count("minProperties", schema, path)
    node.maxProperties = try count("maxProperties", schema, path)
    if let unique = schema["uniqueItems"] {
      guard case .bool(let unique) = unique else {
        throw error(path.appending("uniqueItems"), "`uniqueItems` is true or false")
      }
      node.uniqueItems = unique
    }
    node.required = try names(schema["required"], path.appending("required"))
    if let dependent = schema["dependentRequired"] {
      guard case .object(let members) = dependent else {
        throw error(path.appending("dependentRequired"), "`dependentRequired` is an object of lists of property names")
      }
      for (name, value) in members {
        let place = path.appending("dependentRequired").appending(name)
        node.dependentRequired.append((name, try names(value, place)))
      }
    }
    try checkIdentifiers(schema, path)
  }

  /// `$id` and `$anchor` are read before, by `SchemaLinker`, unless nothing refers to them.
  private func checkIdentifiers(_ schema: JSONObject, _ path: JSONPointerPath) throws(SchemaError) {
    for name in ["$id", "$anchor"] {
      if let value = schema[name], value.stringValue == nil {
        throw error(path.appending(name), "`\(name)` is a string, not \(value.shown)")
      }
    }
  }

  private func readNumberAssertions(
    _ schema: JSONObject, _ path: JSONPointerPath, into node: inout SchemaRules
  ) throws(SchemaError) {
    node.minimum = try number("minimum", schema, path)
    node.maximum = try number("maximum", schema, path)
    node.exclusiveMinimum = try number("exclusiveMinimum", schema, path)
    node.exclusiveMaximum = try number("exclusiveMaximum", schema, path)
    node.multipleOf = try number("multipleOf", schema, path)
    if let divisor = node.multipleOf?.doubleValue, divisor <= 0 {
      throw error(path.appending("multipleOf"), "`multipleOf` is greater than 0")
    }
  }

  private func types(_ value: JSON?, _ path: JSONPointerPath) throws(SchemaError) -> SchemaTypeSet? {
    guard let value else { return nil }
    var types: SchemaTypeSet = []
    for name in value.arrayValue ?? [value] {
      guard let type = name.stringValue.flatMap(SchemaTypeSet.init(name:)) else {
        let known = SchemaTypeSet.names.map(\.0)
        let nearest = name.stringValue.flatMap { nearestName(to: $0, among: known) }.map { "; did you mean \"\($0)\"?" }
        throw error(path, "\(name.shown) is no type; they are \(known.joined(separator: ", "))\(nearest ?? "")")
      }
      types.insert(type)
    }
    if types.isEmpty { throw error(path, "`type` names at least one type") }
    return types
  }

  private func number(_ name: String, _ schema: JSONObject, _ path: JSONPointerPath) throws(SchemaError) -> JSON? {
    guard let value = schema[name] else { return nil }
    if value.doubleValue == nil { throw error(path.appending(name), "`\(name)` is a number, not \(value.shown)") }
    return value
  }

  private func count(_ name: String, _ schema: JSONObject, _ path: JSONPointerPath) throws(SchemaError) -> Int? {
    guard let value = schema[name] else { return nil }
    guard let count = value.intValue, count >= 0 else {
      throw error(path.appending(name), "`\(name)` is an integer from 0, not \(value.shown)")
    }
    return Int(count)
  }

  private func names(_ value: JSON?, _ path: JSONPointerPath) throws(SchemaError) -> [String] {
    guard let value else { return [] }
    var names: [String] = []
    for name in value.arrayValue ?? [.null] {
      guard case .string(let name) = name else {
        throw error(path, "a list of property names is wanted, not \(value.shown)")
      }
      names.append(name)
    }
    return names
  }

  func compilePattern(_ text: String?, _ path: JSONPointerPath) throws(SchemaError) -> SchemaPattern {
    guard let text else { throw error(path, "`pattern` is a string") }
    do throws(SchemaPattern.Fault) { return try SchemaPattern(text) } catch { throw self.error(path, error.message) }
  }
}
