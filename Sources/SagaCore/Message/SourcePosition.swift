/// A place in a text.
public struct SourcePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Bytes from the start, from 0.
  public var offset: Int
  /// Lines end with `\n`; from 1.
  public var line: Int
  /// Unicode scalars from the start of the line, from 1.
  public var column: Int

  /// A place that is known already.
  public init(offset: Int, line: Int, column: Int) {
    self.offset = offset
    self.line = line
    self.column = column
  }

  /// The line and column of a byte offset; an offset past the end is the end.
  public init(offset: Int, in bytes: [UInt8]) {
    var line = 1
    var lineStart = 0
    let end = Swift.min(Swift.max(offset, 0), bytes.count)
    for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    self.init(offset: end, line: line, column: SourcePosition.column(from: lineStart, to: end, in: bytes))
  }

  static func column(from lineStart: Int, to offset: Int, in bytes: [UInt8]) -> Int {
    // Continuation bytes of UTF-8 (10xxxxxx) start no scalar.
    1 + bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 }
  }

  public static func < (left: SourcePosition, right: SourcePosition) -> Bool { left.offset < right.offset }

  /// `line:column`
  public var description: String { "\(line):\(column)" }
}
