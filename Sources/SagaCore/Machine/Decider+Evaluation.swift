import CEL

extension Decider {
  func evaluate(_ expression: Expression, _ scope: Scope) throws(MessageFault) -> CELValue {
    try machine.evaluate(expression, scope: scope, instance: instance, now: now)
  }

  func holds(_ guardExpression: Expression?, _ scope: Scope) throws(MessageFault) -> Bool {
    guard let guardExpression else { return true }
    let value = try evaluate(guardExpression, scope)
    guard case .bool(let holds) = value else {
      throw machine.fault("expression.type", "the guard \(guardExpression.quoted) gave \(value.typeName), not a bool")
    }
    return holds
  }

  /// The first of the transitions whose `when` holds.
  func firstHolding(_ transitions: [Int], scope: Scope) throws(MessageFault) -> Int? {
    for index in transitions where try holds(model.transitions[index].when, scope) { return index }
    return nil
  }

  func text(_ expression: Expression, _ scope: Scope) throws(MessageFault) -> String {
    let value = try evaluate(expression, scope)
    if case .string(let text) = value { return text }
    return String(decoding: JSONWriter.compact(try machine.json(value, from: expression)), as: UTF8.self)
  }

  /// A duration from now; a time in the past counts as now.
  func milliseconds(_ delay: DelayModel, _ scope: Scope) throws(MessageFault) -> Int64 {
    switch delay {
    case .milliseconds(let value): return value
    case .expression(let expression):
      switch try evaluate(expression, scope) {
      case .duration(let duration):
        return max(0, duration.seconds.saturating(times: 1000, plus: Int64(duration.nanoseconds / 1_000_000)))
      case .timestamp(let time):
        let due = time.seconds.saturating(times: 1000, plus: Int64(time.nanoseconds / 1_000_000))
        return max(0, due.subtractingReportingOverflow(now.milliseconds).partialValue)
      case let other:
        throw machine.fault(
          "expression.type", "\(expression.quoted) gave \(other.typeName), not a duration or a timestamp")
      }
    }
  }

  func json(_ template: TemplateModel, _ scope: Scope) throws(MessageFault) -> JSON {
    switch template {
    case .constant(let value): return value
    case .expression(let expression):
      return try machine.json(try evaluate(expression, scope), from: expression)
    case .array(let elements):
      var result: [JSON] = []
      for element in elements { result.append(try json(element, scope)) }
      return .array(result)
    case .object(let members):
      var result: [(String, JSON)] = []
      for member in members { result.append((member.name, try json(member.value, scope))) }
      return .object(JSONObject(result))
    }
  }
}

extension Int64 {
  fileprivate func saturating(times factor: Int64, plus rest: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    if overflow { return self < 0 ? .min : .max }
    let (sum, overflowed) = product.addingReportingOverflow(rest)
    return overflowed ? (rest < 0 ? .min : .max) : sum
  }
}

extension Expression {
  /// The text as it stands in the definition, short enough for a message.
  var quoted: String {
    let text = program.source
    return text.count <= 80 ? "'\(text)'" : "'\(text.prefix(77))…'"
  }
}

extension Machine {
  func fault(_ code: String, _ message: String) -> MessageFault {
    MessageFault(code: code, message: "\(identity): \(message)", isRetryable: false)
  }

  func evaluate(_ expression: Expression, scope: Scope, instance: Instance?, now: Timestamp) throws(MessageFault)
    -> CELValue
  {
    let activation = ScopeActivation(
      variables: expression.variables, scope: scope, instance: instance, machine: self, now: now)
    do {
      return try expression.program.evaluate(activation, budget: MachineLimits.expressionBudget)
    } catch {
      throw fault("expression.failed", "\(expression.quoted) at \(expression.position) failed: \(error.message)")
    }
  }

  func json(_ value: CELValue, from expression: Expression) throws(MessageFault) -> JSON {
    do {
      return try JSON(cel: value)
    } catch {
      throw fault("expression.value", "\(expression.quoted) at \(expression.position): \(error.message)")
    }
  }
}
