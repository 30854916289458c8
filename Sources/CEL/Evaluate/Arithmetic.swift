/// The arithmetic of the language: integers that overflow are errors, doubles follow IEEE 754 (CEL spec, "Overflow").
enum Arithmetic {
  /// Nil when no overload takes the two.
  static func apply(
    _ arithmetic: BinaryOperator, _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
  ) throws(CELError) -> CELValue? {
    switch (left, right) {
    case (.int(let a), .int(let b)): return try integers(arithmetic, a, b, "int").map(CELValue.int)
    case (.uint(let a), .uint(let b)): return try integers(arithmetic, a, b, "uint").map(CELValue.uint)
    case (.double(let a), .double(let b)): return doubles(arithmetic, a, b)
    case (.string(let a), .string(let b)) where arithmetic == .add:
      try evaluation.charge(bytes: a.utf8.count + b.utf8.count)
      return .string(a + b)
    case (.bytes(let a), .bytes(let b)) where arithmetic == .add:
      try evaluation.charge(bytes: a.count + b.count)
      return .bytes(a + b)
    case (.list(let a), .list(let b)) where arithmetic == .add:
      try evaluation.charge(a.count + b.count)
      return .list(a + b)
    default: return try time(arithmetic, left, right)
    }
  }

  private static func integers<T: FixedWidthInteger>(
    _ arithmetic: BinaryOperator, _ a: T, _ b: T, _ type: String
  ) throws(CELError) -> T? {
    let (result, overflow): (T, Bool)
    switch arithmetic {
    case .add: (result, overflow) = a.addingReportingOverflow(b)
    case .subtract: (result, overflow) = a.subtractingReportingOverflow(b)
    case .multiply: (result, overflow) = a.multipliedReportingOverflow(by: b)
    case .divide, .modulo:
      guard b != 0 else {
        throw CELError(kind: .divisionByZero, message: "division by zero in '\(arithmetic.rawValue)'", offset: 0)
      }
      (result, overflow) =
        arithmetic == .divide ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
    default: return nil
    }
    if overflow { throw overflowed(type, arithmetic) }
    return result
  }

  private static func doubles(_ arithmetic: BinaryOperator, _ a: Double, _ b: Double) -> CELValue? {
    switch arithmetic {
    case .add: .double(a + b)
    case .subtract: .double(a - b)
    case .multiply: .double(a * b)
    case .divide: .double(a / b)
    default: nil
    }
  }

  private static func time(_ arithmetic: BinaryOperator, _ left: CELValue, _ right: CELValue) throws(CELError)
    -> CELValue?
  {
    let result: CELValue?
    let type: String
    switch (arithmetic, left, right) {
    case (.add, .timestamp(let a), .duration(let b)), (.add, .duration(let b), .timestamp(let a)):
      (result, type) = (a.adding(b).map(CELValue.timestamp), "timestamp")
    case (.subtract, .timestamp(let a), .duration(let b)):
      (result, type) = (a.adding(b.negated).map(CELValue.timestamp), "timestamp")
    case (.subtract, .timestamp(let a), .timestamp(let b)):
      (result, type) = (a.since(b).map(CELValue.duration), "duration")
    case (.add, .duration(let a), .duration(let b)):
      (result, type) = (a.adding(b).map(CELValue.duration), "duration")
    case (.subtract, .duration(let a), .duration(let b)):
      (result, type) = (a.adding(b.negated).map(CELValue.duration), "duration")
    default: return nil
    }
    guard let result else { throw overflowed(type, arithmetic) }
    return result
  }

  private static func overflowed(_ type: String, _ arithmetic: BinaryOperator) -> CELError {
    CELError(kind: .overflow, message: "\(type) overflow in '\(arithmetic.rawValue)'", offset: 0)
  }
}
