extension Schema {
  /// The value with each number in the form in which expressions see it: an `.int` where the schema says `integer` (and the
  /// number is one), a `.double` where it says `number` or nothing. Fields the schema does not name are kept; their numbers
  /// become doubles. Integers beyond 2^53 that the schema does not call integers lose their last digits.
  ///
  /// Alternatives (`anyOf`, `oneOf`, `if`) count as far as the value fits them.
  public func normalise(_ value: JSON) -> JSON {
    SchemaNormaliser(nodes: nodes).normalise(value, [root])
  }
}

private struct SchemaNormaliser {
  let nodes: [SchemaNode]

  /// `places` are the subschemas that apply to the value.
  func normalise(_ value: JSON, _ places: [Int]) -> JSON {
    switch value {
    case .null, .bool, .string: return value
    case .int(let number):
      return saysInteger(places, value) ? value : .double(Double(number))
    case .double(let number):
      guard let integer = Int64(exactly: number), saysInteger(places, value) else { return value }
      return .int(integer)
    case .array(var elements):
      let applied = expand(places, value)
      for index in elements.indices {
        elements[index] = normalise(elements[index], applied.compactMap { nodes[$0].node(ofElement: index) })
      }
      return .array(elements)
    case .object(var members):
      let applied = expand(places, value)
      for index in members.members.indices {
        let member = members.members[index]
        switch member.value {
        // These stay as they are whatever the schema says.
        case .null, .bool, .string: continue
        default: break
        }
        let found =
          applied.count == 1
          ? nodes[applied[0]].nodes(ofMember: member.key) : applied.flatMap { nodes[$0].nodes(ofMember: member.key) }
        members.replaceValue(at: index, normalise(member.value, found))
      }
      return .object(members)
    }
  }

  private func saysInteger(_ places: [Int], _ value: JSON) -> Bool {
    expand(places, value).contains { place in
      guard let types = nodes[place].types else { return false }
      return types.contains(.integer) && !types.contains(.number)
    }
  }

  /// The subschemas and all those that they apply to the same value.
  private func expand(_ places: [Int], _ value: JSON) -> [Int] {
    if places.allSatisfy({ !nodes[$0].appliesInPlace }) { return places }
    var applied: [Int] = []
    var waiting = places
    while let place = waiting.popLast() {
      if applied.contains(place) { continue }
      applied.append(place)
      let node = nodes[place]
      if let reference = node.reference { waiting.append(reference) }
      waiting += node.allOf
      waiting += (node.anyOf + node.oneOf).filter { holds($0, value) }
      guard let condition = node.condition else { continue }
      if holds(condition, value) {
        waiting.append(condition)
        if let consequence = node.consequence { waiting.append(consequence) }
      } else if let alternative = node.alternative {
        waiting.append(alternative)
      }
    }
    return applied
  }

  private func holds(_ place: Int, _ value: JSON) -> Bool {
    var validator = SchemaValidator(nodes: nodes, maximumViolations: 0)
    return validator.check(value, place)
  }
}
