/// Turns the JSON of a schema into nodes.
struct SchemaCompiler {
  /// How deep schemas may nest, references included.
  static let maximumDepth = 256

  let document: JSON
  /// Where the document stands in its file.
  let base: JSONPointerPath
  var nodes: [SchemaNode] = []
  /// Which node has a default, and where it stands in the file.
  var defaultPaths: [(node: Int, path: JSONPointerPath)] = []
  private(set) var paths: [JSONPointerPath] = []
  private var known: [JSONPointerPath: Int] = [:]
  private var depth = 0

  init(document: JSON, base: JSONPointerPath) {
    self.document = document
    self.base = base
  }

  /// The node of the schema at a path of the document.
  mutating func compile(_ schema: JSON, at path: JSONPointerPath) throws(SchemaError) -> Int {
    if let node = known[path] { return node }
    if depth >= SchemaCompiler.maximumDepth {
      throw error(path, "schemas nest deeper than \(SchemaCompiler.maximumDepth)")
    }
    depth += 1
    defer { depth -= 1 }
    let place = nodes.count
    // Its place is taken at once: what it holds may refer to it.
    nodes.append(SchemaNode(SchemaRules()))
    paths.append(path)
    known[path] = place
    switch schema {
    case .bool(let verdict): nodes[place] = SchemaNode(SchemaRules(verdict: verdict))
    case .object(let members):
      for keyword in members.members {
        if let fault = SchemaKeywords.fault(of: keyword.key) { throw error(path.appending(keyword.key), fault) }
      }
      var node = SchemaRules()
      try readAssertions(members, path, into: &node)
      try readSubschemas(members, path, into: &node)
      if node.defaultValue != nil { defaultPaths.append((place, base.appending(path).appending("default"))) }
      nodes[place] = SchemaNode(node)
    default: throw error(path, "a schema is an object, true or false, not \(schema.shown)")
    }
    return place
  }

  func error(_ path: JSONPointerPath, _ message: String) -> SchemaError {
    SchemaError(path: base.appending(path), message: message)
  }

  /// Refuses references that apply a schema to the same value for ever.
  func checkReferences() throws(SchemaError) {
    var isDone = [Bool](repeating: false, count: nodes.count)
    var isOpen = isDone
    func visit(_ place: Int) throws(SchemaError) {
      if isOpen[place] { throw error(paths[place], "the schema refers back to itself without going into the value") }
      if isDone[place] { return }
      isOpen[place] = true
      for next in nodes[place].appliedInPlace { try visit(next) }
      isOpen[place] = false
      isDone[place] = true
    }
    for place in nodes.indices { try visit(place) }
  }
}

extension JSON {
  /// The value as messages show it: its text, cut where it is long.
  var shown: String {
    let text = description
    guard text.utf8.count > 80 else { return text }
    return String(text.unicodeScalars.prefix(80)) + "…"
  }
}
