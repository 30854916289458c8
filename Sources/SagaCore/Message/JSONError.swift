/// Why a text is not accepted as JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of fault it is; the limits come last.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Something else was expected here.
    case syntax
    /// The text ends inside a value, or is empty.
    case unexpectedEnd
    /// The text starts with a byte order mark (RFC 8259, 8.1).
    case byteOrderMark
    /// More follows after the value.
    case trailingContent
    /// A key stands twice in one object.
    case duplicateKey
    /// The bytes are no well-formed UTF-8 (RFC 3629).
    case invalidUTF8
    /// A control character stands in a string without an escape.
    case unescapedControl
    /// A backslash is not followed by one of the escapes of RFC 8259, 7.
    case invalidEscape
    /// A `\u` escape names one half of a surrogate pair.
    case loneSurrogate
    /// A number is greater than any double.
    case numberOutOfRange
    /// `JSONLimits.maximumBytes`
    case tooLarge
    /// `JSONLimits.maximumDepth`
    case tooDeep
    /// `JSONLimits.maximumStringBytes`
    case stringTooLong
    /// `JSONLimits.maximumMembers`
    case tooManyMembers
  }

  /// What kind of fault it is.
  public var kind: Kind
  /// Where, in bytes from the start of the text.
  public var offset: Int
  /// What is wrong, in words; names the key, character or limit.
  public var message: String

  /// For readers of JSON that have a form of their own to check.
  public init(kind: Kind, offset: Int, message: String) {
    self.kind = kind
    self.offset = offset
    self.message = message
  }

  /// Whether the text breaks a limit and may well be JSON.
  public var isLimit: Bool {
    switch kind {
    case .tooLarge, .tooDeep, .stringTooLong, .tooManyMembers: true
    default: false
    }
  }

  public var description: String { "\(message) (byte \(offset))" }

  /// The line and column of the error in the text that was parsed.
  public func position(in bytes: [UInt8]) -> SourcePosition { SourcePosition(offset: offset, in: bytes) }
}
