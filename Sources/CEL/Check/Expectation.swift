extension Checker {
  /// Checks that a result fits what its place expects. Literals of lists, maps and conditionals are followed to their
  /// parts, so that the error stands where the wrong part is.
  ///
  /// An `int` or `uint` fits where a `double` is expected: results are stored as JSON numbers there.
  mutating func expect(_ wanted: CELType, _ expression: Expression) throws(CELError) {
    switch (expression.kind, wanted.unwrapped) {
    case (.list(let elements), .list(let element)):
      for part in elements { try expect(element, part) }
    case (.map(let entries), .map(_, let value)):
      for entry in entries { try expect(value, entry.value) }
    case (.map(let entries), .object(let object)):
      for entry in entries { try expect(entry.key, entry.value, in: object) }
    case (.conditional(_, let yes, let no), _):
      try expect(wanted, yes)
      try expect(wanted, no)
    default:
      let actual = try type(of: expression)
      if actual.widenedForExpectation(wanted) || actual.isAssignable(to: wanted) { return }
      throw failure("expected \(wanted), found \(actual)", expression.offset)
    }
  }

  private mutating func expect(_ key: Expression, _ value: Expression, in object: CELObjectType) throws(CELError) {
    guard case .literal(.string(let name)) = key.kind else { return }
    if let declared = object.type(ofField: name) { return try expect(declared, value) }
    if object.isOpen { return }
    let hint = NearestName.hint(for: name, among: object.fields.map(\.name))
    throw CELError(kind: .noSuchField, message: "\(object.name) has no field '\(name)'\(hint)", offset: key.offset)
  }
}

extension CELType {
  fileprivate func widenedForExpectation(_ wanted: CELType) -> Bool {
    switch (self, wanted) {
    case (.int, .double), (.uint, .double): true
    case (.nullable(let from), .nullable(let to)): from.widenedForExpectation(to)
    case (_, .nullable(let to)): widenedForExpectation(to)
    case (.list(let from), .list(let to)): from.widenedForExpectation(to)
    default: false
    }
  }
}
