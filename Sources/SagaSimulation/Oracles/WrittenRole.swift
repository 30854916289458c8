import CEL
import SagaCore

/// A role as its definition says it, read from the text and not from the machine that the engine has made of it.
struct WrittenRole: Sendable {
  /// One of several things that a message, a reply or a time may lead to.
  struct Alternative: Sendable {
    /// True where nothing is written.
    let when: CELProgram
    let set: [(name: String, value: Structure)]
    let published: [String]
    let goto: String?
    /// Of `compensate` or `fail`.
    let reason: CELProgram?
    let isAgain: Bool

    /// Whether it leads away from the state.
    var leaves: Bool { goto != nil || reason != nil }
  }

  indirect enum Structure: Sendable {
    case constant(JSON)
    case expression(CELProgram)
    case array([Structure])
    case object([(name: String, value: Structure)])
  }

  /// Alternatives in the order in which they are tried; nil where one has an expression that cannot be read from its text alone.
  struct List: Sendable {
    let alternatives: [Alternative]?
  }

  struct State: Sendable {
    var on: [String: List] = [:]
    var after: [List] = []
  }

  private(set) var start: [String: List] = [:]
  private(set) var on: [String: List] = [:]
  private(set) var after: [List] = []
  private(set) var states: [String: State] = [:]
  /// Replies by step and type, of steps whose data are the instance's alone: outside of `forEach` and `try`.
  private(set) var replies: [String: [String: List]] = [:]
  /// Steps that wait without having sent a command.
  private(set) var waits: Set<String> = []
  /// Types that answer a command, of a step or of an undo.
  private(set) var answers: Set<String> = []
  /// The conditions of `choose`, by the engine's name for it: the way to it from its state.
  private(set) var choices: [String: [CELProgram]] = [:]
  /// Types that a state or the role takes.
  private(set) var handled: Set<String> = []
  /// Whether data change between steps.
  private(set) var hasSets = false
  let data: Schema?

  init(_ role: RoleDefinition, data: Schema?) {
    self.data = data
    start = WrittenRole.read(role.start)
    on = WrittenRole.read(role.on)
    handled = Set(role.on.map(\.type))
    after = role.after.map { WrittenRole.read($0.transitions) }
    role.visitCalls { call, _ in
      if call.command == nil { waits.insert(call.name) } else { answers.formUnion(call.replies.map(\.type)) }
    }
    for state in role.states {
      states[state.name] = State(
        on: WrittenRole.read(state.on), after: state.after.map { WrittenRole.read($0.transitions) })
      handled.formUnion(state.on.map(\.type))
      add(state.steps ?? [], path: state.name, isPlain: true)
    }
  }

  /// Whether an answer can be only one thing, a success, and changes nothing; nil is a type that is not told.
  func isPlain(_ type: String?, to step: String) -> Bool {
    guard let type, let list = replies[step]?[type]?.alternatives, list.count == 1, let only = list.first else {
      return false
    }
    guard case .bool(true)? = only.when.constantValue else { return false }
    return only.set.isEmpty && only.reason == nil && !only.isAgain
  }

  private mutating func add(_ steps: [StepDefinition], path: String, isPlain: Bool) {
    for (index, step) in steps.enumerated() {
      let place = "\(path).\(index)"
      switch step {
      case .call(let call):
        guard isPlain else { continue }
        for type in Set(call.replies.map(\.type)) {
          replies[call.name, default: [:]][type] = WrittenRole.read(call.replies.filter { $0.type == type })
        }
      case .set: hasSets = true
      case .fail, .publish: break
      case .forEach(let loop): add(loop.steps, path: place, isPlain: false)
      case .parallel(let branches, _):
        for (number, branch) in branches.enumerated() { add(branch, path: "\(place).\(number)", isPlain: isPlain) }
      case .choose(let branches, _):
        if isPlain { choices[place] = WrittenRole.all(branches) { WrittenRole.condition($0.when) } }
        for (number, branch) in branches.enumerated() {
          add(branch.steps, path: "\(place).\(number)", isPlain: isPlain)
        }
      case .attempt(let steps, let recovery, _):
        add(steps, path: "\(place).try", isPlain: false)
        add(recovery, path: "\(place).catch", isPlain: false)
      }
    }
  }

  private static func read(_ handlers: [Handler]) -> [String: List] {
    var read: [String: List] = [:]
    for handler in handlers { read[handler.type] = WrittenRole.read(handler.transitions) }
    return read
  }

  private static func read(_ transitions: [TransitionDefinition]) -> List {
    let read = all(transitions) { transition in
      alternative(
        when: transition.when, set: transition.set, published: transition.publish.map(\.name),
        goto: transition.goto?.value, reason: transition.compensate, isAgain: false)
    }
    return List(alternatives: read)
  }

  private static func read(_ replies: [ReplyDefinition]) -> List {
    let read = all(replies) { reply in
      alternative(
        when: reply.when, set: reply.set, published: [], goto: nil, reason: reply.fail, isAgain: reply.again != nil)
    }
    return List(alternatives: read)
  }

  private static func alternative(
    when: ExpressionSource?, set: [TemplateMember], published: [String], goto: String?, reason: ExpressionSource?,
    isAgain: Bool
  ) -> Alternative? {
    let assigned = all(set) { member in structure(member.value).map { (name: member.name, value: $0) } }
    let text = reason.flatMap(program)
    guard let condition = condition(when), let assigned, (text == nil) == (reason == nil) else { return nil }
    return Alternative(
      when: condition, set: assigned, published: published, goto: goto, reason: text, isAgain: isAgain)
  }

  private static func condition(_ when: ExpressionSource?) -> CELProgram? {
    when.map(program) ?? (try? environment.compile("true"))
  }

  private static func structure(_ template: Template) -> Structure? {
    switch template {
    case .constant(let value): .constant(value)
    case .expression(let source): program(source).map { .expression($0) }
    case .array(let elements): all(elements, structure).map { .array($0) }
    case .object(let members):
      all(members) { member in structure(member.value).map { (name: member.name, value: $0) } }.map { .object($0) }
    }
  }

  /// All or nothing.
  private static func all<Element, Read>(_ elements: [Element], _ read: (Element) -> Read?) -> [Read]? {
    let found = elements.compactMap(read)
    return found.count == elements.count ? found : nil
  }

  private static let environment = CELEnvironment(
    variables: WrittenScope.variables.map { (name: $0, type: CELType.dyn) })

  /// - Returns: nil where more than the text decides what it gives: the sum of an empty list comes from the types of variables, and
  ///   the version is the instance's of that time.
  private static func program(_ source: ExpressionSource) -> CELProgram? {
    if source.text.contains("sum(") || source.text.contains("version") { return nil }
    return try? environment.compile(source.text)
  }
}
