/// `messages`.
extension DefinitionReader {
  mutating func messages(_ member: SourceMember?) -> [MessageDeclaration] {
    guard let member, let members = members(member.value, what: "`messages`") else { return [] }
    let limit = DefinitionLimits.maximumMessages
    checkCount(members.count, limit, named: "maximumMessages", what: "messages", member.position)
    return members.prefix(limit).compactMap { message($0) }
  }

  private mutating func message(_ member: SourceMember) -> MessageDeclaration? {
    guard checkType(member.name, member.position), let fields = fields(member.value, .message) else { return nil }
    var declaration = MessageDeclaration(type: member.name, position: member.position)
    declaration.description = description(fields)
    declaration.key = fields["key"].flatMap { key($0.value) }
    declaration.missing = fields["missing"].flatMap { missing($0.value) }
    declaration.schema = fields["schema"].flatMap { schema($0.value) }
    if let accepts = fields["accepts"], let elements = elements(accepts.value, what: "`accepts`") {
      declaration.accepts = elements.compactMap { accepted($0) }
    }
    return declaration
  }

  private mutating func key(_ node: SourceNode) -> MessageDeclaration.Key? {
    guard case .object = node.json else {
      return expression(node, what: "`key`").map(MessageDeclaration.Key.primary)
    }
    guard let member = node.members.first, node.members.count == 1 else {
      report(
        .messageKey, node.position, "`key` names \(node.members.count) further keys; it names one.",
        mend: "Write { \"paymentId\": \"event.data.paymentId\" }, or a string for the primary key.")
      return nil
    }
    guard checkName(member.name, member.position, what: "The further key"),
      let value = expression(member.value, what: "`\(member.name)`")
    else { return nil }
    return .named(member.name, value)
  }

  private mutating func missing(_ node: SourceNode) -> MissingPolicy? {
    guard let text = text(node, what: "`missing`") else { return nil }
    switch text {
    case "ignore": return .ignore
    case "reject": return .reject
    default: break
    }
    if case .milliseconds(let value) = DurationLiteral(text) { return .park(milliseconds: value) }
    let nearest = nearestName(to: text, among: ["ignore", "reject"])
    report(
      .messageMissing, node.position,
      "`missing` is \(JSON.string(text)), which says nothing of a message without instance.",
      mend: nearest.map { "Did you mean \"\($0)\"?" } ?? "Write a duration like \"7d\", \"ignore\" or \"reject\".")
    return nil
  }

  private mutating func accepted(_ node: SourceNode) -> MessageDeclaration.Accepted? {
    guard let fields = fields(node, .accepted) else { return nil }
    let dataschema = fields["dataschema"].flatMap { text($0.value, what: "`dataschema`") }
    let schemaNode = required("schema", in: fields, of: .accepted)
    let upcast = required("upcast", in: fields, of: .accepted).map { template($0.value, what: "`upcast`") }
    guard let schemaNode, let schema = self.schema(schemaNode.value), let upcast else { return nil }
    return MessageDeclaration.Accepted(
      dataschema: dataschema, schema: schema, upcast: upcast, position: node.position)
  }
}
