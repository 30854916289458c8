import SagaCore

/// Literals that a definition's expressions mention, and their neighbours: the values at which its guards turn.
///
/// Random values hardly ever hit `data.totalCents > 100000`; the program's own constants do (the dictionary of
/// coverage-guided fuzzers, as in AFL).
public struct LiteralPool: Sendable {
  /// Whole numbers, each with the one before it and the one after it: ascending, without repetition.
  public private(set) var integers: [Int64] = []
  /// The same of whole numbers with a sign before them.
  public private(set) var negativeIntegers: [Int64] = []
  /// Numbers with a fraction or an exponent, each with one a little smaller and one a little larger: ascending, without
  /// repetition.
  public private(set) var decimals: [Double] = []
  /// Short ones and then long ones, both sorted, without repetition.
  public private(set) var strings: [String] = []
  /// Strings that are times (RFC 3339), sorted, each followed by the second before it and the second after it.
  public private(set) var timestamps: [String] = []
  /// Kinds of which the definition mentions more than is kept: whoever says that every value was tried must know.
  private(set) var cut: Set<Kind> = []

  enum Kind: Hashable, Sendable {
    case integers, decimals, strings, timestamps
  }

  /// How many of each kind are kept.
  static let maximum = 64
  /// From how many bytes on, with its first quote, a string is a long one.
  static let longStringBytes = 40

  /// A pool without literals.
  public init() {}

  /// Collects the literals of every string in a definition's file; most of them are expressions.
  public init(definition: JSON) {
    var found = Found()
    LiteralPool.visit(definition, name: "", &found)
    integers = kept(found.integers.sorted(), .integers)
    negativeIntegers = kept(found.negativeIntegers.sorted(), .integers)
    decimals = kept(found.decimals.sorted(), .decimals)
    strings = kept(found.strings.sorted() + found.longStrings.sorted(), .strings)
    timestamps = kept(LiteralPool.withNeighbours(found.strings.sorted()), .timestamps)
  }

  private mutating func kept<Value>(_ values: [Value], _ kind: Kind) -> [Value] {
    if values.count > LiteralPool.maximum { cut.insert(kind) }
    return Array(values.prefix(LiteralPool.maximum))
  }

  private static func withNeighbours(_ texts: [String]) -> [String] {
    var times: [String] = []
    for text in texts {
      guard let time = Timestamp(rfc3339: text) else { continue }
      times += [
        text, time.advanced(byMilliseconds: -1000).rfc3339, time.advanced(byMilliseconds: 1000).rfc3339,
      ]
    }
    return times
  }

  private struct Found {
    var integers: Set<Int64> = []
    var negativeIntegers: Set<Int64> = []
    var decimals: Set<Double> = []
    var strings: Set<String> = []
    var longStrings: Set<String> = []
  }

  /// - Parameter name: the member that the value stands under.
  private static func visit(_ json: JSON, name: String, _ found: inout Found) {
    switch json {
    // What is long and stands between two apostrophes of a description is no string.
    case .string(let text): scan(Array(text.utf8), isProse: name == "description", &found)
    case .array(let elements): for element in elements { visit(element, name: name, &found) }
    case .object(let members): for (member, value) in members { visit(value, name: member, &found) }
    default: break
    }
  }

  private static func scan(_ bytes: [UInt8], isProse: Bool, _ found: inout Found) {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        var end = index + 1
        while end < bytes.count, bytes[end] != byte { end += 1 }
        if end > index + 1 {
          let string = String(decoding: bytes[index + 1..<end], as: UTF8.self)
          if end - index < longStringBytes {
            found.strings.insert(string)
          } else if !isProse {
            found.longStrings.insert(string)
          }
        }
        index = end + 1
      } else if let number = NumberLiteral(bytes, at: index) {
        if let value = number.integer {
          found.integers.formUnion([value &- 1, value, value &+ 1])
          // Both, since the same text may be a difference elsewhere.
          if number.isNegated { found.negativeIntegers.formUnion([-value - 1, -value, -value + 1]) }
        } else {
          found.decimals.formUnion(number.decimals)
        }
        index = number.end
      } else {
        index += 1
      }
    }
  }
}

