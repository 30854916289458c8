/// The code of a function by the number of its arguments; a result of nil means that no overload takes the values.
enum FunctionBody: Sendable {
  case one(@Sendable (CELValue, inout Evaluation) throws(CELError) -> CELValue?)
  case two(@Sendable (CELValue, CELValue, inout Evaluation) throws(CELError) -> CELValue?)
  case more(@Sendable ([CELValue], inout Evaluation) throws(CELError) -> CELValue?)
}

/// A function of the library: what the checker knows of it and what runs.
struct StandardFunction: Sendable {
  let name: String
  let overloads: [Overload]
  /// By number of arguments, the target of a method included.
  let bodies: [Int: FunctionBody]

  func body(arity: Int, isMember: Bool) -> FunctionBody? {
    let isDeclared = overloads.contains { $0.isMember == isMember && $0.parameters.count == arity }
    return isDeclared ? bodies[arity] : nil
  }
}

extension StandardFunction {
  typealias Signature = (parameters: [CELType], result: CELType)

  /// `name(x)`
  static func global(_ name: String, _ signatures: [Signature], _ bodies: [Int: FunctionBody]) -> StandardFunction {
    let overloads = signatures.map { Overload(isMember: false, parameters: $0.parameters, result: $0.result) }
    return StandardFunction(name: name, overloads: overloads, bodies: bodies)
  }

  /// `x.name()`
  static func member(_ name: String, _ signatures: [Signature], _ bodies: [Int: FunctionBody]) -> StandardFunction {
    let overloads = signatures.map { Overload(isMember: true, parameters: $0.parameters, result: $0.result) }
    return StandardFunction(name: name, overloads: overloads, bodies: bodies)
  }

  /// Callable both ways.
  static func both(_ name: String, _ signatures: [Signature], _ bodies: [Int: FunctionBody]) -> StandardFunction {
    let overloads = [false, true].flatMap { isMember in
      signatures.map { Overload(isMember: isMember, parameters: $0.parameters, result: $0.result) }
    }
    return StandardFunction(name: name, overloads: overloads, bodies: bodies)
  }
}

/// All functions an expression can call, by name.
enum StandardLibrary {
  static let functions: [String: StandardFunction] = {
    let all = conversions + collections + text + textExtension + time
    return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  }()

  /// For hints, in alphabetical order.
  static let names: [String] = functions.keys.sorted()

  static func invalid(_ message: String) -> CELError {
    CELError(kind: .invalidArgument, message: message, offset: 0)
  }
}
