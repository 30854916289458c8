/// What is known to hold where an expression is reached.
struct FlowFacts {
  /// Paths of which `has()` was true, by the slot of their variable.
  var present: Set<Path> = []
  /// Variables known not to be null.
  var notNull: Set<Int> = []

  struct Path: Hashable {
    var slot: Int
    var fields: [String]
  }

  mutating func formUnion(_ other: FlowFacts) {
    present.formUnion(other.present)
    notNull.formUnion(other.notNull)
  }

  func union(_ other: FlowFacts) -> FlowFacts {
    var union = self
    union.formUnion(other)
    return union
  }

  func intersection(_ other: FlowFacts) -> FlowFacts {
    FlowFacts(present: present.intersection(other.present), notNull: notNull.intersection(other.notNull))
  }

  /// Whether `has()` of the path, or of a longer one, was true.
  func guards(_ path: Path) -> Bool {
    present.contains { $0.slot == path.slot && $0.fields.starts(with: path.fields) }
  }
}

extension FlowFacts {
  /// What follows from an expression having been true, or false.
  static func facts(of expression: Expression, being truth: Bool) -> FlowFacts {
    switch expression.kind {
    case .presence(let operand, let field):
      guard truth, let path = Path(operand) else { return FlowFacts() }
      return FlowFacts(present: [Path(slot: path.slot, fields: path.fields + [field])], notNull: [path.slot])
    case .unary(.not, let operand): return facts(of: operand, being: !truth)
    case .binary(let binary, let left, let right) where binary == .equal || binary == .notEqual:
      guard let slot = variableComparedWithNull(left, right) else { return FlowFacts() }
      return (binary == .equal) == truth ? FlowFacts() : FlowFacts(notNull: [slot])
    case .logical(let logical, let operands):
      // All operands of a true `&&` are true; of a false one some operand is false.
      let isSettled = (logical == .and) == truth
      var known = facts(of: operands[0], being: truth)
      for operand in operands.dropFirst() {
        let next = facts(of: operand, being: truth)
        if isSettled { known.formUnion(next) } else { known = known.intersection(next) }
      }
      return known
    case .conditional(let test, let yes, let no):
      let whenYes = facts(of: test, being: true).union(facts(of: yes, being: truth))
      let whenNo = facts(of: test, being: false).union(facts(of: no, being: truth))
      if case .literal(.bool(!truth)) = no.kind { return whenYes }
      if case .literal(.bool(!truth)) = yes.kind { return whenNo }
      return whenYes.intersection(whenNo)
    default: return FlowFacts()
    }
  }

  private static func variableComparedWithNull(_ left: Expression, _ right: Expression) -> Int? {
    switch (left.kind, right.kind) {
    case (.variable(let slot), .literal(.null)), (.literal(.null), .variable(let slot)): slot
    default: nil
    }
  }
}

extension FlowFacts.Path {
  /// The path an expression is, when it is a variable with selections only.
  init?(_ expression: Expression) {
    switch expression.kind {
    case .variable(let slot): self.init(slot: slot, fields: [])
    case .select(let operand, let field):
      guard let path = Self(operand) else { return nil }
      self.init(slot: path.slot, fields: path.fields + [field])
    case .index(let operand, let index):
      guard case .literal(.string(let field)) = index.kind, let path = Self(operand) else { return nil }
      self.init(slot: path.slot, fields: path.fields + [field])
    default: return nil
    }
  }
}
