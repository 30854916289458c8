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
  /// Whether the activation builds its values; then the large ones are charged for and kept in `built`.
  let buildsValues: Bool
  /// The lists, maps and times that were built, by what led to them: each is built once, however often a macro reads it.
  var built: [PathKey: CELValue] = [:]
  /// What is left of the budget.
  var remaining: Int
  /// The comprehension variables in scope, outermost first.
  var locals: [CELValue]
  let patternInstructions: Int

  init(activation: any CELActivation, remaining: Int, locals: [CELValue], patternInstructions: Int) {
    self.activation = activation
    buildsValues = activation.buildsValues
    self.remaining = remaining
    self.locals = locals
    self.patternInstructions = patternInstructions
  }

  /// Takes from the budget; never absorbed by `&&`, `||`, `all` or `exists`.
  @inline(__always)
  mutating func charge(_ cost: Int) throws(CELError) {
    remaining -= cost
    if remaining < 0 { throw Self.exhausted }
  }

  mutating func charge(bytes: Int) throws(CELError) { try charge(bytes / CostModel.bytesPerUnit) }

  /// Takes what looking up a key costs: one that is a text is read.
  mutating func charge(key: CELValue) throws(CELError) {
    if case .string(let text) = key { try charge(bytes: text.utf8.count) }
  }

  /// Charges for a value that the activation has built, and keeps it where building it again would be much work.
  mutating func keep(_ value: CELValue, of path: PathKey) throws(CELError) {
    switch value {
    case .list, .map: try chargeTree(value, readsTexts: false)
    // Read from a text; `now` is there already.
    case .timestamp where !path.fields.isEmpty: break
    default: return
    }
    built[path] = value
  }

  /// Charges for every part of a value, as often as it occurs.
  ///
  /// - Parameter readsTexts: false where texts are shared with another value; the keys of maps are read even then.
  mutating func chargeTree(_ value: CELValue, readsTexts: Bool = true) throws(CELError) {
    switch value {
    case .list(let elements):
      try charge(elements.count)
      for element in elements { try chargeTree(element, readsTexts: readsTexts) }
    case .map(let map):
      try charge(map.count)
      for entry in map.entries {
        try charge(key: entry.key)
        try chargeTree(entry.value, readsTexts: readsTexts)
      }
    case .string(let text) where readsTexts: try charge(bytes: text.utf8.count)
    case .bytes(let bytes) where readsTexts: try charge(bytes: bytes.count)
    default: break
    }
  }

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

  /// Whether values are built when they are asked for, as from JSON. Only then are the two questions below asked, and an
  /// evaluation asks once for each list and map, and charges for every part of it.
  var buildsValues: Bool { get }

  /// The value of a field of a field … of a variable, for activations that would have to build the whole variable to give
  /// it. Asked for first; nil says nothing, and the whole variable is asked for.
  func value(forVariable index: Int, fields: [String]) -> CELValue?

  /// Whether a variable has a field of a field …, so that no value has to be built for `has()`; nil says nothing, and the
  /// value that would have the field is asked for.
  func hasValue(forVariable index: Int, fields: [String]) -> Bool?
}

extension CELActivation {
  public var buildsValues: Bool { false }
  public func value(forVariable index: Int, fields: [String]) -> CELValue? { nil }
  public func hasValue(forVariable index: Int, fields: [String]) -> Bool? { nil }
}

/// Values held in the order of the environment's declarations.
public struct CELValues: CELActivation, Sendable {
  /// By the place of the variable in the environment; nil for one without a value.
  public var values: [CELValue?]

  /// Values in the order of the environment's declarations; what is left out has no value.
  public init(_ values: [CELValue?] = []) { self.values = values }

  public func value(forVariable index: Int) -> CELValue? { index < values.count ? values[index] : nil }
}
