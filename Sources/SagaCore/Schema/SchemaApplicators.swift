/// The keywords that apply other schemas to the same value.
extension SchemaValidator {
  mutating func checkApplicators(_ value: JSON, _ node: SchemaNode) -> Bool {
    var isValid = true
    if let place = node.reference, !check(value, place) { isValid = false }
    for place in node.allOf where goesOn(isValid) {
      if !check(value, place) { isValid = false }
    }
    if !node.anyOf.isEmpty, goesOn(isValid), !checkAnyOf(value, node.anyOf) { isValid = false }
    if !node.oneOf.isEmpty, goesOn(isValid), !checkOneOf(value, node.oneOf) { isValid = false }
    if let place = node.negated, goesOn(isValid), holds(place, value) {
      isValid = refuse("not", "must not have the form `not` gives, is \(value.shown)")
    }
    if let condition = node.condition, goesOn(isValid) {
      let branch = holds(condition, value) ? node.consequence : node.alternative
      if let branch, !check(value, branch) { isValid = false }
    }
    return isValid
  }

  private mutating func checkAnyOf(_ value: JSON, _ places: [Int]) -> Bool {
    for place in places where holds(place, value) { return true }
    return refuse("anyOf", "must have one of the \(places.count) forms of `anyOf`, is \(value.shown)")
  }

  private mutating func checkOneOf(_ value: JSON, _ places: [Int]) -> Bool {
    var count = 0
    for place in places where holds(place, value) { count += 1 }
    if count == 1 { return true }
    let found = count == 0 ? "none" : "\(count)"
    return refuse(
      "oneOf", "must have exactly one of the \(places.count) forms of `oneOf`, has \(found): \(value.shown)")
  }
}
