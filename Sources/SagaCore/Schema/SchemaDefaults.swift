extension Schema {
  /// The object that the defaults of the schema's properties make, nested and normalised; members in the order of the schema.
  ///
  /// An object without a default of its own is there if one of its properties is. Alternatives give no defaults.
  public func defaults() -> JSON {
    normalise(defaults(of: root, open: []) ?? [:])
  }

  /// `open` are the schemas this one stands in: one that contains itself would have defaults without end.
  private func defaults(of place: Int, open: [Int]) -> JSON? {
    if open.contains(place) { return nil }
    let applied = described(by: place)
    let own = applied.lazy.compactMap { nodes[$0].defaultValue }.first
    var object: JSONObject
    switch own {
    case nil: object = [:]
    case .object(let members)?: object = members
    case let value?: return value
    }
    for node in applied.map({ nodes[$0] }) {
      for (name, property) in node.properties where object[name] == nil {
        object[name] = defaults(of: property, open: open + [place])
      }
    }
    return own == nil && object.isEmpty ? nil : .object(object)
  }

  /// A subschema and those it always applies to the same value.
  func described(by place: Int) -> [Int] {
    let node = nodes[place]
    return [place] + ([node.reference].compactMap(\.self) + node.allOf).flatMap(described)
  }
}
