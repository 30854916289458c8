import CEL

extension Decider {
  /// What expressions see now; several of one place share it.
  func values(_ scope: Scope) -> ScopeValues { ScopeValues(scope, of: instance, machine, now: now, budget) }

  func evaluate(_ expression: Expression, _ scope: Scope) throws(MessageFault) -> CELValue {
    try machine.evaluate(expression, values(scope))
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
    #if SAGA_MUTANTS
      if Mutant.is(.lastAlternativeTaken) {
        for index in transitions.reversed() where try holds(model.transitions[index].when, scope) { return index }
        return nil
      }
    #endif
    for index in transitions where try holds(model.transitions[index].when, scope) { return index }
    return nil
  }

  func text(_ expression: Expression, _ scope: Scope) throws(MessageFault) -> String {
    let value = try evaluate(expression, scope)
    if case .string(let text) = value { return text }
    return String(decoding: JSONWriter.compact(try machine.json(value, from: expression)), as: UTF8.self)
  }

  /// A duration from now; a time in the past counts as now.
  ///
  /// - Parameter start: what counts as now instead, for a timer that runs since then.
  func milliseconds(
    _ delay: DelayModel, _ scope: Scope, since start: Timestamp? = nil
  ) throws(MessageFault) -> Int64 {
    switch delay {
    case .milliseconds(let value): return value
    case .expression(let expression):
      let start = start ?? now
      switch try machine.evaluate(expression, ScopeValues(scope, of: instance, machine, now: start, budget)) {
      case .duration(let duration):
        return max(0, duration.seconds.saturating(times: 1000, plus: Int64(duration.nanoseconds / 1_000_000)))
      case .timestamp(let time):
        let due = time.seconds.saturating(times: 1000, plus: Int64(time.nanoseconds / 1_000_000))
        return max(0, due.subtractingReportingOverflow(start.milliseconds).partialValue)
      case let other:
        throw machine.fault(
          "expression.type", "\(expression.quoted) gave \(other.typeName), not a duration or a timestamp")
      }
    }
  }

  func json(_ template: TemplateModel, _ scope: Scope) throws(MessageFault) -> JSON {
    if case .constant(let value) = template { return value }
    return try machine.json(template, values(scope))
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

  /// The value of a template's expressions, in the template's shape.
  func json(_ template: TemplateModel, _ values: ScopeValues) throws(MessageFault) -> JSON {
    switch template {
    case .constant(let value): return value
    case .expression(let expression):
      if let path = expression.path, let value = values.json(path.variable, path.fields) { return value }
      return try json(try evaluate(expression, values), from: expression)
    case .array(let elements):
      var result: [JSON] = []
      result.reserveCapacity(elements.count)
      for element in elements { result.append(try json(element, values)) }
      return .array(result)
    case .object(let members):
      // The definition's own objects have no key twice.
      var result = JSONObject(reservingCapacity: members.count)
      for member in members { result.append(absent: member.name, try json(member.value, values)) }
      return .object(result)
    }
  }

  func evaluate(_ expression: Expression, _ values: ScopeValues) throws(MessageFault) -> CELValue {
    let activation = ScopeActivation(variables: expression.variables, values: values)
    let budget = min(MachineLimits.expressionBudget, values.budget?.left ?? .max)
    var remaining = budget
    defer { values.budget?.left -= budget - max(0, remaining) }
    do {
      return try expression.program.evaluate(activation, remaining: &remaining)
    } catch {
      let all = budget < MachineLimits.expressionBudget && error.kind == .budget
      let reason = all ? "all expressions of one decision cost more than they may (decisionBudget)" : error.message
      throw fault("expression.failed", "\(expression.quoted) at \(expression.position) failed: \(reason)")
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
