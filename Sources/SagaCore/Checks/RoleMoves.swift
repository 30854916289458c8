/// What a role can do in a situation: the machine without data and without participants.
struct RoleMoves {
  let name: String
  let model: MachineModel
  let vocabulary: ComposedVocabulary
  let steps: RoleSteps
  /// How many states may follow one another in one commit; the checks of loops complain of more.
  static let maximumStatesPerMove = 32

  init(_ role: CheckedRole, _ vocabulary: ComposedVocabulary) {
    name = role.role.name
    model = role.model
    self.vocabulary = vocabulary
    steps = RoleSteps(model: role.model, vocabulary: vocabulary)
  }

  /// What participants and waits for messages from outside can do now.
  func answers(_ situation: RoleSituation) -> [RoleMove] {
    guard situation.phase == .running, let frame = situation.frame else { return [] }
    return frame.openNodes.flatMap { node -> [RoleMove] in
      guard case .call(let call) = model.nodes[node].kind else { return [] }
      let free = call.replies.keys.sorted().filter { !isSentByRole($0) }
      let isFromRole = isTakenByRole(call) || call.command == nil
      var moves: [RoleMove] = []
      if let type = free.first(where: { call.hasSuccess($0) }), !isTakenByRole(call) {
        moves += end(node, frame, situation, succeeds: true, "\(model.nodes[node].name) gets \(type)")
      }
      if let type = free.first(where: { call.hasFailure($0) }), !isTakenByRole(call) {
        moves += end(node, frame, situation, succeeds: false, "\(model.nodes[node].name) gets \(type)")
      } else if !isFromRole, !call.isPivot, !situation.isPivoted {
        moves += end(node, frame, situation, succeeds: false, "\(model.nodes[node].name) gets no answer")
      }
      // What is sent until it is answered, and what comes from outside, takes as long as it likes.
      for index in moves.indices {
        moves[index].mayTakeLong = call.isPivot || situation.isPivoted || call.command == nil
      }
      return moves
    }
  }

  /// Timers that are armed.
  func timers(_ situation: RoleSituation) -> [RoleMove] {
    guard situation.phase == .running else { return [] }
    var moves: [RoleMove] = []
    for node in situation.frame?.openNodes ?? [] {
      guard let frame = situation.frame, case .call(let call) = model.nodes[node].kind, call.timeout != nil else {
        continue
      }
      guard call.command == nil || isTakenByRole(call), !call.isPivot, !situation.isPivoted else { continue }
      moves += end(node, frame, situation, succeeds: false, "\(model.nodes[node].name) times out")
    }
    for (index, entry) in model.states[situation.state].after.enumerated() where !situation.firedInState.contains(index)
    {
      var fired = situation
      fired.firedInState = (fired.firedInState + [index]).sorted()
      moves += fire(entry, fired)
    }
    for (index, entry) in model.after.enumerated() where !situation.firedInRole.contains(index) {
      var fired = situation
      fired.firedInRole = (fired.firedInRole + [index]).sorted()
      moves += fire(entry, fired)
    }
    return moves
  }

  private func fire(_ entry: AfterModel, _ situation: RoleSituation) -> [RoleMove] {
    let open = steps.alternatives(entry.transitions.map { model.transitions[$0].when })
    return open.flatMap { chosen -> [RoleMove] in
      var run = RoleRun(situation: situation)
      run.isGuarded = open.count > 1
      let cause = "after \(entry.text)"
      guard let chosen else { return [move(run, cause, SourcePosition(offset: 0, line: 1, column: 1))] }
      let transition = model.transitions[entry.transitions[chosen]]
      if transition.leaves, isPivotOpen(situation) { return [] }
      if transition.compensate != nil {
        if situation.isPivoted { return [move(run, cause, transition.position)] }
      }
      return take(transition, run).map { move($0, cause, transition.position) }
    }
  }

  /// What becomes of a message that is there.
  func receive(_ type: Int, _ situation: RoleSituation) -> Reception {
    let text = vocabulary.types[type]
    switch situation.phase {
    case .completed, .compensated: return .late
    case .absent: return start(text)
    case .running: break
    }
    for node in situation.frame?.openNodes ?? [] {
      guard let frame = situation.frame, case .call(let call) = model.nodes[node].kind, call.replies[text] != nil else {
        continue
      }
      var moves: [RoleMove] = []
      let cause = "takes \(text)"
      if call.hasSuccess(text) { moves += end(node, frame, situation, succeeds: true, cause) }
      if call.hasFailure(text) { moves += end(node, frame, situation, succeeds: false, cause) }
      if !moves.isEmpty { return .moves(moves) }
    }
    var moves: [RoleMove] = []
    for candidates in [model.states[situation.state].on[text], model.on[text]] {
      guard let candidates else { continue }
      let open = steps.alternatives(candidates.map { model.transitions[$0].when })
      for case let chosen? in open {
        let transition = model.transitions[candidates[chosen]]
        if transition.leaves, isPivotOpen(situation) { return .kept }
        if transition.compensate != nil, situation.isPivoted { return .late }
        var run = RoleRun(situation: situation)
        run.isGuarded = open.count > 1
        moves += take(transition, run).map { move($0, "takes \(text)", transition.position) }
      }
      if !open.contains(nil) { return .moves(moves) }
    }
    return moves.isEmpty ? notTaken(text, situation) : .moves(moves)
  }

  private func notTaken(_ type: String, _ situation: RoleSituation) -> Reception {
    let state = model.states[situation.state]
    switch state.handling[type] ?? model.handling[type] {
    case .deferred: return .kept
    case .ignored: return .late
    case .rejected: return .refused
    case nil: break
    }
    if situation.frame?.mayTake(type, model) ?? false { return .kept }
    return state.reachable.contains { model.states[$0].takes.contains(type) } ? .kept : .late
  }

  private func start(_ type: String) -> Reception {
    guard let candidates = model.starts[type] else {
      switch model.messages[type]?.missing {
      case .ignore: return .late
      case .reject: return .refused
      case .park, nil: return .kept
      }
    }
    let open = steps.alternatives(candidates.map { model.transitions[$0].when })
    var moves: [RoleMove] = []
    for chosen in open {
      var run = RoleRun(situation: .absent)
      run.isGuarded = open.count > 1
      guard let chosen else {
        moves.append(move(run, "is not started by \(type)", SourcePosition(offset: 0, line: 1, column: 1)))
        continue
      }
      run.situation.phase = .running
      let transition = model.transitions[candidates[chosen]]
      moves += take(transition, run).map { move($0, "starts with \(type)", transition.position) }
    }
    return .moves(moves)
  }

  private func isSentByRole(_ type: String) -> Bool { vocabulary.index[type].map { vocabulary.isSent[$0] } ?? false }

  private func isTakenByRole(_ call: CallModel) -> Bool {
    call.command.map { vocabulary.index[$0.type] != nil } ?? false
  }

  private func isPivotOpen(_ situation: RoleSituation) -> Bool {
    situation.frame?.openNodes.contains { node in
      if case .call(let call) = model.nodes[node].kind { call.isPivot } else { false }
    } ?? false
  }
}

extension CallModel {
  func hasSuccess(_ type: String) -> Bool { replies[type]?.contains { $0.fail == nil && $0.again == nil } ?? false }
  func hasFailure(_ type: String) -> Bool { replies[type]?.contains { $0.fail != nil } ?? false }
}
