extension PatternParser {
  /// `[…]`, after the opening bracket.
  mutating func bracketClass(foldsCase: Bool) throws(CELError) -> CharacterClass {
    var set = CharacterClass()
    set.foldsCase = foldsCase
    set.isNegated = take("^")
    var isFirst = true
    while let scalar = next, scalar != "]" || isFirst {
      isFirst = false
      if take(text: "[:") {
        set.insert(try posixClass())
        continue
      }
      if scalar == "\\" {
        position += 1
        if let inner = try classEscape() {
          set.insert(inner)
          continue
        }
        position -= 1
      }
      let low = try classScalar()
      var high = low
      if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
        position += 1
        high = try classScalar()
      }
      guard low <= high else { throw failure("the range '\(low)-\(high)' runs backwards") }
      set.insert(low.value...high.value)
    }
    guard take("]") else { throw failure("a '[' is not closed") }
    set.normalize()
    return set
  }

  private mutating func classScalar() throws(CELError) -> Unicode.Scalar {
    guard let scalar = next else { throw failure("a '[' is not closed") }
    position += 1
    return scalar == "\\" ? try scalarEscape() : scalar
  }

  private mutating func posixClass() throws(CELError) -> CharacterClass {
    let isNegated = take("^")
    let start = position
    while let scalar = next, scalar != ":" { position += 1 }
    var name = String.UnicodeScalarView()
    name.append(contentsOf: scalars[start..<position])
    guard take(text: ":]"), let set = CharacterClass.posix[String(name)] else {
      throw failure("there is no class '[:\(String(name).prefix(32)):]'")
    }
    return isNegated ? set.negated : set
  }

  /// A class after a backslash, or nil when something else follows.
  mutating func classEscape() throws(CELError) -> CharacterClass? {
    guard let scalar = next else { return nil }
    let set: CharacterClass
    switch scalar {
    case "d": set = .digit
    case "D": set = CharacterClass.digit.negated
    case "w": set = .word
    case "W": set = CharacterClass.word.negated
    case "s": set = .space
    case "S": set = CharacterClass.space.negated
    case "p", "P":
      position += 1
      return try category(isNegated: scalar == "P")
    default: return nil
    }
    position += 1
    return set
  }

  /// `\p{Lu}`, `\pL` or `\p{^Lu}`, after the `p`.
  private mutating func category(isNegated: Bool) throws(CELError) -> CharacterClass {
    var name = ""
    var isNegated = isNegated
    if take("{") {
      if take("^") { isNegated.toggle() }
      while let scalar = next, scalar != "}" {
        name.unicodeScalars.append(scalar)
        position += 1
      }
      guard take("}") else { throw failure("a '{' after \\p is not closed") }
    } else if let scalar = next {
      name = String(scalar)
      position += 1
    }
    var set = CharacterClass()
    if name == "Any" {
      set.insert(0...CharacterClass.lastCodePoint)
      return isNegated ? set.negated : set
    }
    guard UnicodeCategory.codes.contains(name) else {
      throw failure("\\p{\(name.prefix(32))} is not supported; general categories such as \\p{L} are")
    }
    set.insert(category: [name], isNegated: isNegated)
    return set
  }

  /// One code point after a backslash.
  mutating func scalarEscape() throws(CELError) -> Unicode.Scalar {
    guard let scalar = next else { throw failure("a '\\' stands at the end") }
    position += 1
    switch scalar {
    case "a": return "\u{07}"
    case "f": return "\u{0C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "v": return "\u{0B}"
    case "x": return try hexadecimal()
    case "0"..."7": return try octal(first: scalar)
    default:
      let isWord = CharacterClass.word.ranges.contains { $0.contains(scalar.value) }
      if isWord && scalar != "_" { throw failure("there is no escape '\\\(scalar)'") }
      return scalar
    }
  }

  private mutating func hexadecimal() throws(CELError) -> Unicode.Scalar {
    var digits = ""
    if take("{") {
      while let scalar = next, scalar != "}", digits.utf8.count < 8 {
        digits.unicodeScalars.append(scalar)
        position += 1
      }
      guard take("}") else { throw failure("a '{' after \\x is not closed") }
    } else {
      for _ in 0..<2 {
        guard let scalar = next else { break }
        digits.unicodeScalars.append(scalar)
        position += 1
      }
      if digits.unicodeScalars.count < 2 { throw failure("\\x needs two hexadecimal digits") }
    }
    let isHex = !digits.isEmpty && digits.utf8.allSatisfy { Lexer.hexDigit($0) != nil }
    guard isHex, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
      throw failure("\\x names no code point")
    }
    return scalar
  }

  /// `\0`, or up to three octal digits; a lone digit from 1 to 7 would be a back reference.
  private mutating func octal(first: Unicode.Scalar) throws(CELError) -> Unicode.Scalar {
    var value = first.value - 0x30
    var count = 1
    while count < 3, let scalar = next, ("0"..."7").contains(scalar) {
      value = value * 8 + scalar.value - 0x30
      position += 1
      count += 1
    }
    guard first == "0" || count > 1, let scalar = Unicode.Scalar(value) else {
      throw failure("back references such as \\\(first) are not supported")
    }
    return scalar
  }
}
