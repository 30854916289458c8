/// A call of a library function with one to four arguments, the target of a method among them.
final class CallNode: Node {
  let name: String
  let body: FunctionBody
  let arguments: [any Node]
  let offset: Int

  init(_ name: String, _ body: FunctionBody, _ arguments: [any Node], offset: Int) {
    self.name = name
    self.body = body
    self.arguments = arguments
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    switch body {
    case .one(let function):
      let a = try arguments[0].evaluate(&evaluation)
      return try finish([a]) { () throws(CELError) in try function(a, &evaluation) }
    case .two(let function):
      let (a, b) = (try arguments[0].evaluate(&evaluation), try arguments[1].evaluate(&evaluation))
      return try finish([a, b]) { () throws(CELError) in try function(a, b, &evaluation) }
    case .more(let function):
      var values: [CELValue] = []
      for argument in arguments { values.append(try argument.evaluate(&evaluation)) }
      return try finish(values) { () throws(CELError) in try function(values, &evaluation) }
    }
  }

  private func finish(
    _ values: @autoclosure () -> [CELValue], _ call: () throws(CELError) -> CELValue?
  ) throws(CELError) -> CELValue {
    do throws(CELError) {
      if let result = try call() { return result }
    } catch {
      throw CELError(kind: error.kind, message: error.message, offset: offset)
    }
    let types = values().map(\.typeName).joined(separator: ", ")
    throw CELError(kind: .noSuchOverload, message: "no such overload: \(name)(\(types))", offset: offset)
  }
}

/// `text.matches('pattern')` with the pattern compiled once.
final class MatchesNode: Node {
  let text: any Node
  let pattern: Pattern
  let offset: Int

  init(_ text: any Node, _ pattern: Pattern, offset: Int) {
    self.text = text
    self.pattern = pattern
    self.offset = offset
  }

  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue {
    try evaluation.charge(1)
    let value = try text.evaluate(&evaluation)
    guard case .string(let string) = value else {
      let message = "no such overload: matches(\(value.typeName), string)"
      throw CELError(kind: .noSuchOverload, message: message, offset: offset)
    }
    return .bool(try pattern.matches(string, charging: &evaluation))
  }
}
