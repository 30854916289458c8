/// Reading single values and objects; each reports what is wrong and gives nil.
extension DefinitionReader {
  mutating func fields(_ node: SourceNode, _ shape: DefinitionShape) -> SourceFields? {
    guard case .object = node.json else {
      report(
        .fieldType, node.position, "\(capitalised(shape.title)) is an object, this is \(node.kind).",
        mend: "Write { … } with members of \(list(shape.fields)).")
      return nil
    }
    for member in node.members where !shape.fields.contains(member.name) {
      if let mend = shape.misplaced[member.name] {
        report(.fieldMisplaced, member.position, "`\(member.name)` is no field of \(shape.title).", mend: mend)
        continue
      }
      let mend =
        nearestName(to: member.name, among: shape.fields).map { "Did you mean `\($0)`?" }
        ?? "It has \(list(shape.fields))."
      report(.fieldUnknown, member.position, "`\(member.name)` is no field of \(shape.title).", mend: mend)
    }
    return SourceFields(node: node)
  }

  mutating func required(_ name: String, in fields: SourceFields, of shape: DefinitionShape) -> SourceMember? {
    if let member = fields[name] { return member }
    report(.fieldMissing, fields.position, "`\(name)` is missing.", mend: "\(capitalised(shape.title)) needs it.")
    return nil
  }

  mutating func description(_ fields: SourceFields) -> String? {
    fields["description"].flatMap { text($0.value, what: "`description`") }
  }

  mutating func text(_ node: SourceNode, what: String) -> String? {
    guard case .string(let text) = node.json else {
      let isScalar = node.elements.isEmpty && node.members.isEmpty && node.json != .null
      let mend = isScalar ? "Write it in quotes: \(JSON.string(node.json.description))." : "Write a text in quotes."
      report(.fieldType, node.position, "\(what) is a string, this is \(node.kind).", mend: mend)
      return nil
    }
    return text
  }

  /// The name of a saga, role, state, step or further key.
  mutating func name(_ node: SourceNode, what: String) -> Located<String>? {
    guard let text = text(node, what: what), checkName(text, node.position, what: what) else { return nil }
    return Located(text, at: node.position)
  }

  mutating func checkName(_ text: String, _ position: SourcePosition, what: String) -> Bool {
    let characters = text.unicodeScalars
    let isLetter = characters.first.map { $0.properties.isAlphabetic && $0.isASCII } ?? false
    let isName = characters.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "-")
    }
    guard isLetter, isName else {
      report(
        .nameInvalid, position, "\(what) is \(JSON.string(text)), which is no name.",
        mend: "Begin with a letter; go on with letters, digits, `_` and `-`.")
      return false
    }
    return checkLength(
      text, position, what: what, limit: DefinitionLimits.maximumNameLength, named: "maximumNameLength")
  }

  /// A message type where it is a value.
  mutating func type(_ node: SourceNode, what: String) -> Located<String>? {
    guard let text = text(node, what: what), checkType(text, node.position) else { return nil }
    return Located(text, at: node.position)
  }

  mutating func checkType(_ text: String, _ position: SourcePosition) -> Bool {
    let hasControls = text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    guard !text.isEmpty, !hasControls else {
      let cause = text.isEmpty ? "is empty" : "holds a control character"
      report(
        .nameInvalid, position, "The message type \(cause).", mend: "Write it as it stands in the messages' `type`.")
      return false
    }
    let limit = DefinitionLimits.maximumTypeLength
    return checkLength(text, position, what: "The message type", limit: limit, named: "maximumTypeLength")
  }

  private mutating func checkLength(
    _ text: String, _ position: SourcePosition, what: String, limit: Int, named: String
  ) -> Bool {
    if text.unicodeScalars.count <= limit { return true }
    report(.limitExceeded, position, "\(what) has more than \(limit) characters (\(named)).")
    return false
  }

  mutating func boolean(_ member: SourceMember?) -> Bool {
    guard let member else { return false }
    if case .bool(let value) = member.value.json { return value }
    report(
      .fieldType, member.value.position, "`\(member.name)` is true or false, this is \(member.value.kind).",
      mend: "Write true or false, without quotes.")
    return false
  }

  mutating func integer(_ node: SourceNode, what: String, in range: ClosedRange<Int64>) -> Int64? {
    guard node.json.doubleValue != nil else {
      report(.fieldType, node.position, "\(what) is a number, this is \(node.kind).", mend: numberMend(node))
      return nil
    }
    guard let value = node.json.intValue, range.contains(value) else {
      // The greatest of all whole numbers is worth a word only where it is exceeded.
      let isTooGreat = (node.json.doubleValue ?? 0) >= Double(range.upperBound)
      let upper = range.upperBound == .max && !isTooGreat ? "" : " to \(range.upperBound)"
      report(
        .valueRange, node.position,
        "\(what) is \(node.json); it must be a whole number from \(range.lowerBound)\(upper).")
      return nil
    }
    return value
  }

  /// A number in quotes loses them.
  private func numberMend(_ node: SourceNode) -> String {
    guard case .string(let text) = node.json, let json = try? JSON.parse(text), json.doubleValue != nil else {
      return "Write digits, without quotes."
    }
    return "Write it without quotes: \(json)."
  }

  mutating func number(_ node: SourceNode, what: String, in range: ClosedRange<Double>) -> Double? {
    guard let value = node.json.doubleValue else {
      report(.fieldType, node.position, "\(what) is a number, this is \(node.kind).", mend: numberMend(node))
      return nil
    }
    guard range.contains(value) else {
      let text = "from \(JSON.double(range.lowerBound)) to \(JSON.double(range.upperBound))"
      report(.valueRange, node.position, "\(what) is \(node.json); it must be \(text).")
      return nil
    }
    return value
  }

  /// The elements of a list; `mayBeEmpty` where a list of none has a meaning.
  mutating func elements(_ node: SourceNode, what: String, mayBeEmpty: Bool = false) -> [SourceNode]? {
    guard case .array = node.json else {
      report(.fieldType, node.position, "\(what) is a list, this is \(node.kind).", mend: "Write [ … ].")
      return nil
    }
    if node.elements.isEmpty, !mayBeEmpty { reportEmpty(node, what: what) }
    return node.elements
  }

  /// The members of a map whose keys are free.
  mutating func members(_ node: SourceNode, what: String, mayBeEmpty: Bool = true) -> [SourceMember]? {
    guard case .object = node.json else {
      report(.fieldType, node.position, "\(what) is an object, this is \(node.kind).", mend: "Write { … }.")
      return nil
    }
    if node.members.isEmpty, !mayBeEmpty { reportEmpty(node, what: what) }
    return node.members
  }

  private mutating func reportEmpty(_ node: SourceNode, what: String) {
    report(.valueEmpty, node.position, "\(what) is empty.", mend: "It has at least one.")
  }

  /// Says so when there are more than a limit allows.
  mutating func checkCount(_ count: Int, _ limit: Int, named: String, what: String, _ position: SourcePosition) {
    if count > limit { report(.limitExceeded, position, "There are \(count) \(what), more than \(limit) (\(named)).") }
  }

  func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  /// "`a`, `b` and `c`"
  func list(_ names: [String]) -> String {
    let quoted = names.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " and " + last
  }
}
