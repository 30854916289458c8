import SagaCore

/// What the oracles must know of definitions: who sends what, what can be undone, and in which order.
struct DefinitionTraits: Sendable {
  /// Types that some role publishes.
  private(set) var published: Set<String> = []
  /// Types that answer a call.
  private(set) var replies: Set<String> = []
  /// Types of commands, undos included.
  private(set) var commands: Set<String> = []
  /// Types that a step or a state waits for, and that the role as a whole does not take.
  private(set) var awaited: Set<String> = []
  /// Types that a running saga takes, whatever else waits for them.
  private(set) var handled: Set<String> = []
  /// Commands whose effect is undone by another command.
  private(set) var undoable: Set<String> = []
  /// Those of them whose undo nobody answers.
  private(set) var undoneUnanswered: Set<String> = []
  /// Undo commands that nobody answers.
  private(set) var unansweredUndos: Set<String> = []
  /// Commands that undo what a step published.
  private(set) var undosOfPublications: Set<String> = []
  /// Commands that may be given more than once in one life of an instance, with the same data.
  private(set) var repeatable: Set<String> = []
  /// Commands after which nothing is undone.
  private(set) var pivots: Set<String> = []
  /// Sagas in which something may be undone although the saga completes: a `try`, a role's compensation.
  private(set) var undoesAndCompletes: Set<String> = []
  /// Commands of states that a `goto` may leave while they are in flight: nobody awaits them then.
  private(set) var leftInFlight: Set<String> = []
  /// Whether the answer to an undo changes an instance's data: then that of one that has ended may change, too.
  private(set) var undosChangeData = false
  /// Commands that are answered.
  private(set) var answered: Set<String> = []
  /// How often a command is sent at most, where every call of it is limited.
  private(set) var attempts: [String: Int] = [:]
  /// Events that are published only when everything that an instance owed is undone.
  private(set) var tellsUndone: Set<String> = []
  private var tellsElse: Set<String> = []
  /// Pairs of commands of which the first is always answered before the second is given.
  private var sequential: Set<Pair> = []
  private var places: [String: [[Place]]] = [:]
  /// By the roles' numbers.
  private var graphs: [StateGraph] = []

  private struct Pair: Hashable, Sendable {
    var first: String
    var second: String
  }

  /// One step on the way from the root of the step tree to a call.
  private struct Place: Hashable, Sendable {
    /// `state`: the node is the role's number. `elements`: of a list, several at a time; which of them a command is of cannot
    /// be told.
    enum Kind: Hashable, Sendable { case state, sequence, concurrent, elements }
    var kind: Kind
    var node: Int
    var child: Int
  }

  init(_ definitions: [Definition]) {
    for definition in definitions {
      for role in definition.roles { add(role, of: definition) }
    }
    tellsUndone.subtract(tellsElse)
    for (first, firstPlaces) in places.sorted(by: { $0.key < $1.key }) {
      for (second, secondPlaces) in places.sorted(by: { $0.key < $1.key }) where first != second {
        let isLeft = leftInFlight.contains(second)
        let isOrdered = firstPlaces.allSatisfy { first in
          secondPlaces.allSatisfy { isSequential(first, second: $0, isLeft: isLeft) }
        }
        if isOrdered { sequential.insert(Pair(first: first, second: second)) }
      }
    }
  }

  /// Whether the undo of `second` must be over before that of `first` begins.
  func isSequential(_ first: String, _ second: String) -> Bool {
    sequential.contains(Pair(first: first, second: second))
  }

  /// - Parameter isLeft: the state of the second may be left in the middle; what a `try` in it was undoing then goes on beside
  ///   whatever comes.
  private func isSequential(_ first: [Place], second: [Place], isLeft: Bool) -> Bool {
    for (left, right) in zip(first, second) {
      if left != right, left.kind == .state {
        return !isLeft && left.node == right.node && graphs[left.node].isBefore(left.child, right.child)
      }
      if left != right { return left.node == right.node && left.kind == .sequence && left.child < right.child }
      // The undo of one element's first step may go out while another's second step is not undone yet.
      if left.kind == .elements { return false }
    }
    return false
  }

  private mutating func add(_ role: RoleDefinition, of definition: Definition) {
    let isOrchestration = definition.mode == .orchestration
    if !isOrchestration { undoesAndCompletes.insert(definition.name) }
    for handler in role.on + role.start { add(handler.transitions) }
    for after in role.after { add(after.transitions) }
    handled.formUnion(role.on.map(\.type))
    let graph = StateGraph(role)
    let number = graphs.count
    graphs.append(graph)
    var nodes = 0
    for (index, state) in role.states.enumerated() {
      for handler in state.on {
        add(handler.transitions)
        handled.insert(handler.type)
        if !role.on.contains(where: { $0.type == handler.type }) { awaited.insert(handler.type) }
      }
      for after in state.after { add(after.transitions) }
      add([state.done].compactMap { $0 })
      // A role's `failed` comes when this state is undone; what earlier ones owe stays owed.
      add([state.failed].compactMap { $0 }, isAllUndone: isOrchestration)
      let leaving = (role.on + state.on).flatMap(\.transitions) + (role.after + state.after).flatMap(\.transitions)
      if leaving.contains(where: { $0.goto != nil && $0.compensate == nil }) {
        for step in state.steps ?? [] {
          step.visitCalls { call, isUndo in
            if !isUndo, let type = call.command?.type.value { leftInFlight.insert(type) }
          }
        }
      }
      var path = [Place(kind: .state, node: number, child: index)]
      add(state.steps ?? [], of: definition, isRepeated: graph.isEnteredAgain(index), &path, &nodes)
    }
  }

