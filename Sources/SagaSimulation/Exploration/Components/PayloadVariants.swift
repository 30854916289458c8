import SagaCore

extension PayloadPlan {
  /// A payload in every way that may decide something: members whose names stand in conditions, or whose values go into
  /// ones that do, take all of their candidates, everything else stays plain.
  ///
  /// - Parameters:
  ///   - plain: the payload with the plainest values.
  ///   - echo: members that are known already and are not varied.
  /// - Returns: nil for the plain payload itself, first; at most `maximumVariants` in all, and whether there are more:
  ///   combinations, or values of a member that may decide something which its plan has no room for.
  func variants(of plain: JSON, echo: JSON?, decisive: Set<String>) -> (payloads: [JSON?], isCut: Bool) {
    guard case .object(let members) = self else { return ([nil], leavesOut(decisive)) }
    var isCut = false
    var variants: [JSON] = [plain]
    for member in members where decisive.contains(member.name) && echo?[member.name] == nil {
      isCut = isCut || member.plan.leavesOut(decisive)
      var more: [JSON] = []
      for value in member.plan.values where plain[member.name] != value && member.schema?.isValid(value) ?? true {
        more += variants.map { $0.setting([member.name], to: value) }
      }
      if !member.isRequired, plain[member.name] != nil { more += variants.map { $0.removing(member.name) } }
      isCut = isCut || variants.count + more.count > PayloadPlan.maximumVariants
      variants = Array((variants + more).prefix(PayloadPlan.maximumVariants))
    }
    return ([nil] + variants.dropFirst().map { $0 }, isCut)
  }

  static let maximumVariants = 256

  /// Whether the definition mentions values for which the plan has no room; of members of members those count whose
  /// names are decisive.
  private func leavesOut(_ decisive: Set<String>) -> Bool {
    switch self {
    case .constant: return false
    case .candidates(_, let isCut): return isCut
    case .object(let members): return members.contains { decisive.contains($0.name) && $0.plan.leavesOut(decisive) }
    case .array(let element, _): return element.leavesOut(decisive)
    case .either(let plans): return plans.contains { $0.leavesOut(decisive) }
    }
  }

  /// Stands for "a large number" where any is allowed, so that comparisons between members come out both ways.
  private static let large: Int64 = 1_000_000

  /// What the plan can make of itself, without following members of members.
  private var values: [JSON] {
    switch self {
    case .constant(let value): return [value]
    case .candidates(let values, _):
      let isIntegral = values.allSatisfy { if case .int = $0 { true } else { false } }
      return isIntegral ? PayloadPlan.extremes(values) : values
    case .object: return [plainest]
    case .array(let element, let lengths):
      return lengths.sorted().map { .array([JSON](repeating: element.plainest, count: $0)) }
    case .either(let plans): return plans.map(\.plainest)
    }
  }

  /// The candidates that can make a comparison come out otherwise: a middling number that is no literal of the definition
  /// (those come with their neighbours) compares like the plainest or like the large one.
  private static func extremes(_ values: [JSON]) -> [JSON] {
    let middling: Int64 = 100
    let isLiteral = values.contains(.int(middling - 1)) || values.contains(.int(middling + 1))
    let chosen = values.filter { $0 == values.first || isLiteral || $0 != .int(middling) }
    return chosen.contains(.int(large)) ? chosen : chosen + [.int(large)]
  }

  private var plainest: JSON { value(.recorded([]), 0) }
}
