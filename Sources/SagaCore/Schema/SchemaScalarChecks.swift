/// The assertions on values that have no parts.
extension SchemaValidator {
  mutating func checkAny(_ value: JSON, _ node: SchemaNode) -> Bool {
    var isValid = true
    if let types = node.types, !types.allows(value) {
      isValid = refuse("type", SchemaValidator.typeMessage(types, value))
    }
    if let allowed = node.enumeration, goesOn(isValid), !allowed.contains(where: value.isEquivalent) {
      let list = allowed.prefix(8).map(\.shown).joined(separator: ", ") + (allowed.count > 8 ? ", …" : "")
      isValid = refuse("enum", "must be one of \(list), is \(value.shown)")
    }
    if let constant = node.constant, goesOn(isValid), !value.isEquivalent(to: constant) {
      isValid = refuse("const", "must be \(constant.shown), is \(value.shown)")
    }
    return isValid
  }

  private static func typeMessage(_ types: SchemaTypeSet, _ value: JSON) -> String {
    if case .double(let number) = value, types.contains(.integer), number.rounded() == number {
      return "must be \(types.text) of 64 bits, is \(value)"
    }
    switch value {
    case .null: return "must be \(types.text), is null"
    case .bool, .int, .double: return "must be \(types.text), is \(value)"
    case .string: return "must be \(types.text), is the string \(value.shown)"
    case .array, .object: return "must be \(types.text), is an \(value.kindName)"
    }
  }

  mutating func checkNumber(_ value: JSON, _ node: SchemaNode) -> Bool {
    var isValid = true
    func order(_ bound: JSON?) -> Int? { bound.flatMap { value.compareNumber(to: $0) } }
    if let bound = node.minimum, order(bound) == -1 {
      isValid = refuse("minimum", "must be at least \(bound), is \(value)")
    }
    if let bound = node.maximum, order(bound) == 1 {
      isValid = refuse("maximum", "must be at most \(bound), is \(value)")
    }
    if let bound = node.exclusiveMinimum, order(bound) != 1 {
      isValid = refuse("exclusiveMinimum", "must be greater than \(bound), is \(value)")
    }
    if let bound = node.exclusiveMaximum, order(bound) != -1 {
      isValid = refuse("exclusiveMaximum", "must be less than \(bound), is \(value)")
    }
    if let divisor = node.multipleOf, !SchemaValidator.isMultiple(value, of: divisor) {
      isValid = refuse("multipleOf", "must be a multiple of \(divisor), is \(value)")
    }
    return isValid
  }

  /// Whether a number is a multiple of another. `19.99` counts as a multiple of `0.01`, though neither is exact in binary: the
  /// quotient may be off an integer by a few units in its last place.
  private static func isMultiple(_ value: JSON, of divisor: JSON) -> Bool {
    if let value = value.intValue, let divisor = divisor.intValue { return value % divisor == 0 }
    guard let value = value.doubleValue, let divisor = divisor.doubleValue else { return false }
    if value.truncatingRemainder(dividingBy: divisor) == 0 { return true }
    // An integer is a multiple of every divisor that divides 1, however large the quotient is.
    let parts = 1 / divisor
    if value.rounded() == value, parts.rounded() == parts { return true }
    let quotient = value / divisor
    guard quotient.magnitude < 0x1p50 else { return false }
    return (quotient - quotient.rounded()).magnitude <= 4 * quotient.ulp
  }

  /// Lengths are counted in code points.
  mutating func checkString(_ text: String, _ node: SchemaNode) -> Bool {
    var isValid = true
    if node.minLength != nil || node.maxLength != nil {
      let length = text.unicodeScalars.count
      if let bound = node.minLength, length < bound {
        isValid = refuse("minLength", "must have at least \(bound) characters, has \(length)")
      }
      if let bound = node.maxLength, length > bound {
        isValid = refuse("maxLength", "must have at most \(bound) characters, has \(length)")
      }
    }
    if let pattern = node.pattern, !matches(pattern, text), !isExhausted {
      isValid = refuse("pattern", "must match \(JSON.string(pattern.text)), is \(JSON.string(text).shown)")
    }
    return isValid
  }
}
