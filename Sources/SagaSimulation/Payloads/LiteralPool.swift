import SagaCore

/// Literals that a definition's expressions mention, and their neighbours: the values at which its guards turn.
///
/// Random values hardly ever hit `data.totalCents > 100000`; the program's own constants do (the dictionary of
/// coverage-guided fuzzers, as in AFL).
public struct LiteralPool: Sendable {
  /// Ascending, without repetition.
  public private(set) var integers: [Int64] = []
  /// Sorted, without repetition.
  public private(set) var strings: [String] = []

  /// How many of each kind are kept.
  static let maximum = 64

  /// A pool without literals.
  public init() {}

  /// Collects the literals of every string in a definition's file; most of them are expressions.
  public init(definition: JSON) {
    var numbers: Set<Int64> = []
    var texts: Set<String> = []
    LiteralPool.visit(definition) { text in
      LiteralPool.scan(text, &numbers, &texts)
    }
    integers = Array(numbers.sorted().prefix(LiteralPool.maximum))
    strings = Array(texts.sorted().prefix(LiteralPool.maximum))
  }

  private static func visit(_ json: JSON, _ body: (String) -> Void) {
    switch json {
    case .string(let text): body(text)
    case .array(let elements): for element in elements { visit(element, body) }
    case .object(let members): for (_, value) in members { visit(value, body) }
    default: break
    }
  }

  private static func scan(_ text: String, _ numbers: inout Set<Int64>, _ texts: inout Set<String>) {
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        var end = index + 1
        while end < bytes.count, bytes[end] != byte { end += 1 }
        if end > index + 1, end - index < 40 {
          texts.insert(String(decoding: bytes[index + 1..<min(end, bytes.count)], as: UTF8.self))
        }
        index = end + 1
      } else if isDigit(byte), index == 0 || !isWord(bytes[index - 1]) {
        var end = index
        while end < bytes.count, isDigit(bytes[end]) { end += 1 }
        if end == bytes.count || !isWord(bytes[end]),
          let number = Int64(String(decoding: bytes[index..<end], as: UTF8.self))
        {
          numbers.formUnion([number &- 1, number, number &+ 1])
        }
        index = end
      } else {
        index += 1
      }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 32 >= 97 && byte | 32 <= 122) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
  }
}
