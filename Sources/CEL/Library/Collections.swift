extension StandardLibrary {
  /// `size` and `sum`.
  static var collections: [StandardFunction] {
    let a = CELType.parameter("A")
    let b = CELType.parameter("B")
    return [
      .both(
        "size",
        [([.string], .int), ([.bytes], .int), ([.list(a)], .int), ([.map(a, b)], .int)],
        [1: .one { (value, evaluation) throws(CELError) in try size(value, &evaluation) }]),
      .global(
        "sum",
        [([.list(.int)], .int), ([.list(.uint)], .uint), ([.list(.double)], .double)],
        [1: sum(ofNothing: .int(0))]),
    ]
  }

  /// `sum` where the sum of an empty list is known, by the type that the checker found for the elements.
  static func sum(ofNothing zero: CELValue) -> FunctionBody {
    .one { (value, evaluation) throws(CELError) in try sum(value, ofNothing: zero, &evaluation) }
  }

  /// Of a string the number of code points.
  private static func size(_ value: CELValue, _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    switch value {
    case .string(let text):
      try evaluation.charge(bytes: text.utf8.count)
      return .int(Int64(text.unicodeScalars.count))
    case .bytes(let bytes): return .int(Int64(bytes.count))
    case .list(let elements): return .int(Int64(elements.count))
    case .map(let map): return .int(Int64(map.count))
    default: return nil
    }
  }

  /// The sum of numbers of one type.
  private static func sum(
    _ value: CELValue, ofNothing zero: CELValue, _ evaluation: inout Evaluation
  ) throws(CELError) -> CELValue? {
    guard case .list(let elements) = value else { return nil }
    try evaluation.charge(elements.count)
    guard var total = elements.first else { return zero }
    switch total {
    case .int, .uint, .double: break
    default: return nil
    }
    for element in elements.dropFirst() {
      guard let next = try Arithmetic.apply(.add, total, element, &evaluation) else {
        throw CELError(
          kind: .noSuchOverload, message: "sum() does not mix \(total.typeName) and \(element.typeName)", offset: 0)
      }
      total = next
    }
    return total
  }
}
