extension StandardLibrary {
  /// `'%s is %.2f'.format([x, y])` (cel-spec, `doc/extensions/strings.md`).
  static func format(_ arguments: [CELValue], _ evaluation: inout Evaluation) throws(CELError) -> CELValue? {
    guard case .string(let template) = arguments[0], case .list(let values) = arguments[1] else { return nil }
    try evaluation.charge(bytes: template.utf8.count)
    var formatter = Formatter(template: Array(template.unicodeScalars), values: values)
    return .string(try formatter.run(&evaluation))
  }
}

private struct Formatter {
  let template: [Unicode.Scalar]
  let values: [CELValue]
  var position = 0
  var used = 0
  var output = ""

  static let maximumPrecision = 1000

  init(template: [Unicode.Scalar], values: [CELValue]) {
    self.template = template
    self.values = values
  }

  mutating func run(_ evaluation: inout Evaluation) throws(CELError) -> String {
    while position < template.count {
      let scalar = template[position]
      position += 1
      if scalar != "%" {
        output.unicodeScalars.append(scalar)
      } else if position < template.count, template[position] == "%" {
        position += 1
        output += "%"
      } else {
        try clause(&evaluation)
      }
    }
    return output
  }

  private mutating func clause(_ evaluation: inout Evaluation) throws(CELError) {
    let precision = try precision()
    guard position < template.count else { throw StandardLibrary.invalid("format: a clause is not finished") }
    let conversion = template[position]
    position += 1
    guard used < values.count else { throw StandardLibrary.invalid("format: there is no value number \(used + 1)") }
    let value = values[used]
    used += 1
    let text = try text(conversion, value, precision, &evaluation)
    try evaluation.charge(1 + text.utf8.count / CostModel.bytesPerUnit)
    output += text
  }

  private mutating func precision() throws(CELError) -> Int {
    guard position < template.count, template[position] == "." else { return 6 }
    position += 1
    var precision = 0
    var count = 0
    while position < template.count, ("0"..."9").contains(template[position]) {
      precision = precision * 10 + Int(template[position].value - 0x30)
      position += 1
      count += 1
      guard precision <= Self.maximumPrecision else {
        throw StandardLibrary.invalid("format: at most \(Self.maximumPrecision) digits can be asked for")
      }
    }
    if count == 0 { throw StandardLibrary.invalid("format: a precision needs digits") }
    return precision
  }

  private func text(
    _ conversion: Unicode.Scalar, _ value: CELValue, _ precision: Int, _ evaluation: inout Evaluation
  ) throws(CELError) -> String {
    let result: String?
    switch conversion {
    case "s": return try Self.plain(value, &evaluation)
    case "d": result = Self.decimal(value)
    case "f":
      try evaluation.charge(100 + precision)
      result = Self.double(value).map { NumberText.fixed($0, precision: precision) }
    case "e":
      try evaluation.charge(100 + precision)
      result = Self.double(value).map { NumberText.scientific($0, precision: precision) }
    case "b": result = if case .bool(let flag) = value { flag ? "1" : "0" } else { Self.integer(value, radix: 2) }
    case "o": result = Self.integer(value, radix: 8)
    case "x", "X": result = Self.hexadecimal(value, uppercase: conversion == "X")
    default: throw StandardLibrary.invalid("format: there is no clause '%\(conversion)'")
    }
    guard let result else {
      throw StandardLibrary.invalid("format: '%\(conversion)' does not take \(value.typeName)")
    }
    return result
  }

  /// What `%s` gives; maps are written in the order of their formatted keys.
  private static func plain(_ value: CELValue, _ evaluation: inout Evaluation) throws(CELError) -> String {
    try evaluation.charge(1)
    switch value {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .uint(let number): return String(number)
    case .double(let number): return NumberText.shortest(number)
    case .string(let text):
      try evaluation.charge(bytes: text.utf8.count)
      return text
    case .bytes(let bytes):
      try evaluation.charge(bytes: bytes.count)
      return repaired(bytes)
    case .timestamp(let timestamp): return timestamp.rfc3339
    case .duration(let duration): return duration.canonicalText
    case .type(let name): return name
    case .list(let elements):
      var texts: [String] = []
      for element in elements { texts.append(try plain(element, &evaluation)) }
      return "[" + texts.joined(separator: ", ") + "]"
    case .map(let map):
      var texts: [(key: String, value: String)] = []
      for entry in map.entries {
        texts.append((try plain(entry.key, &evaluation), try plain(entry.value, &evaluation)))
      }
      texts.sort { UTF8Text.precedes($0.key, $1.key) }
      return "{" + texts.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    }
  }

  /// Each run of bytes that are no UTF-8 becomes one U+FFFD.
  private static func repaired(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var scalars: [Unicode.Scalar] = []
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars
    where scalar != "\u{FFFD}" || scalars.last != scalar {
      scalars.append(scalar)
    }
    return StandardLibrary.string(scalars)
  }

  private static func decimal(_ value: CELValue) -> String? {
    if case .double(let number) = value { return NumberText.shortest(number) }
    return integer(value, radix: 10)
  }

  private static func double(_ value: CELValue) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .uint(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }

  private static func integer(_ value: CELValue, radix: Int, uppercase: Bool = false) -> String? {
    switch value {
    case .int(let number): String(number, radix: radix, uppercase: uppercase)
    case .uint(let number): String(number, radix: radix, uppercase: uppercase)
    default: nil
    }
  }

  private static func hexadecimal(_ value: CELValue, uppercase: Bool) -> String? {
    let bytes: [UInt8]
    switch value {
    case .string(let text): bytes = Array(text.utf8)
    case .bytes(let raw): bytes = raw
    default: return integer(value, radix: 16, uppercase: uppercase)
    }
    let digits = Array((uppercase ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
