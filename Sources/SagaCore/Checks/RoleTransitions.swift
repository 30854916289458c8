/// Taking transitions: the ends of steps, the states that follow, until the role waits again.
extension RoleMoves {
  func take(_ transition: TransitionModel, _ run: RoleRun, depth: Int = 0) -> [RoleRun] {
    var run = run
    if transition.compensate != nil {
      run.givesUp = true
      steps.takeBack(from: 0, &run)
    }
    if transition.isPivot {
      run.situation.isPivoted = true
      run.situation.owed = []
    }
    steps.send(transition.publish, &run)
    guard let target = transition.goto, depth < RoleMoves.maximumStatesPerMove else { return [run] }
    run.notes.append("→ \(model.states[target].name)")
    return enter(target, run, depth: depth + 1)
  }

  private func enter(_ target: Int, _ run: RoleRun, depth: Int) -> [RoleRun] {
    var run = run
    let state = model.states[target]
    if let final = state.final {
      run.givesUp = run.givesUp || final == .compensated
      run.situation = .absent
      run.situation.state = target
      run.situation.phase = final == .completed ? .completed : .compensated
      return [run]
    }
    run.situation.state = target
    run.situation.frame = nil
    run.situation.firedInState = []
    run.situation.base = run.situation.owed.count
    guard let root = state.root else { return [run] }
    return steps.distinct(steps.enter(root, run).flatMap { rest($0, depth: depth) })
  }

  /// Takes `done` or `failed` when the steps have come to an end.
  private func rest(_ run: RoleRun, depth: Int) -> [RoleRun] {
    var run = run
    let state = model.states[run.situation.state]
    switch run.progress {
    case .running(let frame):
      run.situation.frame = frame
      return [run]
    case .completed:
      run.situation.frame = nil
      return state.done.map { take(model.transitions[$0], run, depth: depth) } ?? [run]
    case .failed:
      run.situation.frame = nil
      steps.takeBack(from: min(run.situation.base, run.situation.owed.count), &run)
      return state.failed.map { take(model.transitions[$0], run, depth: depth) } ?? [run]
    }
  }

  /// Ends an open step.
  func end(
    _ node: Int, _ frame: StepFrame, _ situation: RoleSituation, succeeds: Bool, _ cause: String
  ) -> [RoleMove] {
    let state = model.states[situation.state]
    let fallback = SourcePosition(offset: 0, line: 1, column: 1)
    let position = (succeeds ? state.done : state.failed).map { model.transitions[$0].position } ?? fallback
    return steps.resume(frame, node: node, succeeds: succeeds, RoleRun(situation: situation))
      .flatMap { rest($0, depth: 0) }.map { move($0, cause, position) }
  }

  func move(_ run: RoleRun, _ cause: String, _ position: SourcePosition) -> RoleMove {
    RoleMove(
      next: run.situation, sent: run.sent, text: "\(name): " + ([cause] + run.notes).joined(separator: ", "),
      isGuarded: run.isGuarded, isCut: run.isCut, givesUp: run.givesUp, position: position)
  }
}
