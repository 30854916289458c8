/// One signature of a function or operator.
struct Overload: Sendable {
  var isMember = false
  /// For a method the target comes first.
  var parameters: [CELType]
  var result: CELType

  /// The result for these arguments, or nil when they do not fit. Nullable arguments count as what they wrap.
  func result(for arguments: [CELType]) -> CELType? {
    guard arguments.count == parameters.count else { return nil }
    var bindings: [String: CELType] = [:]
    for (parameter, argument) in zip(parameters, arguments) {
      guard Self.match(parameter, argument.unwrapped, &bindings) else { return nil }
    }
    return Self.substitute(result, bindings)
  }

  private static func match(_ parameter: CELType, _ argument: CELType, _ bindings: inout [String: CELType]) -> Bool {
    switch (parameter, argument) {
    case (.parameter(let name), _):
      guard let bound = bindings[name] else {
        bindings[name] = argument
        return true
      }
      guard let joined = bound.joined(argument) else { return false }
      bindings[name] = joined
      return true
    case (.list(let element), .list(let actual)): return match(element, actual, &bindings)
    case (.map(let key, let value), .map(let actualKey, let actualValue)):
      return match(key, actualKey, &bindings) && match(value, actualValue, &bindings)
    case (.map(let key, let value), .object): return match(key, .string, &bindings) && match(value, .dyn, &bindings)
    case (.list(let element), .dyn): return match(element, .dyn, &bindings)
    case (.map(let key, let value), .dyn): return match(key, .dyn, &bindings) && match(value, .dyn, &bindings)
    case (.dyn, _), (_, .dyn): return true
    default: return parameter == argument
    }
  }

  private static func substitute(_ type: CELType, _ bindings: [String: CELType]) -> CELType {
    switch type {
    case .parameter(let name): bindings[name] ?? .dyn
    case .list(let element): .list(substitute(element, bindings))
    case .map(let key, let value): .map(substitute(key, bindings), substitute(value, bindings))
    default: type
    }
  }
}

extension [Overload] {
  /// The result when at least one signature fits: its own when all that fit agree, else `dyn`.
  func result(for arguments: [CELType]) -> CELType? {
    var found: CELType?
    for overload in self {
      guard let result = overload.result(for: arguments) else { continue }
      if let earlier = found, earlier != result { return .dyn }
      found = result
    }
    return found
  }
}
