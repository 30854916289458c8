extension CELType {
  /// The type without the possibility of null.
  var unwrapped: CELType {
    if case .nullable(let wrapped) = self { wrapped.unwrapped } else { self }
  }

  var isNumeric: Bool {
    switch self {
    case .int, .uint, .double: true
    default: false
    }
  }

  /// Whether a value of this type may stand where `other` is wanted; `dyn` goes with everything.
  public func isAssignable(to other: CELType) -> Bool {
    switch (self, other) {
    case (.dyn, _), (_, .dyn): true
    case (.null, .nullable): true
    case (.nullable(let from), .nullable(let to)): from.isAssignable(to: to)
    case (_, .nullable(let to)): isAssignable(to: to)
    case (.list(let from), .list(let to)): from.isAssignable(to: to)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      key.isAssignable(to: otherKey) && value.isAssignable(to: otherValue)
    case (.object(let object), .map(let key, let value)):
      CELType.string.isAssignable(to: key) && object.fields.allSatisfy { $0.type.isAssignable(to: value) }
    case (.map(let key, _), .object): key.isAssignable(to: .string)
    case (.object(let from), .object(let to)): from == to || from.fits(to)
    default: self == other
    }
  }

  /// The narrowest type both belong to, or nil when only `dyn` would do.
  func joined(_ other: CELType) -> CELType? {
    if self == other { return self }
    switch (self, other) {
    case (.dyn, _), (_, .dyn): return .dyn
    case (.nullable(let a), .nullable(let b)): return a.joined(b).map(CELType.nullable)
    case (.null, .nullable): return other
    case (.nullable, .null): return self
    case (.null, _): return .nullable(other)
    case (_, .null): return .nullable(self)
    case (.nullable(let a), _): return a.joined(other).map(CELType.nullable)
    case (_, .nullable(let b)): return joined(b).map(CELType.nullable)
    case (.list(let a), .list(let b)): return a.joined(b).map(CELType.list)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      guard let joinedKey = key.joined(otherKey), let joinedValue = value.joined(otherValue) else { return nil }
      return .map(joinedKey, joinedValue)
    case (.object, .object), (.object, .map(.string, _)), (.map(.string, _), .object): return .map(.string, .dyn)
    default: return nil
    }
  }

  /// Whether `==` between the two can ever be meant: null goes with all types, numbers go with one another.
  func isComparable(with other: CELType) -> Bool {
    let left = unwrapped
    let right = other.unwrapped
    switch (left, right) {
    case (.dyn, _), (_, .dyn), (.null, _), (_, .null): return true
    case (.list(let a), .list(let b)): return a.isComparable(with: b)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      return key.isComparable(with: otherKey) && value.isComparable(with: otherValue)
    default:
      return left.isNumeric && right.isNumeric || left.isAssignable(to: right) || right.isAssignable(to: left)
    }
  }

  /// Whether `<` and its kin are defined between the two.
  func isOrdered(with other: CELType) -> Bool {
    let left = unwrapped
    let right = other.unwrapped
    if left.isNumeric && right.isNumeric { return true }
    switch (left, right) {
    case (.dyn, .dyn): return true
    case (.dyn, let known), (let known, .dyn): return known.isOrdered(with: known)
    case (.bool, .bool), (.string, .string), (.bytes, .bytes), (.timestamp, .timestamp), (.duration, .duration):
      return true
    default: return false
    }
  }
}

extension CELObjectType {
  /// Structural: every field both declare agrees, and a closed target declares them all.
  fileprivate func fits(_ other: CELObjectType) -> Bool {
    fields.allSatisfy { field in
      guard let wanted = other.type(ofField: field.name) else { return other.isOpen }
      return field.type.isAssignable(to: wanted)
    }
  }
}
