extension Schema {
  /// The value with each number in the form in which expressions see it: an `.int` where the schema says `integer` (and the
  /// number is one), a `.double` where it says `number` or nothing. Fields the schema does not name are kept; their numbers
  /// become doubles. A whole number from 2^53 on of which the schema says nothing stays an `.int`; one that it calls a
  /// `number` loses its last digits.
  ///
  /// Alternatives (`anyOf`, `oneOf`, `if`) count as far as the value fits them, but make no integer of a number to which the
  /// schema always gives the type `number`: what `celType` says of a number is so.
  public func normalise(_ value: JSON) -> JSON {
    changed(value) ?? value
  }

  /// What `normalise` makes of a value; nil where that is the value itself.
  func changed(_ value: JSON) -> JSON? { SchemaNormaliser(nodes: nodes).changed(value, at: root) }
}

/// The subschemas that apply to a value.
private struct Applied {
  /// Those that apply to every value in this place: what `celType` knows.
  var always: [Int]
  /// Those that apply because of what the value, or one around it, is.
  var also: [Int]
}

private struct SchemaNormaliser {
  let nodes: [SchemaNode]

  /// The value's other form where it has one; nil where it stays as it is, which most values do.
  ///
  /// - Parameter place: the subschema that applies to the value; nil where there is none.
  func changed(_ value: JSON, at place: Int?) -> JSON? {
    guard let place, !nodes[place].appliesInPlace, nodes[place].patternProperties.isEmpty else {
      return changed(value, Applied(always: place.map { [$0] } ?? [], also: []))
    }
    let node = nodes[place]
    switch value {
    case .null, .bool, .string: return nil
    case .int, .double: return changedNumber(value) { SchemaNormaliser.numberType(node) }
    case .array(let elements): return changed(elements) { changed($1, at: node.node(ofElement: $0)) }
    case .object(let members):
      return changed(members) { changed($1, at: node.property($0) ?? node.additionalProperties) }
    }
  }

  /// The same where several subschemas apply to the value.
  private func changed(_ value: JSON, _ places: Applied) -> JSON? {
    switch value {
    case .null, .bool, .string: return nil
    case .int, .double: return changedNumber(value) { numberType(places, value) }
    case .array(let elements):
      let applied = expand(places, value)
      return changed(elements) { index, element in
        changed(
          element,
          Applied(
            always: applied.always.compactMap { nodes[$0].node(ofElement: index) },
            also: applied.also.compactMap { nodes[$0].node(ofElement: index) }))
      }
    case .object(let members):
      let applied = expand(places, value)
      return changed(members) { key, member in changed(member, self.members(key, of: applied)) }
    }
  }

  /// What applies to a member. Properties come before all else that is said of their names, as in `celType`.
  private func members(_ name: String, of applied: Applied) -> Applied {
    var properties: [Int] = []
    var others: [Int] = []
    for place in applied.always {
      let found = nodes[place].nodes(ofMember: name)
      if let property = nodes[place].property(name) {
        properties.append(property)
        // It is the first that is found.
        others += found.dropFirst()
      } else {
        others += found
      }
    }
    let also = applied.also.flatMap { nodes[$0].nodes(ofMember: name) }
    return properties.isEmpty ? Applied(always: others, also: also) : Applied(always: properties, also: others + also)
  }

  private func changedNumber(_ value: JSON, type: () -> SchemaTypeSet?) -> JSON? {
    switch value {
    case .int(let number):
      switch type() {
      case .integer: return nil
      case .number: return .double(Double(number))
      default:
        if case .double(let double) = JSON.untyped(number) { return .double(double) }
        return nil
      }
    case .double(let number):
      guard let integer = Int64(exactly: number), type() == .integer else { return nil }
      return .int(integer)
    case .null, .bool, .string, .array, .object: return nil
    }
  }

  private func changed(_ elements: [JSON], _ change: (Int, JSON) -> JSON?) -> JSON? {
    var result: [JSON]?
    for index in elements.indices {
      guard let element = change(index, elements[index]) else { continue }
      if result == nil { result = elements }
      result?[index] = element
    }
    return result.map { .array($0) }
  }

  private func changed(_ members: JSONObject, _ change: (String, JSON) -> JSON?) -> JSON? {
    var result: JSONObject?
    for index in members.members.indices {
      let member = members.members[index]
      switch member.value {
      // These stay as they are whatever the schema says.
      case .null, .bool, .string: continue
      case .int, .double, .array, .object: break
      }
      guard let value = change(member.key, member.value) else { continue }
      if result == nil { result = members }
      result?.replaceValue(at: index, value)
    }
    return result.map { .object($0) }
  }

  /// What a subschema says of a number: an integer, a number, or neither.
  private static func numberType(_ node: SchemaNode) -> SchemaTypeSet? {
    guard let types = node.types else { return nil }
    return types.contains(.number) ? .number : types.contains(.integer) ? .integer : nil
  }

  private func numberType(_ places: Applied, _ value: JSON) -> SchemaTypeSet? {
    let applied = expand(places, value)
    let always = applied.always.map { SchemaNormaliser.numberType(nodes[$0]) }
    let also = applied.also.map { SchemaNormaliser.numberType(nodes[$0]) }
    if always.contains(.integer) { return .integer }
    if also.contains(.integer), places.always.isEmpty || !places.always.allSatisfy({ nodes.isDouble($0) }) {
      return .integer
    }
    return always.contains(.number) || also.contains(.number) ? .number : nil
  }

  /// The subschemas and all those that they apply to the same value.
  private func expand(_ places: Applied, _ value: JSON) -> Applied {
    if !places.always.contains(where: { nodes[$0].appliesInPlace }),
      !places.also.contains(where: { nodes[$0].appliesInPlace })
    {
      return places
    }
    var always: [Int] = []
    for place in places.always {
      for place in nodes.described(by: place) where !always.contains(place) { always.append(place) }
    }
    var applied: [Int] = []
    var waiting = places.also
    for place in always { waiting += appliedByChoice(nodes[place], value) }
    while let place = waiting.popLast() {
      if always.contains(place) || applied.contains(place) { continue }
      applied.append(place)
      let node = nodes[place]
      if let reference = node.reference { waiting.append(reference) }
      waiting += node.allOf
      waiting += appliedByChoice(node, value)
    }
    return Applied(always: always, also: applied)
  }

  /// What a subschema applies to some values only, and to this one.
  private func appliedByChoice(_ node: SchemaNode, _ value: JSON) -> [Int] {
    var chosen = (node.anyOf + node.oneOf).filter { holds($0, value) }
    for (name, place) in node.dependentSchemas where value[name] != nil { chosen.append(place) }
    guard let condition = node.condition else { return chosen }
    if holds(condition, value) {
      chosen.append(condition)
      if let consequence = node.consequence { chosen.append(consequence) }
    } else if let alternative = node.alternative {
      chosen.append(alternative)
    }
    return chosen
  }

  private func holds(_ place: Int, _ value: JSON) -> Bool {
    var validator = SchemaValidator(nodes: nodes, maximumViolations: 0)
    return validator.check(value, place)
  }
}
