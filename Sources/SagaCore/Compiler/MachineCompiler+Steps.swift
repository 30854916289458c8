import CEL

extension MachineCompiler {
  /// Adds a sequence node with its children and returns its index.
  mutating func sequence(_ steps: [StepDefinition], path: String, scope: ScopeSpec) -> Int {
    let children = steps.enumerated().map { node($1, path: "\(path).\($0)", scope: scope) }
    return add(NodeModel(name: path, kind: .sequence(children), takes: takes(children)))
  }

  private mutating func node(_ step: StepDefinition, path: String, scope: ScopeSpec) -> Int {
    switch step {
    case .call(let call):
      let compiled = self.call(call, scope: scope)
      return add(NodeModel(name: call.name, kind: .call(compiled), takes: Set(compiled.replies.keys)))
    case .set(let members, _):
      return add(NodeModel(name: path, kind: .set(assignments(members, scope))))
    case .fail(let reason, _):
      guard let compiled = expression(reason, scope, expecting: .string) else { return add(empty(path)) }
      return add(NodeModel(name: path, kind: .fail(compiled)))
    case .publish(let publish):
      let undo = publish.undo.flatMap { self.undo($0, of: [], scope: scope) }
      return add(NodeModel(name: path, kind: .publish(publications(publish.messages, scope), undo: undo)))
    case .forEach(let loop):
      return forEach(loop, path: path, scope: scope)
    case .parallel(let branches, _):
      let children = branches.enumerated().map { sequence($1, path: "\(path).\($0)", scope: scope) }
      return add(NodeModel(name: path, kind: .parallel(children), takes: takes(children)))
    case .choose(let choices, _):
      let compiled = choices.enumerated().map { index, choice in
        (
          when: choice.when.flatMap { expression($0, scope, expecting: .bool) },
          body: sequence(choice.steps, path: "\(path).\(index)", scope: scope)
        )
      }
      return add(NodeModel(name: path, kind: .choose(compiled), takes: takes(compiled.map(\.body))))
    case .attempt(let steps, let recovery, _):
      let body = sequence(steps, path: "\(path).try", scope: scope)
      let rescue = sequence(recovery, path: "\(path).catch", scope: scope)
      return add(NodeModel(name: path, kind: .attempt(body: body, recovery: rescue), takes: takes([body, rescue])))
    }
  }

  private mutating func forEach(_ loop: ForEachDefinition, path: String, scope: ScopeSpec) -> Int {
    var inner = scope
    if !inner.variables.contains(.item) { inner.variables += [.item, .index] }
    let list = expression(loop.list, scope, expecting: .list(.dyn))
    inner.item = .dyn
    if case .list(let element) = list?.program.resultType { inner.item = element }
    let body = sequence(loop.steps, path: path, scope: inner)
    guard let list else { return add(empty(path)) }
    return add(
      NodeModel(
        name: path, kind: .forEach(list: list, concurrency: loop.concurrency, body: body), takes: takes([body])))
  }

  private mutating func call(_ call: CallDefinition, scope: ScopeSpec, isUndo: Bool = false) -> CallModel {
    let command = call.command.map { command in
      CommandModel(
        type: command.type.value, destination: command.destination?.value, with: template(command.with, scope))
    }
    var timeout = call.timeout.map { delay($0, scope) }
    if timeout == nil, command != nil {
      timeout = .milliseconds(isUndo ? MachineLimits.undoTimeoutMilliseconds : MachineLimits.callTimeoutMilliseconds)
    }
    let retry = retry(
      call.retry, attempts: isUndo ? MachineLimits.undoAttempts : MachineLimits.callAttempts, scope)
    var replies: [String: [ReplyModel]] = [:]
    for reply in call.replies {
      var spec = scope
      spec.variables = scope.variables.filter { $0 != .event } + [.event]
      spec.events = [reply.type]
      spec.isEventOptional = false
      replies[reply.type, default: []].append(self.reply(reply, spec))
    }
    let successes = call.replies.filter { $0.fail == nil && $0.again == nil }.map(\.type)
    return CallModel(
      command: command, replies: replies, timeout: timeout, retry: retry,
      undo: call.undo.flatMap { undo($0, of: successes, scope: scope) }, isPivot: call.isPivot)
  }

  private mutating func reply(_ reply: ReplyDefinition, _ spec: ScopeSpec) -> ReplyModel {
    ReplyModel(
      when: reply.when.flatMap { expression($0, spec, expecting: .bool) }, set: assignments(reply.set, spec),
      correlate: assignments(reply.correlate, spec),
      fail: reply.fail.flatMap { expression($0, spec, expecting: .string) }, again: reply.again.map { delay($0, spec) })
  }

  /// - Parameter successes: the reply types whose event the undo may see.
  private mutating func undo(_ undo: UndoDefinition, of successes: [String], scope: ScopeSpec) -> UndoModel? {
    var spec = scope
    spec.variables = scope.variables.filter { $0 != .event } + [.event]
    spec.events = successes
    spec.isEventOptional = true
    switch undo {
    case .none: return nil
    case .call(let definition):
      let compiled = call(definition, scope: spec, isUndo: true)
      return UndoModel(form: .call(compiled), usesEvent: compiled.usesEvent)
    case .publish(let members, _):
      let compiled = publications(members, spec)
      return UndoModel(form: .publish(compiled), usesEvent: compiled.contains { $0.payload.uses(.event) })
    }
  }

  private mutating func retry(_ retry: RetryDefinition?, attempts: Int64, _ scope: ScopeSpec) -> RetryModel {
    RetryModel(
      attempts: retry?.attempts ?? attempts,
      delay: retry?.delay.map { delay($0, scope) } ?? .milliseconds(MachineLimits.retryDelayMilliseconds),
      factor: retry?.factor ?? MachineLimits.retryFactor,
      maxDelay: retry?.maxDelay.map { delay($0, scope) } ?? .milliseconds(MachineLimits.retryMaxDelayMilliseconds),
      jitter: retry?.jitter ?? 0)
  }

  private func takes(_ nodes: [Int]) -> Set<String> {
    nodes.reduce(into: []) { $0.formUnion(model.nodes[$1].takes) }
  }

  private func empty(_ path: String) -> NodeModel { NodeModel(name: path, kind: .sequence([])) }

  private mutating func add(_ node: NodeModel) -> Int {
    model.nodes.append(node)
    return model.nodes.count - 1
  }
}

extension TemplateModel {
  /// Whether any leaf reads the variable.
  func uses(_ variable: ScopeVariable) -> Bool {
    switch self {
    case .constant: false
    case .expression(let expression): expression.uses(variable)
    case .array(let elements): elements.contains { $0.uses(variable) }
    case .object(let members): members.contains { $0.value.uses(variable) }
    }
  }
}

extension CallModel {
  /// Whether anything that is computed before an answer reads `event`: of an undo, the reply to its action.
  fileprivate var usesEvent: Bool {
    let delays = [timeout, retry.delay, retry.maxDelay].compactMap { $0 }
    return command?.with.uses(.event) ?? false
      || delays.contains { if case .expression(let expression) = $0 { expression.uses(.event) } else { false } }
  }
}

extension Expression {
  fileprivate func uses(_ variable: ScopeVariable) -> Bool {
    program.references.contains { $0.variable == variable.rawValue }
  }
}
