/// Swift identifiers and literals out of names that are free to be anything.
enum SwiftName {
  /// Words of the language that are no identifiers without backticks.
  private static let keywords: Set<String> = [
    "Any", "Self", "as", "associatedtype", "await", "break", "case", "catch", "class", "continue", "default", "defer",
    "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
    "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private",
    "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "switch",
    "throw", "throws", "true", "try", "typealias", "var", "where", "while",
  ]

  /// Types that the generated code uses by their bare names, and names that no type may have.
  private static let reservedTypes: Set<String> = [
    "Any", "Bool", "CaseIterable", "Codable", "CodingKey", "CodingKeys", "CommandContext", "CommandReply", "Decoder",
    "DestinationPolicy", "Double", "Encoder", "Hashable", "InstanceAddress", "Int64", "JSON", "Optional", "Participant",
    "Protocol", "RawRepresentable", "Reply", "SagaEngine", "SagaMessage", "Self", "Sendable", "ServiceTransactionError",
    "State", "String", "Swift", "Transaction", "Type",
  ]

  /// `OrderPlaced` of `order-placed`, `order.placed` or `orderPlaced`; empty where nothing of it can stand in a name.
  static func upperCamel(_ text: String) -> String {
    let name = words(of: text).map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    return startsWithDigit(name) ? "N" + name : name
  }

  /// `orderPlaced` of `order-placed`, `OrderPlaced` or `ORDER_PLACED`; empty where nothing of it can stand in a name.
  static func lowerCamel(_ text: String) -> String {
    var words = words(of: text)
    let isShouted = words.count > 1 && !words.contains { $0 != $0.uppercased() }
    if isShouted { words = words.map { $0.lowercased() } }
    guard let first = words.first else { return "" }
    let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
    let name = ([lowered(first)] + rest).joined()
    return startsWithDigit(name) ? "n" + name : name
  }

  /// A type's name that hides none that the generated code uses.
  ///
  /// - Parameter suffix: what is put behind a name that would.
  static func type(_ text: String, suffix: String) -> String {
    let name = upperCamel(text)
    return reservedTypes.contains(name) ? name + suffix : name
  }

  /// Names that members of a type may not have: they mean something else in every type, or in every `Hashable` one.
  static let reservedMembers: Set<String> = ["self", "init", "hashValue", "rawValue", "allCases"]

  /// A parameter's name as code writes it: keywords need no backticks there, but for three.
  static func label(_ name: String) -> String { ["inout", "let", "var"].contains(name) ? "`\(name)`" : name }

  /// The name as code writes it: in backticks where it is a keyword.
  static func escaped(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

  /// A string literal.
  static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      // What cannot be seen would hide in the code.
      case _ where scalar.value < 0x20 || isInvisible(scalar):
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }

  /// The runs of letters and digits.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    for scalar in text.unicodeScalars {
      if isPart(scalar) {
        word.unicodeScalars.append(scalar)
      } else if !word.isEmpty {
        words.append(word)
        word = ""
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter: return true
    default: return false
    }
  }

  private static func startsWithDigit(_ name: String) -> Bool {
    name.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? false
  }

  /// `url` of `URL`, `urlPath` of `URLPath`, `orderID` of `OrderID`.
  private static func lowered(_ word: String) -> String {
    let capitals = word.prefix { $0.isUppercase }.count
    if capitals <= 1 || capitals == word.count {
      return word.prefix(max(1, capitals)).lowercased() + word.dropFirst(max(1, capitals))
    }
    // The last capital of a run begins the next word, unless a digit follows it.
    let following = word[word.index(word.startIndex, offsetBy: capitals)]
    let head = following.isLowercase ? capitals - 1 : capitals
    return word.prefix(head).lowercased() + word.dropFirst(head)
  }
}
