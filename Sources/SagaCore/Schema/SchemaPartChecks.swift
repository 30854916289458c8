/// The assertions on arrays and objects.
extension SchemaValidator {
  mutating func checkArray(_ elements: [JSON], _ node: SchemaNode) -> Bool {
    var isValid = true
    let count = elements.count
    if let bound = node.minItems, count < bound {
      isValid = refuse("minItems", "must have at least \(bound) elements, has \(count)")
    }
    if let bound = node.maxItems, count > bound {
      isValid = refuse("maxItems", "must have at most \(bound) elements, has \(count)")
    }
    if node.uniqueItems, let repeated = SchemaValidator.firstRepeated(elements) {
      isValid = refuse("uniqueItems", "must not repeat elements; this one stands before", at: .index(repeated))
    }
    if node.items != nil || !node.prefixItems.isEmpty {
      for index in elements.indices where goesOn(isValid) {
        guard let place = node.node(ofElement: index) else { break }
        if !check(elements[index], place, at: .index(index)) { isValid = false }
      }
    }
    return goesOn(isValid) ? checkContains(elements, node) && isValid : isValid
  }

  /// The first element that is equivalent to one before it.
  private static func firstRepeated(_ elements: [JSON]) -> Int? {
    // Canonical texts are equal exactly when values are equivalent; a set of them takes linear time.
    var seen: Set<[UInt8]> = []
    return elements.firstIndex { !seen.insert(JSONWriter.canonical($0)).inserted }
  }

  private mutating func checkContains(_ elements: [JSON], _ node: SchemaNode) -> Bool {
    guard let place = node.contains else { return true }
    var count = 0
    for element in elements where holds(place, element) { count += 1 }
    let least = node.minContains ?? 1
    if count < least {
      return refuse("contains", "must contain at least \(least) elements of the form `contains` gives, has \(count)")
    }
    if let most = node.maxContains, count > most {
      return refuse("maxContains", "must contain at most \(most) elements of the form `contains` gives, has \(count)")
    }
    return true
  }

  mutating func checkObject(_ object: JSONObject, _ node: SchemaNode) -> Bool {
    var isValid = true
    if let bound = node.minProperties, object.count < bound {
      isValid = refuse("minProperties", "must have at least \(bound) properties, has \(object.count)")
    }
    if let bound = node.maxProperties, object.count > bound {
      isValid = refuse("maxProperties", "must have at most \(bound) properties, has \(object.count)")
    }
    for name in node.required where goesOn(isValid) && object[name] == nil {
      isValid = refuse("required", "the property \(JSON.string(name)) is missing")
    }
    for (name, place) in node.properties where goesOn(isValid) {
      guard let value = object[name] else { continue }
      if !check(value, place, at: .key(name)) { isValid = false }
    }
    if goesOn(isValid), !checkDependencies(object, node) { isValid = false }
    return goesOn(isValid) ? checkOtherMembers(object, node) && isValid : isValid
  }

  private mutating func checkDependencies(_ object: JSONObject, _ node: SchemaNode) -> Bool {
    var isValid = true
    for (name, required) in node.dependentRequired where object[name] != nil {
      for other in required where goesOn(isValid) && object[other] == nil {
        isValid = refuse(
          "dependentRequired", "the property \(JSON.string(other)) is missing, which \(JSON.string(name)) requires")
      }
    }
    for (name, place) in node.dependentSchemas where goesOn(isValid) && object[name] != nil {
      if !check(.object(object), place) { isValid = false }
    }
    return isValid
  }

  private mutating func checkOtherMembers(_ object: JSONObject, _ node: SchemaNode) -> Bool {
    if node.additionalProperties == nil, node.patternProperties.isEmpty, node.propertyNames == nil { return true }
    var isValid = true
    for member in object.members where goesOn(isValid) {
      let name = member.key
      if let place = node.propertyNames, !holds(place, .string(name)) {
        isValid = refuse("propertyNames", "the name \(JSON.string(name).shown) is not allowed", at: .key(name))
      }
      var isNamed = node.property(name) != nil
      for (pattern, place) in node.patternProperties where matches(pattern, name) {
        isNamed = true
        if !check(member.value, place, at: .key(name)) { isValid = false }
      }
      if isExhausted { return false }
      guard !isNamed, let place = node.additionalProperties else { continue }
      if nodes[place].verdict == false {
        isValid = refuse("additionalProperties", SchemaValidator.additionalMessage(name, node), at: .key(name))
      } else if !check(member.value, place, at: .key(name)) {
        isValid = false
      }
    }
    return isValid
  }

  private static func additionalMessage(_ name: String, _ node: SchemaNode) -> String {
    let nearest = nearestName(to: name, among: node.properties.map(\.name))
    let mend = nearest.map { "; did you mean \(JSON.string($0))?" } ?? ""
    return "the property \(JSON.string(name).shown) is not in the schema, which allows no others\(mend)"
  }
}
