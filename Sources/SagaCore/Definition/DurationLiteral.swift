/// What a text says where a duration stands.
enum DurationLiteral: Equatable {
  /// A literal: digits and one of the units `ms s m h d`, a day being exactly 24 hours.
  case milliseconds(Int64)
  /// A literal over `DefinitionLimits.maximumDurationMilliseconds`.
  case tooLong
  /// Begins like a literal and is neither one nor an expression: `30`, `1h30m`, `1.5s`, `30 sec`.
  case malformed
  /// Must be an expression.
  case notLiteral

  static let units = "ms, s, m, h or d"

  init(_ text: String) {
    let unsigned = text.first == "-" ? text.dropFirst() : text[...]
    let digits = unsigned.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, unsigned.allSatisfy(DurationLiteral.isLiteralCharacter) else {
      self = .notLiteral
      return
    }
    guard unsigned.count == text.count,
      let unit = DurationLiteral.milliseconds(inUnit: unsigned.dropFirst(digits.count))
    else {
      self = .malformed
      return
    }
    let product = Int64(digits).map { $0.multipliedReportingOverflow(by: unit) }
    if let product, !product.overflow, product.partialValue <= DefinitionLimits.maximumDurationMilliseconds {
      self = .milliseconds(product.partialValue)
    } else {
      self = .tooLong
    }
  }

  private static func isLiteralCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "." || character == " ")
  }

  private static func milliseconds(inUnit unit: Substring) -> Int64? {
    switch unit {
    case "ms": 1
    case "s": 1_000
    case "m": 60_000
    case "h": 3_600_000
    case "d": 86_400_000
    default: nil
    }
  }
}
