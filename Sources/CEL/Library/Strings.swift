extension StandardLibrary {
  /// The string functions of the core language.
  static var text: [StandardFunction] {
    let signature: [StandardFunction.Signature] = [([.string, .string], .bool)]
    return [
      .member(
        "contains", signature,
        test { text, part in ByteSearch.first(of: Array(part.utf8), in: Array(text.utf8), from: 0) != nil }),
      .member("startsWith", signature, test { text, part in text.utf8.starts(with: part.utf8) }),
      .member("endsWith", signature, test { text, part in text.utf8.reversed().starts(with: part.utf8.reversed()) }),
      .both(
        "matches", signature,
        [
          2: .two { (value, pattern, evaluation) throws(CELError) in
            guard case .string(let text) = value, case .string(let source) = pattern else { return nil }
            return .bool(try compiled(source, &evaluation).matches(text, charging: &evaluation))
          }
        ]),
    ]
  }

  /// A pattern known only at run time, charged for its compilation whether that succeeds or not.
  private static func compiled(_ source: String, _ evaluation: inout Evaluation) throws(CELError) -> Pattern {
    try evaluation.charge(source.utf8.count)
    do throws(CELError) {
      let pattern = try Pattern(source, maximumInstructions: evaluation.patternInstructions)
      try evaluation.charge(pattern.program.count)
      return pattern
    } catch {
      try evaluation.charge(evaluation.patternInstructions)
      throw error
    }
  }

  private static func test(_ holds: @escaping @Sendable (String, String) -> Bool) -> [Int: FunctionBody] {
    [
      2: .two { (value, argument, evaluation) throws(CELError) in
        guard case .string(let text) = value, case .string(let part) = argument else { return nil }
        try evaluation.charge(bytes: text.utf8.count + part.utf8.count)
        return .bool(holds(text, part))
      }
    ]
  }
}

/// Substring search in linear time (Knuth, Morris and Pratt 1977), so that no pair of texts is expensive.
enum ByteSearch {
  /// Where `part` first occurs at or after `start`.
  static func first<Element: Equatable>(of part: [Element], in text: [Element], from start: Int) -> Int? {
    if part.isEmpty { return start <= text.count ? start : nil }
    guard start <= text.count - part.count else { return nil }
    if part.count == 1 { return text[start...].firstIndex(of: part[0]) }
    let borders = borders(of: part)
    var matched = 0
    for position in start..<text.count {
      while matched > 0, part[matched] != text[position] { matched = borders[matched - 1] }
      if part[matched] == text[position] { matched += 1 }
      if matched == part.count { return position + 1 - matched }
    }
    return nil
  }

  /// Where `part` last occurs at or before `start`.
  static func last<Element: Equatable>(of part: [Element], in text: [Element], from start: Int) -> Int? {
    let end = min(text.count, start + part.count)
    guard part.count <= end else { return nil }
    let reversedText = Array(text[..<end].reversed())
    return first(of: part.reversed(), in: reversedText, from: 0).map { end - $0 - part.count }
  }

  /// For every prefix the length of its longest proper border.
  private static func borders<Element: Equatable>(of part: [Element]) -> [Int] {
    var borders = [0]
    var length = 0
    for position in 1..<part.count {
      while length > 0, part[length] != part[position] { length = borders[length - 1] }
      if part[length] == part[position] { length += 1 }
      borders.append(length)
    }
    return borders
  }
}
