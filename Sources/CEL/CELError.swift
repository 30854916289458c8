/// A failure to compile or to evaluate an expression.
///
/// Errors are values of the language: `&&`, `||`, `all` and `exists` may absorb them (CEL spec, "Logical Operators");
/// only ``Kind/budget`` can never be absorbed.
public struct CELError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The families of failure, stable enough to branch on.
  public enum Kind: String, Sendable, Hashable {
    /// The text is no expression of the language.
    case syntax
    /// The checker found a type that does not fit.
    case type
    /// No overload of an operator or function takes these arguments.
    case noSuchOverload
    /// A field or map key that is not there.
    case noSuchField
    /// A variable or function nobody declared, or a variable without a value.
    case unknownName
    /// Integer, timestamp or duration arithmetic left its range.
    case overflow
    /// An integer was divided by zero.
    case divisionByZero
    /// A list or string index outside its bounds.
    case indexOutOfRange
    /// An argument of the right type with a value the function refuses, such as a bad pattern or time zone.
    case invalidArgument
    /// A map literal names one key twice.
    case duplicateKey
    /// The cost budget of the evaluation is used up.
    case budget
    /// A limit of the compiler: source size, nesting depth, program size of a pattern.
    case limit
  }

  /// The family of the failure, to branch on.
  public var kind: Kind
  /// What is wrong, for people; names the operator, field or limit.
  public var message: String
  /// UTF-8 byte offset into the source.
  public var offset: Int

  /// An error at an offset in bytes, for hosts that evaluate on their own account.
  public init(kind: Kind, message: String, offset: Int) {
    self.kind = kind
    self.message = message
    self.offset = offset
  }

  public var description: String { "\(message) (at offset \(offset))" }

  /// One-based line and column, in Unicode scalars, of the error in `source`.
  public func position(in source: String) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    var remaining = offset
    for scalar in source.unicodeScalars {
      remaining -= UTF8.width(scalar)
      if remaining < 0 { break }
      if scalar == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return (line, column)
  }
}
