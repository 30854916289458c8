extension StandardLibrary {
  /// The elements in one string, with a separator between them.
  static func join(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    guard case .list(let elements) = arguments[0] else { return nil }
    var separator = ""
    if arguments.count == 2 {
      guard case .string(let text) = arguments[1] else { return nil }
      separator = text
    }
    var joined = ""
    for (position, element) in elements.enumerated() {
      guard case .string(let text) = element else { return nil }
      try evaluation.charge(1 + (text.utf8.count + separator.utf8.count) / CostModel.bytesPerUnit)
      if position > 0 { joined += separator }
      joined += text
    }
    return .string(joined)
  }

  /// At most `limit` replacements, all when it is negative; an empty `old` stands before every code point and at the
  /// end.
  static func replace(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    guard case .string(let text) = arguments[0], case .string(let old) = arguments[1],
      case .string(let new) = arguments[2]
    else { return nil }
    var limit = Int64(-1)
    if arguments.count == 4 {
      guard case .int(let number) = arguments[3] else { return nil }
      limit = number
    }
    let pieces = try pieces(text, old, limit: limit < 0 ? Int.max : Int(limit), &evaluation)
    try evaluation.charge(bytes: pieces.count * new.utf8.count)
    return .string(pieces.joined(separator: new))
  }

  /// At most `limit` parts, all when it is negative, none when it is zero; an empty separator cuts between code points.
  static func split(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    guard case .string(let text) = arguments[0], case .string(let separator) = arguments[1] else { return nil }
    var limit = Int64(-1)
    if arguments.count == 3 {
      guard case .int(let number) = arguments[2] else { return nil }
      limit = number
    }
    if limit == 0 { return .list([]) }
    let cuts = limit < 0 ? Int.max : Int(limit) - 1
    if separator.isEmpty {
      let scalars = Array(text.unicodeScalars)
      try evaluation.charge(2 * scalars.count)
      guard cuts < scalars.count else { return .list(scalars.map { .string(String($0)) }) }
      return .list(scalars[..<cuts].map { .string(String($0)) } + [.string(string(scalars[cuts...]))])
    }
    return .list(try pieces(text, separator, limit: cuts, &evaluation).map(CELValue.string))
  }

  /// The text between the first `limit` occurrences of a separator.
  private static func pieces(
    _ text: String, _ separator: String, limit: Int, _ evaluation: inout Evaluation
  ) throws(CELError) -> [String] {
    try evaluation.charge(bytes: 2 * text.utf8.count)
    if separator.isEmpty {
      let scalars = Array(text.unicodeScalars)
      try evaluation.charge(scalars.count)
      let cuts = min(limit, scalars.count + 1)
      if cuts == 0 { return [text] }
      return [""] + scalars[..<(cuts - 1)].map { String($0) } + [string(scalars[(cuts - 1)...])]
    }
    let (bytes, part) = (Array(text.utf8), Array(separator.utf8))
    var pieces: [String] = []
    var start = 0
    while pieces.count < limit, let found = ByteSearch.first(of: part, in: bytes, from: start) {
      try evaluation.charge(2 + part.count / CostModel.bytesPerUnit)
      pieces.append(String(decoding: bytes[start..<found], as: UTF8.self))
      start = found + part.count
    }
    pieces.append(String(decoding: bytes[start...], as: UTF8.self))
    return pieces
  }
}
