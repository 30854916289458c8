/// The macros over lists and map keys, run as loops.
final class ComprehensionNode: Node {
  let macro: Comprehension.Macro
  let range: any Node
  let local: Int
  let predicate: (any Node)?
  let transform: (any Node)?
  let offset: Int

  init(
    _ macro: Comprehension.Macro, range: any Node, local: Int, predicate: (any Node)?, transform: (any Node)?,
    offset: Int
  ) {
    self.macro = macro
    self.range = range
    self.local = local
    self.predicate = predicate
    self.transform = transform
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let source = try range.evaluate(&evaluation)
    let elements: [CELValue]
    switch source {
    case .list(let list): elements = list
    case .map(let map):
      try evaluation.charge(map.count)
      elements = map.entries.map(\.key)
    default: throw noOverload("\(source.typeName).\(macro.rawValue)()")
    }
    switch macro {
    case .all: return try decide(elements, decisive: false, &evaluation)
    case .exists: return try decide(elements, decisive: true, &evaluation)
    case .existsOne: return try existsOne(elements, &evaluation)
    case .filter, .map: return try collect(elements, &evaluation)
    }
  }

  /// `all` and `exists` absorb errors like `&&` and `||`.
  private func decide(
    _ elements: [CELValue], decisive: Bool, _ evaluation: inout Evaluation
  ) throws(CELError) -> CELValue {
    var failure: CELError?
    for element in elements {
      do throws(CELError) {
        if try holds(element, &evaluation) == decisive { return .bool(decisive) }
      } catch {
        if error.kind == .budget { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return .bool(!decisive)
  }

  private func existsOne(_ elements: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    var count = 0
    for element in elements where try holds(element, &evaluation) { count += 1 }
    return .bool(count == 1)
  }

  private func collect(_ elements: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    var collected: [CELValue] = []
    for element in elements {
      if predicate != nil {
        guard try holds(element, &evaluation) else { continue }
      } else {
        try bind(element, &evaluation)
      }
      if let transform {
        collected.append(try transform.evaluate(&evaluation))
      } else {
        collected.append(element)
      }
    }
    return .list(collected)
  }

  @inline(__always)
  private func bind(_ element: CELValue, _ evaluation: inout Evaluation) throws(CELError) {
    try evaluation.charge(1)
    evaluation.locals[local] = element
  }

  private func holds(_ element: CELValue, _ evaluation: inout Evaluation) throws(CELError) -> Bool {
    try bind(element, &evaluation)
    guard let predicate else { return true }
    let value = try predicate.evaluate(&evaluation)
    guard case .bool(let flag) = value else {
      throw noOverload("the predicate of \(macro.rawValue)() gave \(value.typeName), not bool")
    }
    return flag
  }

  private func noOverload(_ what: String) -> CELError {
    CELError(kind: .noSuchOverload, message: "no such overload: \(what)", offset: offset)
  }
}
