import CEL

typealias Variable = (name: String, type: CELType, value: CELValue?)

/// The value of an expression over the given variables.
func evaluate(
  _ source: String, _ variables: [Variable] = [], check: Bool = true, budget: Int? = nil, limits: CELLimits = .default
) throws(CELError) -> CELValue {
  let environment = CELEnvironment(variables: variables.map { (name: $0.name, type: $0.type) }, limits: limits)
  let program = try environment.compile(source, check: check)
  return try program.evaluate(CELValues(variables.map(\.value)), budget: budget)
}

/// The error an expression ends in, when it is compiled or when it runs; nil when it has a value.
func failure(
  _ source: String, _ variables: [Variable] = [], check: Bool = true, budget: Int? = nil, limits: CELLimits = .default
) -> CELError? {
  do throws(CELError) {
    _ = try evaluate(source, variables, check: check, budget: budget, limits: limits)
    return nil
  } catch {
    return error
  }
}

/// The smallest budget with which an expression still ends in a value.
func cost(_ source: String, _ variables: [Variable] = []) -> Int {
  var low = 0
  var high = CELLimits.default.evaluationBudget
  while low < high {
    let middle = (low + high) / 2
    if failure(source, variables, budget: middle)?.kind == .budget { low = middle + 1 } else { high = middle }
  }
  return low
}

func object(_ pairs: (String, CELValue)...) -> CELValue { .map(CELMap(uniqueStringKeys: pairs)) }
