extension StandardLibrary {
  /// The standard strings extension (cel-go `ext/strings`, cel-spec `doc/extensions/strings.md`). Positions count code
  /// points.
  static var textExtension: [StandardFunction] {
    [
      .member("charAt", [([.string, .int], .string)], more(2, characterAt)),
      .member("indexOf", [([.string, .string], .int), ([.string, .string, .int], .int)], more(2...3, indexOf)),
      .member(
        "lastIndexOf", [([.string, .string], .int), ([.string, .string, .int], .int)], more(2...3, lastIndexOf)),
      .member("substring", [([.string, .int], .string), ([.string, .int, .int], .string)], more(2...3, substring)),
      .member("join", [([.list(.string)], .string), ([.list(.string), .string], .string)], more(1...2, join)),
      .member(
        "replace", [([.string, .string, .string], .string), ([.string, .string, .string, .int], .string)],
        more(3...4, replace)),
      .member(
        "split", [([.string, .string], .list(.string)), ([.string, .string, .int], .list(.string))], more(2...3, split)),
      .member(
        "lowerAscii", [([.string], .string)], map { changeCase($0, from: UInt8(ascii: "A"), to: UInt8(ascii: "a")) }),
      .member(
        "upperAscii", [([.string], .string)], map { changeCase($0, from: UInt8(ascii: "a"), to: UInt8(ascii: "A")) }),
      .member("trim", [([.string], .string)], map(trim)),
      .member("reverse", [([.string], .string)], map { string($0.unicodeScalars.reversed()) }),
      .member("format", [([.string, .list(.dyn)], .string)], more(2, format)),
      .global("strings.quote", [([.string], .string)], map(quote)),
    ]
  }

  private typealias Body = @Sendable ([CELValue], inout Evaluation) throws(CELError) -> CELValue?

  private static func more(_ arity: Int, _ body: @escaping Body) -> [Int: FunctionBody] { more(arity...arity, body) }

  private static func more(_ arities: ClosedRange<Int>, _ body: @escaping Body) -> [Int: FunctionBody] {
    // A function of one or two arguments still goes through the array: none of these is on a hot path.
    Dictionary(
      uniqueKeysWithValues: arities.map { arity in
        switch arity {
        case 1: (arity, .one { (a, evaluation) throws(CELError) in try body([a], &evaluation) })
        case 2: (arity, .two { (a, b, evaluation) throws(CELError) in try body([a, b], &evaluation) })
        default: (arity, .more(body))
        }
      })
  }

  private static func map(_ change: @escaping @Sendable (String) -> String) -> [Int: FunctionBody] {
    [
      1: .one { (value, evaluation) throws(CELError) in
        guard case .string(let text) = value else { return nil }
        try evaluation.charge(bytes: 4 * text.utf8.count)
        return .string(change(text))
      }
    ]
  }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  // MARK: Positions

  private static func characterAt(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue?
  {
    guard case .string(let text) = arguments[0], case .int(let position) = arguments[1] else { return nil }
    let scalars = try scalars(text, &evaluation)
    let index = try checked(position, 0...scalars.count)
    return .string(index == scalars.count ? "" : String(scalars[index]))
  }

  private static func indexOf(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    guard case .string(let text) = arguments[0], case .string(let part) = arguments[1] else { return nil }
    let (whole, wanted) = (try scalars(text, &evaluation), try scalars(part, &evaluation))
    var start = 0
    if arguments.count == 3 {
      guard case .int(let position) = arguments[2] else { return nil }
      start = try checked(position, 0...whole.count)
    }
    return .int(Int64(ByteSearch.first(of: wanted, in: whole, from: start) ?? -1))
  }

  private static func lastIndexOf(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue?
  {
    guard case .string(let text) = arguments[0], case .string(let part) = arguments[1] else { return nil }
    let (whole, wanted) = (try scalars(text, &evaluation), try scalars(part, &evaluation))
    var start = whole.count
    if arguments.count == 3 {
      guard case .int(let position) = arguments[2] else { return nil }
      start = try checked(position, 0...whole.count)
    }
    return .int(Int64(ByteSearch.last(of: wanted, in: whole, from: start) ?? -1))
  }

  private static func substring(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    guard case .string(let text) = arguments[0], case .int(let first) = arguments[1] else { return nil }
    let scalars = try scalars(text, &evaluation)
    let start = try checked(first, 0...scalars.count)
    guard arguments.count == 3 else { return .string(string(scalars[start...])) }
    guard case .int(let last) = arguments[2] else { return nil }
    let end = try checked(last, 0...scalars.count)
    guard start <= end else { throw invalid("invalid substring range, from \(start) to \(end)") }
    return .string(string(scalars[start..<end]))
  }

  private static func scalars(_ text: String, _ evaluation: inout Evaluation) throws(CELError) -> [Unicode.Scalar] {
    try evaluation.charge(bytes: 4 * text.utf8.count)
    return Array(text.unicodeScalars)
  }

  private static func checked(_ position: Int64, _ range: ClosedRange<Int>) throws(CELError) -> Int {
    guard let index = Int(exactly: position), range.contains(index) else {
      throw CELError(kind: .indexOutOfRange, message: "index \(position) is outside the string", offset: 0)
    }
    return index
  }

  // MARK: Characters

  private static func changeCase(_ text: String, from: UInt8, to: UInt8) -> String {
    let bytes = text.utf8.map { (from..<from + 26).contains($0) ? $0 - from + to : $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func trim(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }

  /// The text in double quotes with escapes for what would not survive there.
  private static func quote(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\u{07}": quoted += "\\a"
      case "\u{08}": quoted += "\\b"
      case "\u{0C}": quoted += "\\f"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case "\u{0B}": quoted += "\\v"
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
