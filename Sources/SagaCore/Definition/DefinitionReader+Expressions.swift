/// Expressions, structure that holds them, durations and schemas.
extension DefinitionReader {
  mutating func expression(_ node: SourceNode, what: String) -> ExpressionSource? {
    guard case .string(let text) = node.json else {
      var mend = "Write CEL in a string."
      if what == "`key`" {
        // A constant would send every message to one instance.
        mend = "Write where a message has it, such as \"event.data.orderId\"."
      } else if node.elements.isEmpty, node.members.isEmpty {
        mend = "Write \(JSON.string(node.json.description))."
      }
      report(.fieldType, node.position, "\(what) is a CEL expression, this is \(node.kind).", mend: mend)
      return nil
    }
    return expression(text, quotedAt: node.position, what: what)
  }

  private mutating func expression(_ text: String, quotedAt position: SourcePosition, what: String) -> ExpressionSource?
  {
    if text.unicodeScalars.allSatisfy({ $0.properties.isWhitespace }) {
      report(
        .valueEmpty, position, "\(what) is empty; it must be a CEL expression.",
        mend: "An empty text is \"''\" in CEL.")
      return nil
    }
    return ExpressionSource(text: text, position: position.behindQuote)
  }

  mutating func expression(_ member: SourceMember?) -> ExpressionSource? {
    member.flatMap { expression($0.value, what: "`\($0.name)`") }
  }

  /// Structure whose string leaves are CEL. A leaf that is none becomes null.
  mutating func template(_ node: SourceNode, what: String) -> Template {
    switch node.json {
    case .string: expression(node, what: what).map(Template.expression) ?? .constant(.null)
    case .array: .array(node.elements.map { template($0, what: what) })
    case .object: .object(templateMembers(node.members))
    case .null, .bool, .int, .double: .constant(node.json)
    }
  }

  mutating func templateMembers(_ members: [SourceMember]) -> [TemplateMember] {
    members.map { member in
      let value = template(member.value, what: "`\(member.name)`")
      return TemplateMember(name: member.name, position: member.position, value: value)
    }
  }

  /// `set`: field → structure.
  mutating func assignments(_ member: SourceMember?) -> [TemplateMember] {
    guard let member, let members = members(member.value, what: "`set`") else { return [] }
    for member in members where member.name.isEmpty {
      report(.nameInvalid, member.position, "The field to set has no name.")
    }
    return templateMembers(members)
  }

  /// `correlate`: further key → expression.
  mutating func correlations(_ member: SourceMember?) -> [TemplateMember] {
    guard let member, let members = members(member.value, what: "`correlate`") else { return [] }
    return members.compactMap { member in
      guard checkName(member.name, member.position, what: "The further key"),
        let value = expression(member.value, what: "`\(member.name)`")
      else { return nil }
      return TemplateMember(name: member.name, position: member.position, value: .expression(value))
    }
  }

  /// `publish`: type → payload.
  mutating func publications(_ member: SourceMember?) -> [TemplateMember] {
    guard let member, let members = members(member.value, what: "`publish`", mayBeEmpty: false) else { return [] }
    return templateMembers(members.filter { checkType($0.name, $0.position) })
  }

  mutating func delay(_ member: SourceMember?, least: Int64 = 0) -> Delay? {
    guard let member else { return nil }
    guard case .string(let text) = member.value.json else {
      var mend = "Write it like \"30s\"."
      if let seconds = member.value.json.intValue { mend = "Write it with its unit, like \"\(seconds)s\"." }
      report(
        .fieldType, member.value.position, "`\(member.name)` is a duration in a string, this is \(member.value.kind).",
        mend: mend)
      return nil
    }
    return delay(text, quotedAt: member.value.position, what: "`\(member.name)`", least: least)
  }

  mutating func delay(
    _ text: String, quotedAt position: SourcePosition, what: String, least: Int64 = 0
  ) -> Delay? {
    switch DurationLiteral(text) {
    case .milliseconds(let value) where value >= least:
      return Delay(value: .milliseconds(value), text: text, position: position.behindQuote)
    case .milliseconds:
      report(.valueRange, position, "\(what) is \(JSON.string(text)); it must be longer than nothing.")
    case .tooLong:
      report(.valueRange, position, "\(what) is \(JSON.string(text)), longer than 36500d.")
    case .malformed:
      report(
        .durationInvalid, position, "\(what) is \(JSON.string(text)), which is no duration.",
        mend: "Write one whole number and a unit (\(DurationLiteral.units)): \"90m\". CEL has duration('1h30m').")
    case .notLiteral:
      guard let source = expression(text, quotedAt: position, what: what) else { return nil }
      return Delay(value: .expression(source), text: text, position: source.position)
    }
    return nil
  }
}
