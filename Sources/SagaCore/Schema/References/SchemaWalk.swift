/// The schemas that stand directly in a schema.
enum SchemaWalk {
  /// Calls `body` with each and its path from the schema that holds it.
  static func visit(_ schema: JSONObject, _ body: (JSONPointerPath, JSON) -> Void) {
    for (keyword, value) in schema {
      if SchemaKeywords.single.contains(keyword) {
        body([.key(keyword)], value)
      } else if SchemaKeywords.lists.contains(keyword), case .array(let parts) = value {
        for (index, part) in parts.enumerated() { body([.key(keyword), .index(index)], part) }
      } else if SchemaKeywords.maps.contains(keyword), case .object(let parts) = value {
        for (name, part) in parts { body([.key(keyword), .key(name)], part) }
      }
    }
  }

  /// The schema with each of them replaced by what `change` makes of it.
  static func map(
    _ schema: JSONObject, _ change: (JSONPointerPath, JSON) throws(SchemaError) -> JSON
  ) throws(SchemaError) -> JSONObject {
    var result = schema
    for (keyword, value) in schema {
      if SchemaKeywords.single.contains(keyword) {
        result[keyword] = try change([.key(keyword)], value)
      } else if SchemaKeywords.lists.contains(keyword), case .array(let parts) = value {
        var changed: [JSON] = []
        for (index, part) in parts.enumerated() { changed.append(try change([.key(keyword), .index(index)], part)) }
        result[keyword] = .array(changed)
      } else if SchemaKeywords.maps.contains(keyword), case .object(let parts) = value {
        var changed = JSONObject()
        for (name, part) in parts { changed[name] = try change([.key(keyword), .key(name)], part) }
        result[keyword] = .object(changed)
      }
    }
    return result
  }
}
