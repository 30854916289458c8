/// What work costs.
enum CostModel {
  /// Bytes of text that cost as much as one operation.
  static let bytesPerUnit = 8
  /// Thread visits of the pattern matcher that cost as much as one operation.
  static let patternStepsPerUnit = 4
  /// Instructions whose preparation for a match costs as much as one operation.
  static let patternInstructionsPerUnit = 64
  /// What folding one constant at compile time may cost.
  static let foldingBudget = 10_000
}

/// The state of one evaluation.
struct Evaluation {
  let activation: any CELActivation
  /// What is left of the budget.
  var remaining: Int
  /// The comprehension variables in scope, outermost first.
  var locals: [CELValue]
  let patternInstructions: Int

  /// Takes from the budget; never absorbed by `&&`, `||`, `all` or `exists`.
  @inline(__always)
  mutating func charge(_ cost: Int) throws(CELError) {
    remaining -= cost
    if remaining < 0 { throw Self.exhausted }
  }

  mutating func charge(bytes: Int) throws(CELError) { try charge(bytes / CostModel.bytesPerUnit) }

  static let exhausted = CELError(kind: .budget, message: "the cost budget of the evaluation is used up", offset: 0)

  mutating func equal(_ left: CELValue, _ right: CELValue) throws(CELError) -> Bool {
    let result = CELValue.equal(left, right, allowance: &remaining)
    if remaining < 0 { throw Self.exhausted }
    return result
  }
}

/// A node of the compiled tree. Implementations are final classes of constants, so that a program is shared freely
/// between threads.
protocol Node: AnyObject, Sendable {
  func evaluate(_ evaluation: inout Evaluation) throws(CELError) -> CELValue
}

/// The values of the environment's variables during one evaluation.
public protocol CELActivation {
  /// The value of the variable declared at `index`, asked for only when an evaluation reaches the name; nil fails the
  /// evaluation there.
  func value(forVariable index: Int) -> CELValue?

  /// The value of a field of a field … of a variable, for activations that would have to build the whole variable to give
  /// it. Asked for first; nil says nothing, and the whole variable is asked for.
  func value(forVariable index: Int, fields: [String]) -> CELValue?
}

extension CELActivation {
  public func value(forVariable index: Int, fields: [String]) -> CELValue? { nil }
}

/// Values held in the order of the environment's declarations.
public struct CELValues: CELActivation, Sendable {
  /// By the place of the variable in the environment; nil for one without a value.
  public var values: [CELValue?]

  /// Values in the order of the environment's declarations; what is left out has no value.
  public init(_ values: [CELValue?] = []) { self.values = values }

  public func value(forVariable index: Int) -> CELValue? { index < values.count ? values[index] : nil }
}
