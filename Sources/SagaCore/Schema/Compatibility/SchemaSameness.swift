/// Whether two subschemas say the same, keyword by keyword; annotations aside.
struct SchemaSameness {
  private struct Pair: Hashable {
    var one: Int
    var other: Int
  }

  private var different: Set<Pair> = []
  /// Found to be the same, or assumed so while that is looked into.
  private var same: Set<Pair> = []

  mutating func areSame(_ one: Int, _ other: Int, _ nodes: [SchemaNode]) -> Bool {
    if one == other { return true }
    let pair = Pair(one: one, other: other)
    if different.contains(pair) { return false }
    // Schemas that contain themselves are the same if nothing tells them apart.
    if !same.insert(pair).inserted { return true }
    if compare(nodes[one].rules, nodes[other].rules, nodes) { return true }
    // What was found on the way may have rested on the assumption.
    same.removeAll(keepingCapacity: true)
    different.insert(pair)
    return false
  }

  private mutating func compare(_ one: SchemaRules, _ other: SchemaRules, _ nodes: [SchemaNode]) -> Bool {
    guard one.hasSameScalars(as: other) else { return false }
    let pairs: [(Int?, Int?)] = [
      (one.items, other.items), (one.contains, other.contains),
      (one.additionalProperties, other.additionalProperties), (one.propertyNames, other.propertyNames),
      (one.reference, other.reference), (one.negated, other.negated), (one.condition, other.condition),
      (one.consequence, other.consequence), (one.alternative, other.alternative),
    ]
    for (left, right) in pairs {
      switch (left, right) {
      case (nil, nil): continue
      case (let left?, let right?): if !areSame(left, right, nodes) { return false }
      default: return false
      }
    }
    let lists = [
      (one.prefixItems, other.prefixItems), (one.allOf, other.allOf), (one.anyOf, other.anyOf),
      (one.oneOf, other.oneOf),
    ]
    for (left, right) in lists {
      guard left.count == right.count else { return false }
      for (left, right) in zip(left, right) where !areSame(left, right, nodes) { return false }
    }
    return areSame(one.properties, other.properties, nodes)
      && areSame(one.dependentSchemas, other.dependentSchemas, nodes)
      && areSame(
        one.patternProperties.map { ($0.pattern.text, $0.node) },
        other.patternProperties.map { ($0.pattern.text, $0.node) }, nodes)
  }

  private mutating func areSame(_ one: [(String, Int)], _ other: [(String, Int)], _ nodes: [SchemaNode]) -> Bool {
    guard one.count == other.count else { return false }
    for (name, node) in one {
      guard let match = other.first(where: { $0.0.hasSameCodePoints(as: name) }), areSame(node, match.1, nodes) else {
        return false
      }
    }
    return true
  }
}

extension SchemaRules {
  fileprivate func hasSameScalars(as other: SchemaRules) -> Bool {
    verdict == other.verdict && types == other.types && enumeration == other.enumeration
      && constant == other.constant && minimum == other.minimum && maximum == other.maximum
      && exclusiveMinimum == other.exclusiveMinimum && exclusiveMaximum == other.exclusiveMaximum
      && multipleOf == other.multipleOf && minLength == other.minLength && maxLength == other.maxLength
      && pattern?.text == other.pattern?.text && minItems == other.minItems && maxItems == other.maxItems
      && uniqueItems == other.uniqueItems && minContains == other.minContains && maxContains == other.maxContains
      && minProperties == other.minProperties && maxProperties == other.maxProperties
      && Set(required) == Set(other.required)
      && dependentRequired.map(\.name) == other.dependentRequired.map(\.name)
      && dependentRequired.map(\.required) == other.dependentRequired.map(\.required)
  }

  /// Whether every value is valid, as far as the keywords tell by themselves.
  var allowsEverything: Bool {
    if let verdict { return verdict }
    return hasSameScalars(as: SchemaRules()) && items == nil && contains == nil && additionalProperties == nil
      && propertyNames == nil && prefixItems.isEmpty && properties.isEmpty && patternProperties.isEmpty
      && dependentSchemas.isEmpty && !appliesInPlace
  }

  /// The same for a list in which these nodes stand behind others.
  func shifted(by offset: Int) -> SchemaRules {
    var rules = self
    func move(_ place: Int?) -> Int? { place.map { $0 + offset } }
    func move(_ places: [Int]) -> [Int] { places.map { $0 + offset } }
    rules.prefixItems = move(prefixItems)
    rules.items = move(items)
    rules.contains = move(contains)
    rules.properties = properties.map { ($0.name, $0.node + offset) }
    rules.propertyIndex = propertyIndex.mapValues { $0 + offset }
    rules.patternProperties = patternProperties.map { ($0.pattern, $0.node + offset) }
    rules.additionalProperties = move(additionalProperties)
    rules.propertyNames = move(propertyNames)
    rules.dependentSchemas = dependentSchemas.map { ($0.name, $0.node + offset) }
    rules.reference = move(reference)
    rules.allOf = move(allOf)
    rules.anyOf = move(anyOf)
    rules.oneOf = move(oneOf)
    rules.negated = move(negated)
    rules.condition = move(condition)
    rules.consequence = move(consequence)
    rules.alternative = move(alternative)
    return rules
  }
}
