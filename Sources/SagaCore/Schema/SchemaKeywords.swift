/// The keywords that schemas may use.
enum SchemaKeywords {
  /// Those that check or describe values.
  static let applied = [
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
    "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "prefixItems", "items", "contains", "minContains",
    "maxContains", "minProperties", "maxProperties", "required", "properties", "patternProperties",
    "additionalProperties",
    "propertyNames", "dependentRequired", "dependentSchemas", "$ref", "$defs", "$anchor", "$id", "allOf", "anyOf",
    "oneOf", "not", "if", "then", "else", "default",
  ]

  /// Those that are kept and check nothing; so is every name that begins with `x-`.
  static let annotations = [
    "title", "description", "examples", "format", "$schema", "$comment", "deprecated", "readOnly", "writeOnly",
    "contentEncoding", "contentMediaType",
  ]

  /// The applied ones whose value is one schema.
  static let single = [
    "items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else",
  ]

  /// The applied ones whose value is a list of schemas.
  static let lists = ["prefixItems", "allOf", "anyOf", "oneOf"]

  /// The applied ones whose value gives names a schema each.
  static let maps = ["properties", "patternProperties", "dependentSchemas", "$defs"]

  /// Keywords of JSON Schema, and of its earlier drafts and relatives, that are refused, with what to write instead.
  static let refused: [String: String] = [
    "definitions": "write `$defs`",
    "dependencies": "write `dependentRequired` or `dependentSchemas`",
    "unevaluatedProperties": "write `additionalProperties` in the schema that has the `properties`",
    "unevaluatedItems": "write `items`",
    "additionalItems": "write `items`, and `prefixItems` for the first ones",
    "nullable": "write `\"type\": [\"…\", \"null\"]`",
    "id": "write `$id`",
    "$dynamicAnchor": "write `$anchor`",
    "$dynamicRef": "write `$ref`",
    "$recursiveRef": "refer to `#` by `$ref`",
    "$vocabulary": "leave it out",
    "contentSchema": "leave it out",
  ]

  /// Why a keyword is refused, nil if it is known.
  static func fault(of name: String) -> String? {
    if applied.contains(name) || annotations.contains(name) || name.hasPrefix("x-") { return nil }
    if let mend = refused[name] { return "the keyword `\(name)` is not supported: \(mend)" }
    let nearest = nearestName(to: name, among: applied + annotations)
    let mend = nearest.map { "did you mean `\($0)`?" } ?? "names that begin with `x-` are free for your own use"
    return "unknown keyword `\(name)`: \(mend)"
  }
}
