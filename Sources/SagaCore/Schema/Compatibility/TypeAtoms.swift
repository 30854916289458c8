/// The kinds of values that the keywords of JSON Schema tell apart; each value has exactly one.
struct TypeAtoms: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  static let null = TypeAtoms(rawValue: 1)
  static let boolean = TypeAtoms(rawValue: 2)
  /// What `integer` takes: integral, of 64 bits.
  static let integer = TypeAtoms(rawValue: 4)
  /// What `number` takes beyond that.
  static let fraction = TypeAtoms(rawValue: 8)
  static let string = TypeAtoms(rawValue: 16)
  static let array = TypeAtoms(rawValue: 32)
  static let object = TypeAtoms(rawValue: 64)
  static let number: TypeAtoms = [.integer, .fraction]
  static let all = TypeAtoms(rawValue: 127)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ types: SchemaTypeSet) {
    var atoms: TypeAtoms = []
    if types.contains(.null) { atoms.insert(.null) }
    if types.contains(.boolean) { atoms.insert(.boolean) }
    if types.contains(.integer) { atoms.insert(.integer) }
    if types.contains(.number) { atoms.formUnion(.number) }
    if types.contains(.string) { atoms.insert(.string) }
    if types.contains(.array) { atoms.insert(.array) }
    if types.contains(.object) { atoms.insert(.object) }
    self = atoms
  }

  init(of value: JSON) {
    switch value {
    case .null: self = .null
    case .bool: self = .boolean
    case .int: self = .integer
    case .double: self = value.intValue == nil ? .fraction : .integer
    case .string: self = .string
    case .array: self = .array
    case .object: self = .object
    }
  }

  /// Each atom by itself.
  var single: [TypeAtoms] {
    (0..<7).map { TypeAtoms(rawValue: 1 << $0) }.filter { contains($0) }
  }

  /// `a string or null`, for messages.
  var text: String {
    let names: [(TypeAtoms, String)] = [
      (.null, "null"), (.boolean, "a boolean"), (.integer, "an integer"), (.fraction, "a number that is no integer"),
      (.string, "a string"), (.array, "an array"), (.object, "an object"),
    ]
    if isSuperset(of: .number) {
      let rest = names.filter { contains($0.0) && !TypeAtoms.number.contains($0.0) }.map(\.1)
      return (["a number"] + rest).joined(separator: " or ")
    }
    return names.filter { contains($0.0) }.map(\.1).joined(separator: " or ")
  }
}
