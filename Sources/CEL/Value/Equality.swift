extension CELValue: Hashable {
  public static func == (left: CELValue, right: CELValue) -> Bool {
    var allowance = Int.max
    return equal(left, right, allowance: &allowance)
  }

  /// CEL equality that stops when `allowance` falls below zero; the answer then means nothing and the caller must fail.
  ///
  /// Values of different types are unequal, numbers excepted (CEL spec, "Equality and Ordering").
  static func equal(_ left: CELValue, _ right: CELValue, allowance: inout Int) -> Bool {
    allowance -= 1
    if allowance < 0 { return false }
    switch (left, right) {
    case (.null, .null): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.uint(let a), .uint(let b)): return a == b
    case (.double(let a), .double(let b)): return a == b
    case (.string(let a), .string(let b)):
      allowance -= min(a.utf8.count, b.utf8.count) / CostModel.bytesPerUnit
      return UTF8Text.equal(a, b)
    case (.bytes(let a), .bytes(let b)):
      allowance -= min(a.count, b.count) / CostModel.bytesPerUnit
      return a == b
    case (.list(let a), .list(let b)): return equal(a, b, allowance: &allowance)
    case (.map(let a), .map(let b)): return equal(a, b, allowance: &allowance)
    case (.timestamp(let a), .timestamp(let b)): return a == b
    case (.duration(let a), .duration(let b)): return a == b
    case (.type(let a), .type(let b)): return a == b
    case (.int(let a), .uint(let b)), (.uint(let b), .int(let a)): return UInt64(exactly: a) == b
    case (.int(let a), .double(let b)), (.double(let b), .int(let a)): return Int64(exactly: b) == a
    case (.uint(let a), .double(let b)), (.double(let b), .uint(let a)): return UInt64(exactly: b) == a
    default: return false
    }
  }

  private static func equal(_ left: [CELValue], _ right: [CELValue], allowance: inout Int) -> Bool {
    guard left.count == right.count else { return false }
    for (a, b) in zip(left, right) where !equal(a, b, allowance: &allowance) { return false }
    return true
  }

  private static func equal(_ left: CELMap, _ right: CELMap, allowance: inout Int) -> Bool {
    guard left.count == right.count else { return false }
    for entry in left.entries {
      if case .string(let key) = entry.key { allowance -= key.utf8.count / CostModel.bytesPerUnit }
      guard let other = right[entry.key], equal(entry.value, other, allowance: &allowance) else { return false }
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let flag): hasher.combine(flag)
    case .int(let number): hasher.combine(number)
    case .uint(let number): Self.hash(number, into: &hasher)
    case .double(let number):
      if let whole = Int64(exactly: number) {
        hasher.combine(whole)
      } else if let whole = UInt64(exactly: number) {
        Self.hash(whole, into: &hasher)
      } else {
        hasher.combine(number)
      }
    case .string(let text): UTF8Text.hash(text, into: &hasher)
    case .bytes(let bytes): hasher.combine(bytes)
    case .list(let elements): hasher.combine(elements)
    case .map(let map):
      var sum = 0
      for entry in map.entries {
        var entryHasher = Hasher()
        entryHasher.combine(entry.key)
        entryHasher.combine(entry.value)
        sum &+= entryHasher.finalize()
      }
      hasher.combine(sum)
    case .timestamp(let timestamp): hasher.combine(timestamp)
    case .duration(let duration): hasher.combine(duration)
    case .type(let name): hasher.combine(name)
    }
  }

  private static func hash(_ number: UInt64, into hasher: inout Hasher) {
    if let signed = Int64(exactly: number) { hasher.combine(signed) } else { hasher.combine(number) }
  }
}

extension CELMap: Hashable {
  public static func == (left: CELMap, right: CELMap) -> Bool { CELValue.map(left) == CELValue.map(right) }
  public func hash(into hasher: inout Hasher) { CELValue.map(self).hash(into: &hasher) }
}
