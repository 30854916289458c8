/// Parses RE2 syntax (github.com/google/re2/wiki/Syntax) without captures' contents, scripts in `\p{…}` and `\C`.
struct PatternParser {
  private struct Flags {
    var foldsCase = false
    var dotMatchesNewline = false
    var isMultiline = false
  }

  private static let maximumNesting = 100
  private static let maximumRepetition = 1000

  private(set) var scalars: [Unicode.Scalar]
  var position = 0
  private var flags = Flags()
  private var nesting = 0

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  mutating func parse() throws(CELError) -> PatternSyntax {
    let syntax = try alternatives()
    guard position == scalars.count else { throw failure("a ')' has no '('") }
    return syntax
  }

  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  mutating func take(text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  func failure(_ message: String) -> CELError {
    CELError(kind: .invalidArgument, message: "invalid pattern: \(message)", offset: 0)
  }

  private mutating func alternatives() throws(CELError) -> PatternSyntax {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Self.maximumNesting else {
      throw failure("groups are nested more than \(Self.maximumNesting) deep")
    }
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(CELError) -> PatternSyntax {
    var parts: [PatternSyntax] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      if take(text: "\\Q") {
        quoted(into: &parts)
        continue
      }
      let atom = try atom()
      parts.append(try repeated(atom))
    }
    return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func quoted(into parts: inout [PatternSyntax]) {
    while let scalar = next, !take(text: "\\E") {
      parts.append(literal(scalar))
      position += 1
    }
  }

  private mutating func repeated(_ atom: PatternSyntax) throws(CELError) -> PatternSyntax {
    guard let (minimum, maximum) = try repetition() else { return atom }
    // Greedy or lazy makes no difference to whether a text matches.
    _ = take("?")
    let start = position
    if try repetition() != nil {
      position = start
      throw failure("a repetition repeats a repetition; group it with (?:…)")
    }
    return .repetition(atom, minimum: minimum, maximum: maximum)
  }

  private mutating func repetition() throws(CELError) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = position
    guard take("{"), let minimum = number() else {
      position = start
      return nil
    }
    var maximum: Int? = minimum
    if take(",") { maximum = number() }
    guard take("}") else {
      position = start
      return nil
    }
    guard max(minimum, maximum ?? 0) <= Self.maximumRepetition, minimum <= maximum ?? minimum else {
      throw failure("a repetition count is out of order or above \(Self.maximumRepetition)")
    }
    return (minimum, maximum)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 1_000_000)
      position += 1
    }
    return value
  }

  private mutating func atom() throws(CELError) -> PatternSyntax {
    let scalar = scalars[position]
    position += 1
    switch scalar {
    case ".": return .set(CharacterClass(flags.dotMatchesNewline ? [] : [0x0a...0x0a]).negated)
    case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "(": return try group()
    case "[": return .set(try bracketClass(foldsCase: flags.foldsCase))
    case "\\": return try escaped()
    case "*", "+", "?": throw failure("'\(scalar)' has nothing to repeat")
    default: return literal(scalar)
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> PatternSyntax {
    guard flags.foldsCase, !CaseFolding.variants(of: scalar).isEmpty else { return .scalar(scalar) }
    var set = CharacterClass([scalar.value...scalar.value])
    set.foldsCase = true
    return .set(set)
  }

  private mutating func escaped() throws(CELError) -> PatternSyntax {
    guard let scalar = next else { throw failure("a '\\' stands at the end") }
    switch scalar {
    case "A":
      position += 1
      return .assertion(.textStart)
    case "z":
      position += 1
      return .assertion(.textEnd)
    case "b":
      position += 1
      return .assertion(.wordBoundary)
    case "B":
      position += 1
      return .assertion(.noWordBoundary)
    default: break
    }
    if let set = try classEscape() { return .set(set) }
    return literal(try scalarEscape())
  }

  private mutating func group() throws(CELError) -> PatternSyntax {
    let outer = flags
    if take("?") {
      if take("P") || next == "<" {
        try groupName()
      } else if try flagsEndGroup() {
        return .empty
      }
    }
    let inner = try alternatives()
    guard take(")") else { throw failure("a '(' is not closed") }
    flags = outer
    return inner
  }

  private mutating func groupName() throws(CELError) {
    guard take("<") else { throw failure("a group's name stands in '<…>'") }
    let start = position
    while let scalar = next, CharacterClass.word.ranges.contains(where: { $0.contains(scalar.value) }) { position += 1 }
    guard position > start, take(">") else { throw failure("a group's name is not closed or not a name") }
  }

  /// Reads `flags)` or `flags:`; true for the first, whose flags hold to the end of the enclosing group.
  private mutating func flagsEndGroup() throws(CELError) -> Bool {
    var isOn = true
    while let scalar = next {
      position += 1
      switch scalar {
      case "-" where isOn: isOn = false
      case "i": flags.foldsCase = isOn
      case "s": flags.dotMatchesNewline = isOn
      case "m": flags.isMultiline = isOn
      case "U": break
      case ":": return false
      case ")": return true
      default: throw failure("'(?\(scalar)' is not supported")
      }
    }
    throw failure("a '(' is not closed")
  }
}