/// A number where an expression may have one.
private struct NumberLiteral {
  /// Nil for one with a fraction or an exponent, and for what only begins like a number.
  var integer: Int64?
  /// The value and its neighbours, of a number with a fraction or an exponent.
  var decimals: [Double] = []
  /// Whether a sign stands before it.
  let isNegated: Bool
  /// The place behind it.
  var end: Int

  /// Nil where no number begins.
  init?(_ bytes: [UInt8], at start: Int) {
    guard NumberLiteral.begins(bytes, at: start) else { return nil }
    isNegated = NumberLiteral.isNegated(bytes, at: start)
    end = NumberLiteral.digits(bytes, from: start)
    let wholeEnd = end
    if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), NumberLiteral.isDigit(bytes[end + 1]) {
      end = NumberLiteral.digits(bytes, from: end + 1)
    }
    // The point is no digit.
    let fraction = max(0, end - wholeEnd - 1)
    let mantissaEnd = end
    if let exponentEnd = NumberLiteral.exponent(bytes, at: end) { end = exponentEnd }
    // `1.2.3` and `36h` are no numbers.
    if end < bytes.count, NumberLiteral.isWord(bytes[end]) { return }
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    guard end > wholeEnd else {
      integer = Int64(text)
      return
    }
    // As the grammar of CEL has it, which allows `.5`.
    guard let value = Double("0" + text), value.isFinite else { return }
    let power = end > mantissaEnd ? Int(String(decoding: bytes[mantissaEnd + 1..<end], as: UTF8.self)) ?? 0 : 0
    let places = power < -15 ? 15 : fraction - min(power, 308)
    decimals = NumberLiteral.withNeighbours(value, places: places)
    if isNegated { decimals += decimals.map { -$0 } }
  }

  /// A number and what is next to it on both sides, so that `<`, `<=` and `==` come out both ways: a hundredth away, or
  /// one of its last place where that is finer. Decimals, since people read them in stories.
  private static func withNeighbours(_ value: Double, places: Int) -> [Double] {
    let scale = (0..<min(max(2, places), 15)).reduce(1.0) { scale, _ in scale * 10 }
    let whole = (value * scale).rounded()
    var below = (whole - 1) / scale
    var above = (whole + 1) / scale
    // To a large number a hundredth adds nothing.
    if !(below < value) { below = value.nextDown }
    if !(above > value && above.isFinite) { above = value.nextUp }
    return [below, value, above].filter(\.isFinite)
  }

  private static func begins(_ bytes: [UInt8], at index: Int) -> Bool {
    let follows = index > 0 && isWord(bytes[index - 1])
    if isDigit(bytes[index]) { return !follows }
    guard bytes[index] == UInt8(ascii: "."), index + 1 < bytes.count, isDigit(bytes[index + 1]) else { return false }
    return !follows && !endsOperand(bytes, before: index)
  }

  /// Whether a minus before the place is a sign, not a difference.
  private static func isNegated(_ bytes: [UInt8], at index: Int) -> Bool {
    index > 0 && bytes[index - 1] == UInt8(ascii: "-") && !endsOperand(bytes, before: index - 1)
  }

  private static func endsOperand(_ bytes: [UInt8], before index: Int) -> Bool {
    guard index > 0 else { return false }
    let byte = bytes[index - 1]
    return isWord(byte) || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]")
  }

  private static func digits(_ bytes: [UInt8], from start: Int) -> Int {
    var end = start
    while end < bytes.count, isDigit(bytes[end]) { end += 1 }
    return end
  }

  /// The place behind `e` with its sign and digits; nil where there is none.
  private static func exponent(_ bytes: [UInt8], at index: Int) -> Int? {
    guard index < bytes.count, bytes[index] | 32 == UInt8(ascii: "e") else { return nil }
    var start = index + 1
    if start < bytes.count, bytes[start] == UInt8(ascii: "-") || bytes[start] == UInt8(ascii: "+") { start += 1 }
    let end = digits(bytes, from: start)
    return end > start ? end : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 32 >= 97 && byte | 32 <= 122) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
  }
}
