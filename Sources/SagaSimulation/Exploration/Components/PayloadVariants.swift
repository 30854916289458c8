import SagaCore

/// The payloads of a message that an exploration tries.
struct PayloadVariants {
  /// Nil for the plain payload itself, first.
  var payloads: [JSON?]
  /// Whether there are more: combinations, or values of a member that may decide something which its plan has no room for.
  var isCut: Bool
  /// How many elements a list that may decide something had at most, where its schema allows more; nil where none does.
  var listElements: Int?

  static let maximum = 256
}

extension PayloadPlan {
  /// A payload in every way that may decide something: members whose names stand in conditions, or whose values go into
  /// ones that do, take all of their candidates at every depth, everything else stays plain.
  ///
  /// - Parameters:
  ///   - plain: the payload with the plainest values.
  ///   - echo: members that are known already and are not varied.
  func variants(of plain: JSON, echo: JSON?, decisive: Set<String>) -> PayloadVariants {
    guard mayDecide(decisive) else { return PayloadVariants(payloads: [nil], isCut: false) }
    let found = alternatives(to: plain, echo: echo, decisive)
    return PayloadVariants(
      payloads: [nil] + found.values.dropFirst().map { $0 }, isCut: found.isCut, listElements: found.listElements)
  }

  /// Values that may decide something, the plain one first.
  private struct Alternatives {
    var values: [JSON]
    var isCut = false
    var listElements: Int?

    mutating func add(_ more: [JSON]) {
      isCut = isCut || values.count + more.count > PayloadVariants.maximum
      values = Array((values + more).prefix(PayloadVariants.maximum))
    }

    /// What is true of a part is true of the whole.
    mutating func note(_ part: Alternatives) {
      isCut = isCut || part.isCut
      listElements = [listElements, part.listElements].compactMap { $0 }.max()
    }
  }

  private func alternatives(to plain: JSON, echo: JSON? = nil, _ decisive: Set<String>) -> Alternatives {
    switch self {
    case .constant: return Alternatives(values: [plain])
    case .candidates(let values, let isCut):
      let isIntegral = values.allSatisfy { if case .int = $0 { true } else { false } }
      let chosen = isIntegral ? PayloadPlan.extremes(values) : values
      return Alternatives(values: [plain] + chosen.filter { $0 != plain }, isCut: isCut)
    case .object(let members): return combinations(of: members, plain, echo, decisive)
    case .array(let element, let lengths, let allowsMore):
      return lists(of: element, lengths.sorted(), allowsMore: allowsMore, plain, decisive)
    case .either(let plans):
      var found = Alternatives(values: [plain])
      for (index, plan) in plans.enumerated() {
        let base = index == 0 ? plain : plan.value(.recorded([]), 0, echo: plain)
        let part = plan.alternatives(to: base, echo: echo, decisive)
        found.note(part)
        found.add(part.values.filter { !found.values.contains($0) })
      }
      return found
    }
  }

  private func combinations(
    of members: [Member], _ plain: JSON, _ echo: JSON?, _ decisive: Set<String>
  ) -> Alternatives {
    var found = Alternatives(values: [plain])
    for member in members where decisive.contains(member.name) {
      let known = echo?[member.name]
      // What is known is taken over as it is where it fits; of one that fits only in part, the rest is open.
      if let known, known.objectValue == nil || member.schema?.isValid(known) ?? true { continue }
      let mine = plain[member.name]
      let part = member.plan.alternatives(to: mine ?? member.plan.plainest, echo: known, decisive)
      found.note(part)
      var more: [JSON] = []
      for value in part.values where mine != value && member.schema?.isValid(value) ?? true {
        more += found.values.map { $0.setting([member.name], to: value) }
      }
      if !member.isRequired, mine != nil, known == nil { more += found.values.map { $0.removing(member.name) } }
      found.add(more)
    }
    return found
  }

  /// Lists of every length and of every combination of elements.
  private func lists(
    of element: PayloadPlan, _ lengths: [Int], allowsMore: Bool, _ plain: JSON, _ decisive: Set<String>
  ) -> Alternatives {
    let part = element.alternatives(to: element.plainest, decisive)
    var found = Alternatives(values: [plain])
    found.note(part)
    if allowsMore { found.listElements = max(found.listElements ?? 0, lengths.last ?? 0) }
    var lists: [[JSON]] = [[]]
    for length in 0...(lengths.last ?? 0) {
      if lengths.contains(length) { found.add(lists.map { .array($0) }.filter { $0 != plain }) }
      // One more than are kept, so that `add` sees that there are more.
      lists = Array(
        lists.lazy.flatMap { list in part.values.lazy.map { list + [$0] } }.prefix(PayloadVariants.maximum + 1))
    }
    return found
  }

  /// Whether there is a member that may decide something, or a value that is none's.
  private func mayDecide(_ decisive: Set<String>) -> Bool {
    switch self {
    case .constant: false
    case .candidates: true
    case .object(let members): members.contains { decisive.contains($0.name) }
    case .array(let element, _, _): element.mayDecide(decisive)
    case .either(let plans): plans.contains { $0.mayDecide(decisive) }
    }
  }

  /// The candidates that can make a comparison come out otherwise: a middling number that is no literal of the definition
  /// (those come with their neighbours) compares like the plainest or like the large one.
  private static func extremes(_ values: [JSON]) -> [JSON] {
    let middling: Int64 = 100
    let isLiteral = values.contains(.int(middling - 1)) || values.contains(.int(middling + 1))
    return values.filter { $0 == values.first || isLiteral || $0 != .int(middling) }
  }

  private var plainest: JSON { value(.recorded([]), 0) }
}
