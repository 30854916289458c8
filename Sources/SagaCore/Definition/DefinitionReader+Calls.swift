/// Named steps: calls, waits and commands that are not awaited; their replies, retries and undos.
extension DefinitionReader {
  mutating func call(_ fields: SourceFields, _ form: SourceMember) -> CallDefinition? {
    let name = self.name(form.value, what: "`step`")
    var call = CallDefinition(name: name?.value ?? "", position: form.value.position)
    call.command = command(fields)
    call.replies = replies(fields["reply"])
    call.timeout = delay(fields["timeout"], least: 1)
    call.retry = fields["retry"].flatMap { retry($0.value) }
    call.undo = fields["undo"].flatMap { undo($0.value, of: call.name) }
    call.isPivot = boolean(fields["pivot"])
    checkUse(fields, of: call)
    guard let name else { return nil }
    if let first = stepPositions[name.value] {
      report(
        .stepDuplicate, name.position, "The step \"\(name.value)\" stands at \(first) already.",
        mend: "Step names are unique in a role; rename one.")
    } else {
      stepPositions[name.value] = name.position
    }
    return call
  }

  /// What needs a command or a reply must have it.
  private mutating func checkUse(_ fields: SourceFields, of call: CallDefinition) {
    if fields["call"] == nil, fields["reply"] == nil {
      report(
        .stepForm, call.position, "The step neither calls nor waits.",
        mend: "Add `call` for sending a command, `reply` for waiting for a message, or both.")
      return
    }
    let needsCall = ["to", "with", "retry", "pivot"]
    for name in needsCall where fields["call"] == nil {
      guard let field = fields[name] else { continue }
      report(
        .fieldUseless, field.position, "`\(name)` has no effect without `call`.",
        mend: "Remove it, or add the command under `call`.")
    }
    for name in ["timeout", "retry", "pivot"] where fields["reply"] == nil {
      guard let field = fields[name] else { continue }
      report(
        .fieldUseless, field.position, "`\(name)` has no effect without `reply`: the command is sent and not awaited.",
        mend: "Add the messages that answer it under `reply`.")
    }
  }

  private mutating func command(_ fields: SourceFields) -> CommandDefinition? {
    let destination = fields["to"].flatMap { type($0.value, what: "`to`") }
    let payload = fields["with"].map { template($0.value, what: "`with`") } ?? .object([])
    guard let call = fields["call"], let type = type(call.value, what: "`call`") else { return nil }
    return CommandDefinition(type: type, destination: destination, with: payload)
  }

  private mutating func replies(_ member: SourceMember?) -> [ReplyDefinition] {
    guard let member, let types = members(member.value, what: "`reply`", mayBeEmpty: false) else { return [] }
    return types.flatMap { entry -> [ReplyDefinition] in
      guard checkType(entry.name, entry.position) else { return [] }
      guard case .array = entry.value.json else { return reply(entry.value, of: entry).map { [$0] } ?? [] }
      if entry.value.elements.isEmpty {
        report(
          .valueEmpty, entry.value.position, "The list of outcomes is empty.", mend: "Write {} for a plain success.")
      }
      let limit = DefinitionLimits.maximumAlternatives
      let count = entry.value.elements.count
      checkCount(count, limit, named: "maximumAlternatives", what: "outcomes of one reply", entry.position)
      return entry.value.elements.prefix(limit).compactMap { reply($0, of: entry) }
    }
  }

  private mutating func reply(_ node: SourceNode, of entry: SourceMember) -> ReplyDefinition? {
    guard let fields = fields(node, .reply) else { return nil }
    var reply = ReplyDefinition(type: entry.name, position: node.position)
    reply.when = expression(fields["when"])
    reply.set = assignments(fields["set"])
    reply.correlate = correlations(fields["correlate"])
    reply.fail = expression(fields["fail"])
    reply.again = delay(fields["again"])
    if let again = fields["again"], fields["fail"] != nil {
      report(
        .replyConflict, again.position, "The reply has both `fail` and `again`.",
        mend: "Make them two entries with `when`.")
    }
    return reply
  }

  private mutating func retry(_ node: SourceNode) -> RetryDefinition? {
    guard let fields = fields(node, .retry) else { return nil }
    var retry = RetryDefinition(position: node.position)
    let attempts = 1...DefinitionLimits.maximumAttempts
    retry.attempts = fields["attempts"].flatMap { integer($0.value, what: "`attempts`", in: attempts) }
    retry.delay = delay(fields["delay"])
    retry.factor = fields["factor"].flatMap { number($0.value, what: "`factor`", in: 1...1_000) }
    retry.maxDelay = delay(fields["maxDelay"])
    retry.jitter = fields["jitter"].flatMap { number($0.value, what: "`jitter`", in: 0...1) }
    return retry
  }

  mutating func undo(_ node: SourceNode, of step: String) -> UndoDefinition? {
    if case .string("none") = node.json { return UndoDefinition.none(position: node.position) }
    guard case .object = node.json else {
      let found = node.json.stringValue.map { JSON.string($0).description } ?? node.kind
      report(
        .undoForm, node.position, "`undo` is \(found).",
        mend: "Write \"none\", { \"call\": … } or { \"publish\": … }.")
      return nil
    }
    if let publish = node.members.first(where: { $0.name == "publish" }) {
      guard fields(node, .undoPublish) != nil else { return nil }
      return .publish(publications(publish), position: node.position)
    }
    guard let fields = fields(node, .undoCall) else { return nil }
    guard fields["call"] != nil else {
      report(
        .undoForm, node.position, "The undo neither calls nor publishes.",
        mend: "Add `call` or `publish`, or write \"none\".")
      return nil
    }
    var call = CallDefinition(name: step, position: node.position)
    call.command = command(fields)
    call.replies = replies(fields["reply"])
    call.timeout = delay(fields["timeout"], least: 1)
    call.retry = fields["retry"].flatMap { retry($0.value) }
    checkUndoReplies(call.replies)
    checkUse(fields, of: call)
    return .call(call)
  }

  /// An undo is repeated by `retry` only.
  private mutating func checkUndoReplies(_ replies: [ReplyDefinition]) {
    for reply in replies {
      guard let again = reply.again else { continue }
      report(
        .fieldMisplaced, again.position, "`again` is no field of a reply to an undo.",
        mend: "Let the participant answer when it is done, with a long enough `timeout`.")
    }
  }
}
