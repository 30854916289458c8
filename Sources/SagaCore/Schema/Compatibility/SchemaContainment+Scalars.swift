/// The rules about numbers and strings.
extension SchemaContainment {
  mutating func checkNumber(_ value: WrittenValue, _ reader: Int) {
    let node = nodes[reader]
    let written = value.included.map { nodes[$0] }
    let integers = !value.atoms.contains(.fraction)
    let lower = NumberBound.lower(written, integers: integers)
    for bound in NumberBound.lower(of: node) where !(lower?.isAtLeast(bound) ?? false) {
      report(
        .minimumRaised, reader, bound.isExclusive ? "exclusiveMinimum" : "minimum",
        "may be \(lower.map { "as low as \($0.value)" } ?? "any number"), where the \(direction.reader) schema wants "
          + "\(bound.isExclusive ? "more than" : "at least") \(bound.value)")
    }
    let upper = NumberBound.upper(written, integers: integers)
    for bound in NumberBound.upper(of: node) where !(upper?.isAtMost(bound) ?? false) {
      report(
        .maximumLowered, reader, bound.isExclusive ? "exclusiveMaximum" : "maximum",
        "may be \(upper.map { "as high as \($0.value)" } ?? "any number"), where the \(direction.reader) schema wants "
          + "\(bound.isExclusive ? "less than" : "at most") \(bound.value)")
    }
    if let divisor = node.multipleOf, !isMultiple(written, of: divisor, integers: integers) {
      report(
        .multipleOfNarrowed, reader, "multipleOf",
        "may be no multiple of \(divisor), which the \(direction.reader) schema wants")
    }
  }

  private func isMultiple(_ written: [SchemaNode], of divisor: JSON, integers: Bool) -> Bool {
    // What divides 1 divides every integer.
    if integers, let parts = divisor.doubleValue.map({ 1 / $0 }), parts.rounded() == parts { return true }
    return written.compactMap(\.multipleOf).contains { own in
      if own.isEquivalent(to: divisor) { return true }
      // Fractions are multiples up to rounding, which does not carry over from one divisor to another.
      guard integers, let own = own.intValue, let divisor = divisor.intValue else { return false }
      return own % divisor == 0
    }
  }

  mutating func checkString(_ value: WrittenValue, _ reader: Int) {
    let node = nodes[reader]
    let shortest = value.greatest(nodes) { $0.minLength } ?? 0
    if let bound = node.minLength, shortest < bound {
      report(
        .minLengthRaised, reader, "minLength",
        "may have \(shortest) characters, where the \(direction.reader) schema wants at least \(bound)")
    }
    let longest = value.least(nodes) { $0.maxLength }
    if let bound = node.maxLength, longest.map({ $0 > bound }) ?? true {
      report(
        .maxLengthLowered, reader, "maxLength",
        "may have \(longest.map { "\($0)" } ?? "any number of") characters, where the \(direction.reader) schema wants "
          + "at most \(bound)")
    }
    if let pattern = node.pattern { checkPattern(pattern.text, value, reader) }
  }

  /// Patterns are compared as texts: whether one allows all that another does is not looked into.
  private mutating func checkPattern(_ text: String, _ value: WrittenValue, _ reader: Int) {
    let own = value.included.compactMap { nodes[$0].pattern?.text }
    // These match everything.
    if own.contains(text) || text.isEmpty || text == ".*" { return }
    let shown = JSON.string(text).shown
    guard own.isEmpty else {
      findings.append(
        finding(
          .patternChanged, .unproven, reader, "pattern",
          "matches \(own.map { JSON.string($0).shown }.joined(separator: " and ")), which cannot be proven to match \(shown)"
        ))
      return
    }
    report(.patternAdded, reader, "pattern", "need not match \(shown)")
  }
}
