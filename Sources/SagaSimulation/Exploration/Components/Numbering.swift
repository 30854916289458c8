/// Gives each distinct value a number, from 0 in the order of first coming.
///
/// A global state is a few such numbers instead of the values: the collapse compression of SPIN (Holzmann, "State
/// Compression in SPIN", 1997), where there are few different states of each component and many of the whole.
struct Numbering<Value: Hashable> {
  /// By number.
  private(set) var values: [Value] = []
  private var numbers: [Value: UInt32] = [:]

  var count: Int { values.count }

  subscript(number: UInt32) -> Value { values[Int(number)] }

  func number(ofKnown value: Value) -> UInt32? { numbers[value] }

  /// The number of a value, which is new if it is the count before.
  mutating func number(of value: Value) -> UInt32 {
    if let known = numbers[value] { return known }
    let number = UInt32(values.count)
    numbers[value] = number
    values.append(value)
    return number
  }
}
