final class ListNode: Node {
  let elements: [any Node]

  init(_ elements: [any Node]) { self.elements = elements }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1 + elements.count)
    var values: [CELValue] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try element.evaluate(&evaluation)) }
    return .list(values)
  }
}

final class MapNode: Node {
  let entries: [(key: any Node, value: any Node)]
  /// The keys when all are literal strings and distinct: then nothing needs checking when the map is built.
  let constantKeys: [String]?
  let offset: Int

  init(_ entries: [(key: any Node, value: any Node)], offset: Int) {
    self.entries = entries
    self.offset = offset
    constantKeys = Self.distinctKeys(entries)
  }

  private static func distinctKeys(_ entries: [(key: any Node, value: any Node)]) -> [String]? {
    var seen: Set<CELValue> = []
    var keys: [String] = []
    for entry in entries {
      guard let literal = entry.key as? LiteralNode, case .string(let key) = literal.value,
        seen.insert(literal.value).inserted
      else { return nil }
      keys.append(key)
    }
    return keys
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1 + 2 * entries.count)
    if let constantKeys {
      var pairs: [(String, CELValue)] = []
      pairs.reserveCapacity(entries.count)
      for (key, entry) in zip(constantKeys, entries) { pairs.append((key, try entry.value.evaluate(&evaluation))) }
      return .map(CELMap(uniqueStringKeys: pairs))
    }
    var pairs: [(CELValue, CELValue)] = []
    pairs.reserveCapacity(entries.count)
    for entry in entries {
      let key = try entry.key.evaluate(&evaluation)
      try evaluation.charge(key: key)
      pairs.append((key, try entry.value.evaluate(&evaluation)))
    }
    do throws(CELError) {
      return .map(try CELMap(pairs))
    } catch {
      throw CELError(kind: error.kind, message: error.message, offset: offset)
    }
  }
}
