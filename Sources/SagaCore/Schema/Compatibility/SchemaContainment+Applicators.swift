/// The rules that apply other schemas to the same value.
extension SchemaContainment {
  mutating func checkApplicators(_ value: WrittenValue, _ reader: Int) {
    let node = nodes[reader]
    if let reference = node.reference { contain(value, reference) }
    for part in node.allOf { contain(value, part) }
    if !node.anyOf.isEmpty { checkAnyOf(value, node.anyOf, reader) }
    if !node.oneOf.isEmpty { checkOneOf(value, node.oneOf, reader) }
    if let part = node.negated { checkNot(value, part, reader) }
    if let condition = node.condition { checkCondition(value, condition, reader) }
  }

  private mutating func checkAnyOf(_ value: WrittenValue, _ parts: [Int], _ reader: Int) {
    for part in parts {
      let found = attempt { $0.contain(value, part) }
      if !found.contains(where: \.isFailure) {
        findings += found
        return
      }
    }
    reportAlternatives(value, parts, reader, "anyOf")
  }

  /// Exactly one: it must be proven that one holds, and that no other does.
  private mutating func checkOneOf(_ value: WrittenValue, _ parts: [Int], _ reader: Int) {
    for part in parts {
      let found = attempt { $0.contain(value, part) }
      if found.contains(where: \.isFailure) { continue }
      let rivals = parts.filter { $0 != part && !isDisjoint(value, $0) }
      if rivals.isEmpty {
        findings += found
      } else {
        findings.append(
          finding(
            .alternativesUnproven, .unproven, reader, "oneOf",
            "fits one alternative, and cannot be proven to fit no other one"))
      }
      return
    }
    reportAlternatives(value, parts, reader, "oneOf")
  }

  /// Where only one alternative is possible at all, it is the one to speak of.
  private mutating func reportAlternatives(_ value: WrittenValue, _ parts: [Int], _ reader: Int, _ keyword: String) {
    let possible = parts.filter { !isDisjoint(value, $0) }
    switch possible.count {
    case 0:
      report(.alternativesNarrowed, reader, keyword, "may be \(value.atoms.text) that fits none of the alternatives")
    case 1: contain(value, possible[0])
    default:
      findings.append(
        finding(
          .alternativesUnproven, .unproven, reader, keyword,
          "cannot be proven to fit one of the \(parts.count) alternatives"))
    }
  }

  private mutating func checkNot(_ value: WrittenValue, _ part: Int, _ reader: Int) {
    for place in value.included {
      if let own = nodes[place].negated, areSame(own, part) { return }
    }
    if isDisjoint(value, part) { return }
    findings.append(
      finding(
        .notUnproven, .unproven, reader, "not", "cannot be proven to have no value of the form that `not` forbids"))
  }

  private mutating func checkCondition(_ value: WrittenValue, _ condition: Int, _ reader: Int) {
    let node = nodes[reader]
    if let consequence = node.consequence, !isDisjoint(value, condition) {
      let held = value.including(condition, nodes)
      // Whether the condition ever holds is not known, so nothing is certain to break.
      findings += attempt { $0.contain(held, consequence) }.map(\.weakened)
    }
    if let alternative = node.alternative, attempt({ $0.contain(value, condition) }).contains(where: \.isFailure) {
      var failed = value
      failed.exclude(condition)
      findings += attempt { $0.contain(failed, alternative) }.map(\.weakened)
    }
  }
}

extension SchemaFinding {
  fileprivate var weakened: SchemaFinding {
    var finding = self
    if finding.verdict == .breaking { finding.verdict = .unproven }
    return finding
  }
}
