extension Schema {
  /// How many nested values `defaults` looks at; of a schema that has more, recursive ones above all, it looks less deep.
  static let maximumDefaultParts = 20_000

  /// The object that the defaults of the schema's properties make, nested and normalised; members in the order of the schema.
  ///
  /// An object without a default of its own is there if one of its properties is. Alternatives give no defaults.
  public func defaults() -> JSON {
    guard nodes.contains(where: { $0.defaultValue != nil }) else { return [:] }
    var depth = SchemaCompiler.maximumDepth
    while true {
      var collection = DefaultCollection(nodes: nodes, maximumDepth: depth)
      let defaults = collection.defaults(of: root)
      if !collection.isTooLarge || depth <= 2 { return normalise(defaults ?? [:]) }
      depth = depth > 4 ? depth / 2 : depth - 1
    }
  }
}

/// Puts defaults together, down to some depth.
private struct DefaultCollection {
  let nodes: [SchemaNode]
  let maximumDepth: Int
  private var parts = 0
  /// The schemas that the present one stands in: one that contains itself would have defaults without end.
  private var open: [Int] = []

  init(nodes: [SchemaNode], maximumDepth: Int) {
    self.nodes = nodes
    self.maximumDepth = maximumDepth
  }

  var isTooLarge: Bool { parts > Schema.maximumDefaultParts }

  mutating func defaults(of place: Int) -> JSON? {
    parts += 1
    if isTooLarge || open.count >= maximumDepth || open.contains(place) { return nil }
    let applied = nodes.described(by: place).map { nodes[$0] }
    let own = applied.lazy.compactMap { $0.defaultValue }.first
    var object: JSONObject
    switch own {
    case nil: object = [:]
    case .object(let members)?: object = members
    case let value?: return value
    }
    open.append(place)
    defer { open.removeLast() }
    for node in applied {
      for (name, property) in node.properties where object[name] == nil {
        object[name] = defaults(of: property)
      }
    }
    return own == nil && object.isEmpty ? nil : .object(object)
  }
}