  private mutating func add(_ transitions: [TransitionDefinition], isAllUndone: Bool = false) {
    for transition in transitions {
      for message in transition.publish {
        published.insert(message.name)
        if isAllUndone || transition.compensate != nil {
          tellsUndone.insert(message.name)
        } else {
          tellsElse.insert(message.name)
        }
      }
    }
  }

  private mutating func add(
    _ steps: [StepDefinition], of definition: Definition, isRepeated: Bool, _ path: inout [Place], _ nodes: inout Int
  ) {
    let node = nodes
    nodes += 1
    for (index, step) in steps.enumerated() {
      path.append(Place(kind: .sequence, node: node, child: index))
      add(step, of: definition, isRepeated: isRepeated, &path, &nodes)
      path.removeLast()
    }
  }

  private mutating func add(
    _ step: StepDefinition, of definition: Definition, isRepeated: Bool, _ path: inout [Place], _ nodes: inout Int
  ) {
    switch step {
    case .call(let call): add(call, isRepeated: isRepeated, path)
    case .set, .fail: break
    case .publish(let publish):
      for message in publish.messages {
        published.insert(message.name)
        tellsElse.insert(message.name)
      }
      if case .call(let call)? = publish.undo, let type = call.command?.type.value { undosOfPublications.insert(type) }
      add(publish.undo)
    case .forEach(let loop):
      let node = nodes
      nodes += 1
      path.append(Place(kind: loop.concurrency > 1 ? .elements : .concurrent, node: node, child: 0))
      add(loop.steps, of: definition, isRepeated: true, &path, &nodes)
      path.removeLast()
    case .parallel(let branches, _):
      let node = nodes
      nodes += 1
      for (index, branch) in branches.enumerated() {
        path.append(Place(kind: .concurrent, node: node, child: index))
        add(branch, of: definition, isRepeated: isRepeated, &path, &nodes)
        path.removeLast()
      }
    case .choose(let choices, _):
      let node = nodes
      nodes += 1
      for (index, choice) in choices.enumerated() {
        path.append(Place(kind: .concurrent, node: node, child: index))
        add(choice.steps, of: definition, isRepeated: isRepeated, &path, &nodes)
        path.removeLast()
      }
    case .attempt(let steps, let recovery, _):
      undoesAndCompletes.insert(definition.name)
      let node = nodes
      nodes += 1
      path.append(Place(kind: .concurrent, node: node, child: 0))
      add(steps, of: definition, isRepeated: isRepeated, &path, &nodes)
      path.removeLast()
      path.append(Place(kind: .concurrent, node: node, child: 1))
      add(recovery, of: definition, isRepeated: isRepeated, &path, &nodes)
      path.removeLast()
    }
  }

  private mutating func add(_ call: CallDefinition, isRepeated: Bool, _ path: [Place]) {
    for reply in call.replies {
      if call.command == nil { awaited.insert(reply.type) } else { replies.insert(reply.type) }
    }
    guard let command = call.command?.type.value else { return }
    commands.insert(command)
    if !call.replies.isEmpty { answered.insert(command) }
    attempts[command] = max(attempts[command] ?? 0, Int(call.retry?.attempts ?? MachineLimits.callAttempts))
    if isRepeated || places[command] != nil || call.replies.contains(where: { $0.again != nil }) {
      repeatable.insert(command)
    }
    places[command, default: []].append(path)
    if call.isPivot { pivots.insert(command) }
    if case .call(let undo)? = call.undo {
      undoable.insert(command)
      if undo.replies.isEmpty { undoneUnanswered.insert(command) }
    }
    add(call.undo)
  }

  private mutating func add(_ undo: UndoDefinition?) {
    switch undo {
    case .call(let call)?:
      for reply in call.replies { replies.insert(reply.type) }
      if call.replies.contains(where: { !$0.set.isEmpty }) { undosChangeData = true }
      guard let command = call.command?.type.value else { return }
      commands.insert(command)
      if call.replies.isEmpty { unansweredUndos.insert(command) }
    case .publish(let messages, _)?:
      for message in messages {
        published.insert(message.name)
        tellsElse.insert(message.name)
      }
    case .none?, nil: break
    }
  }
}
