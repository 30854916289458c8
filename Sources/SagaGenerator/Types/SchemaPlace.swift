import SagaCore

/// A schema that stands somewhere in the schema of a message.
struct SchemaPlace {
  /// The type of the message.
  let message: String
  /// The message's schema, which stands alone: each `$ref` is a pointer in it.
  let document: JSON
  let path: JSONPointerPath
  let json: JSON

  init(message: String, document: JSON) {
    self.init(message: message, document: document, path: [], json: document)
  }

  private init(message: String, document: JSON, path: JSONPointerPath, json: JSON) {
    self.message = message
    self.document = document
    self.path = path
    self.json = json
  }

  var members: JSONObject { json.objectValue ?? JSONObject() }

  subscript(keyword: String) -> JSON? { json[keyword] }

  /// A schema that stands in this one.
  func part(_ elements: PathElement...) -> SchemaPlace? {
    let path = JSONPointerPath(elements)
    return json[path].map {
      SchemaPlace(message: message, document: document, path: self.path.appending(path), json: $0)
    }
  }

  /// The schemas of a list, or of a map by name.
  func parts(_ keyword: String) -> [(name: String, place: SchemaPlace)] {
    switch self[keyword] {
    case .array(let elements)?:
      elements.indices.compactMap { index in part(.key(keyword), .index(index)).map { ("", $0) } }
    case .object(let members)?:
      members.keys.compactMap { key in part(.key(keyword), .key(key)).map { (key, $0) } }
    default: []
    }
  }

  /// Where its `$ref` leads.
  var referenced: SchemaPlace? {
    guard let text = self["$ref"]?.stringValue, let names = URIReference(text).pointer else { return nil }
    var value = document
    var target: JSONPointerPath = []
    for name in names {
      let next: JSON?
      if case .array = value, let index = Int(name) {
        (next, target) = (value[index], target.appending(index))
      } else {
        (next, target) = (value[name], target.appending(name))
      }
      guard let next else { return nil }
      value = next
    }
    return SchemaPlace(message: message, document: document, path: target, json: value)
  }

  /// The keywords that a schema may have beside a `$ref` and still say nothing of its own.
  private static let annotations = [
    "$ref", "title", "description", "default", "examples", "$comment", "deprecated", "readOnly", "writeOnly",
  ]

  /// Whether it says what its `$ref` says, and nothing else.
  var isPlainReference: Bool {
    self["$ref"] != nil
      && members.keys.allSatisfy { SchemaPlace.annotations.contains($0) || $0.hasPrefix("x-") }
  }

  /// The schemas that apply to the same value and are sure to: itself, where its `$ref` leads, and `allOf`.
  func applied() -> [SchemaPlace] {
    var found: [SchemaPlace] = []
    collectApplied(into: &found)
    return found
  }

  private func collectApplied(into found: inout [SchemaPlace]) {
    // One that refers back to itself is refused when it is loaded; this is for those that two ways lead to.
    if found.contains(where: { $0.path == path }) { return }
    found.append(self)
    referenced?.collectApplied(into: &found)
    for part in parts("allOf") { part.place.collectApplied(into: &found) }
  }
}
