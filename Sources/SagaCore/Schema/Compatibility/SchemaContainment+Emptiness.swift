/// What there cannot be. All of it is sound: where it is not certain, the answer is no.
extension SchemaContainment {
  /// How deep parts of values are looked at.
  private static let maximumParts = 16

  /// Whether there certainly is no such value.
  mutating func isEmpty(_ value: WrittenValue) -> Bool { isEmpty(value, depth: 0) }

  private mutating func isEmpty(_ value: WrittenValue, depth: Int) -> Bool {
    if isPastLimit() { return false }
    if value.atoms.isEmpty || value.included.contains(where: { nodes[$0].verdict == false }) { return true }
    for excluded in value.excluded {
      if nodes[excluded].allowsEverything { return true }
      for place in value.included where areSame(place, excluded) { return true }
    }
    if finiteValues(value)?.isEmpty ?? false { return true }
    guard value.atoms == .object, depth < SchemaContainment.maximumParts else { return false }
    for name in value.requiredNames(nodes) where isEmpty(value.property(name, nodes), depth: depth + 1) { return true }
    return false
  }

  /// Whether no such value is valid under a subschema.
  mutating func isDisjoint(_ value: WrittenValue, _ other: Int) -> Bool { isDisjoint(value, other, depth: 0) }

  private mutating func isDisjoint(_ value: WrittenValue, _ other: Int, depth: Int) -> Bool {
    if isPastLimit() { return false }
    for excluded in value.excluded where areSame(excluded, other) { return true }
    let opposite = WrittenValue([other], nodes)
    let atoms = value.atoms.intersection(opposite.atoms)
    if atoms.isEmpty || opposite.included.contains(where: { nodes[$0].verdict == false }) { return true }
    if let values = finiteValues(value) {
      return !values.contains { holds(other, $0) }
    }
    if let values = finiteValues(opposite) {
      return !values.contains { json in value.included.allSatisfy { holds($0, json) } }
    }
    if atoms.isSubset(of: .number) { return hasNoCommonNumber(value, opposite, integers: atoms == .integer) }
    guard atoms == .object, depth < SchemaContainment.maximumParts else { return false }
    return hasUnlikeProperty(value, opposite, depth: depth)
  }

  private func holds(_ place: Int, _ json: JSON) -> Bool {
    var validator = SchemaValidator(nodes: nodes, maximumViolations: 0)
    return validator.check(json, place)
  }

  private func hasNoCommonNumber(_ one: WrittenValue, _ other: WrittenValue, integers: Bool) -> Bool {
    let all = (one.included + other.included).map { nodes[$0] }
    guard let low = NumberBound.lower(all, integers: integers), let high = NumberBound.upper(all, integers: integers),
      let order = low.value.compareNumber(to: high.value)
    else { return false }
    return order > 0 || (order == 0 && (low.isExclusive || high.isExclusive))
  }

  /// Whether a property that one of them requires has no value that suits both: how tagged alternatives are told apart.
  private mutating func hasUnlikeProperty(_ one: WrittenValue, _ other: WrittenValue, depth: Int) -> Bool {
    for name in one.requiredNames(nodes) + other.requiredNames(nodes) {
      let mine = one.property(name, nodes)
      if isEmpty(mine, depth: depth + 1) { return true }
      for place in other.included {
        for part in nodes[place].nodes(ofMember: name) where isDisjoint(mine, part, depth: depth + 1) { return true }
      }
    }
    return false
  }
}
