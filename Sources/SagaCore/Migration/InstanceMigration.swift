/// What comes of moving an instance to another version of its definition.
public enum MigrationDecision: Sendable {
  /// The instance under the new version, with the values it answers to from now on.
  case moved(Decision)
  /// It stays as it is, and why: all of the reasons.
  case stays([MigrationObstacle])
}

extension MigrationPlan {
  /// Moves an instance from the plan's old version to its new one, or says why it cannot: pure, like `Machine.advance`.
  ///
  /// What is under way goes on under the same idempotency keys, timers that the new version still has go on from when they were
  /// set, and what is owed stays owed. Nothing is sent, except by a state that the mapping has entered anew.
  ///
  /// - Parameters:
  ///   - instance: what is moved.
  ///   - kept: the messages that the instance keeps for later, as they came.
  ///   - by: who moves it; kept in the history.
  ///   - reason: why; kept in the history.
  ///   - context: the time and the journal that it is decided in.
  public func migrate(
    _ instance: Instance, keeping kept: [CloudEvent], by: String, reason: String, context: DecisionContext
  ) -> MigrationDecision {
    var steps = StepMigration(self)
    if instance.status.isFinal {
      steps.note(.final, instance.key, "\(instance.key) is \(instance.status.name): it keeps the version it ended with")
      return .stays(steps.obstacles)
    }
    var moved = instance
    let data = moveData(instance, &steps, context)
    moved.owed = instance.owed.map { steps.move($0) }
    moved.abandoned = instance.abandoned.map { steps.move($0) }
    moved.repairs = instance.repairs.map { steps.move($0) }
    let target = moveState(instance, &moved, &steps)
    for message in kept {
      if new.names(message.type) {
        _ = steps.move(message)
      } else {
        steps.note(
          .message, message.type, "the instance keeps a \(message.type), which v\(new.identity.version) does not take")
      }
    }
    guard steps.obstacles.isEmpty, let target else { return .stays(steps.obstacles) }
    moved.state = target.index
    moved.timers = []
    var decider = Decider(machine: new, instance: moved, context: context, cause: nil)
    decider.facts.append(.operated(verb: "migrate", by: by, reason: reason))
    decider.facts.append(.migrated(from: old.identity.version, to: new.identity.version))
    do throws(MessageFault) {
      // Evaluated over the data as it was.
      try decider.assign([], correlate: correlate, scope: Scope())
    } catch {
      return .stays([MigrationObstacle(.correlation, instance.key, error.message)])
    }
    decider.instance.data = data
    let (before, after) = (old.model.states[instance.state], new.model.states[target.index])
    decider.keepCallTimers(of: instance)
    decider.moveTimers(of: instance, by: self, from: old.model.after, to: new.model.after, ofRole: true) {
      .role(index: $0)
    }
    if target.isEntered {
      decider.enter(target.index)
    } else {
      // While the instance compensates its state has no timers any more.
      if instance.unwinding == nil {
        decider.moveTimers(of: instance, by: self, from: before.after, to: after.after, ofRole: false) {
          .state(index: $0)
        }
      }
      if before.name != after.name { decider.facts.append(.entered(state: after.name)) }
    }
    decider.runToRest()
    return .moved(decider.decision(.handled))
  }

  /// The state, the steps that run in it, and what waits for the end of a compensation.
  private func moveState(_ instance: Instance, _ moved: inout Instance, _ steps: inout StepMigration) -> StateTarget? {
    let before = old.model.states[instance.state]
    guard let target = states[instance.state] else {
      steps.note(.state, before.name, "v\(new.identity.version) has no state \(before.name)")
      return nil
    }
    let after = new.model.states[target.index]
    // One that has ended may be open again, for a late success that has to be undone.
    if after.final != before.final {
      steps.note(
        .stateKind, before.name,
        "\(before.name) \(before.end), and \(after.name) of v\(new.identity.version) \(after.end)")
      return nil
    }
    if target.isEntered {
      if instance.block != nil || instance.unwinding != nil || !instance.pending.isEmpty {
        steps.note(
          .step, before.name, "\(after.name) cannot be entered anew: steps or undos of \(before.name) are under way")
      }
      return target
    }
    if before.root == nil, after.root != nil, instance.unwinding == nil {
      steps.note(
        .stepsNotBegun, before.name,
        "the instance is in \(before.name) already, so the steps that \(after.name) runs in v\(new.identity.version) would never begin"
      )
    }
    if let block = instance.block {
      if let root = after.root {
        moved.block = steps.move(block, to: root)
      } else {
        steps.note(
          .step, before.name,
          "the steps of \(before.name) are under way, and \(after.name) of v\(new.identity.version) has none")
      }
    }
    if let unwinding = instance.unwinding {
      moved.unwinding = Unwinding(
        tree: steps.move(unwinding.tree), then: move(unwinding.then, after, &steps), problem: unwinding.problem)
    }
    for (index, exit) in instance.pending.enumerated() {
      moved.pending[index].transition = exit.transition.map { move($0, &steps) }
    }
    return target
  }

  private func move(
    _ continuation: Unwinding.Continuation, _ state: StateModel, _ steps: inout StepMigration
  ) -> Unwinding.Continuation {
    switch continuation {
    case .close: return continuation
    case .failed:
      if state.failed == nil {
        steps.note(
          .transition, state.name,
          "\(state.name) has no `failed` in v\(new.identity.version) to follow the compensation")
      }
      return continuation
    case .transition(let reference, let event):
      return .transition(move(reference, &steps), event: event.map { steps.move($0) })
    case .end(let index):
      let name = old.model.states[index].name
      guard let target = states[index], new.model.states[target.index].final == old.model.states[index].final else {
        steps.note(.state, name, "the compensation ends in \(name), which v\(new.identity.version) has not")
        return continuation
      }
      return .end(state: target.index)
    }
  }

  private func move(_ reference: TransitionReference, _ steps: inout StepMigration) -> TransitionReference {
    guard let place = old.model.place(of: reference.index) else { return reference }
    guard let index = counterpart(of: place).flatMap({ new.model.transition(at: $0) }),
      leadsAlike(reference.index, index)
    else {
      steps.note(
        .transition, "\(place)", "the compensation was begun by \(place), which v\(new.identity.version) has not")
      return reference
    }
    return TransitionReference(index: index)
  }

  /// Whether both undo, and both lead to another state, or neither: only then does one end what the other has begun.
  private func leadsAlike(_ one: Int, _ other: Int) -> Bool {
    let (before, after) = (old.model.transitions[one], new.model.transitions[other])
    return (before.compensate == nil) == (after.compensate == nil) && (before.goto == nil) == (after.goto == nil)
  }

  /// Where the same transition stands in the new version.
  private func counterpart(of place: TransitionPlace) -> TransitionPlace? {
    var found = place.renamed { name in
      old.model.states.firstIndex { $0.name == name }.flatMap { states[$0] }.map { new.model.states[$0.index].name }
        ?? name
    }
    guard case .after(let number) = place.trigger else { return found }
    let (before, entries) = (old.model.timers(of: place.state), new.model.timers(of: found.state))
    guard let match = pairs(before, entries, ofRole: place.state == nil, isRunning: { _ in true })[number] else {
      return nil
    }
    found.trigger = .after(match)
    return found
  }

  /// The instance's data under the new version: new fields have their defaults, then what the mapping sets and drops.
  private func moveData(_ instance: Instance, _ steps: inout StepMigration, _ context: DecisionContext) -> JSON {
    var object = instance.data.objectValue ?? JSONObject()
    for (name, value) in new.model.initialData.objectValue ?? JSONObject() where object[name] == nil {
      object[name] = value
    }
    let values = ScopeValues(Scope(), of: instance, old, now: max(instance.updatedAt, context.now))
    for name in mapping.drop { object[name] = nil }
    for assignment in set {
      do throws(MessageFault) {
        object[assignment.name] = try old.json(assignment.value, values)
      } catch {
        steps.note(.data, assignment.name, "\"set\" has no value for \(assignment.name): \(error.message)")
      }
    }
    let data = new.model.dataSchema?.normalise(.object(object)) ?? JSON.object(object).withDoubles
    for violation in new.model.dataSchema?.validate(data) ?? [] {
      steps.note(.data, "\(violation.path)", "the data does not fit v\(new.identity.version): \(violation)")
    }
    if !data.isSmaller(thanBytes: MachineLimits.maximumDataBytes)
      || data.isDeeper(than: JSONLimits.message.maximumDepth)
    {
      steps.note(
        .data, "",
        "the data would exceed \(MachineLimits.maximumDataBytes) bytes (maximumDataBytes) or be nested too deep")
    }
    return data
  }
}

extension StateModel {
  fileprivate var end: String {
    switch final {
    case .completed: "completes the instance"
    case .compensated: "ends the instance compensated"
    case nil: "is open"
    }
  }
}

extension Decider {
  /// The timers of open calls, which keep their numbers.
  fileprivate mutating func keepCallTimers(of instance: Instance) {
    #if SAGA_MUTANTS
      if Mutant.is(.moveForgetsTimers) { return }
    #endif
    for timer in instance.timers {
      if case .call = timer.name { self.instance.timers.append(timer) }
    }
  }

  /// Timers that both versions have go on from when they were set; one that only the new version has is set now. One that has
  /// fired is not set again.
  fileprivate mutating func moveTimers(
    of instance: Instance, by plan: MigrationPlan, from before: [AfterModel], to entries: [AfterModel],
    ofRole isOfRole: Bool, name: (Int) -> TimerName
  ) {
    let running = before.indices.map { index in instance.timers.first { $0.name == name(index) } }
    let pairs = plan.pairs(before, entries, ofRole: isOfRole) { running[$0] != nil }
    for (index, target) in pairs.enumerated() {
      guard let target, var timer = running[index] else { continue }
      timer.name = name(target)
      if before[index].text != entries[target].text, !timer.isFaulty {
        // As if it had been set with this delay then.
        guard let delay = try? milliseconds(entries[target].delay, Scope(), since: timer.setAt) else {
          arm(entries[target], as: timer.name)
          continue
        }
        timer.delayMilliseconds = delay
      }
      self.instance.timers.append(timer)
    }
    // What waits for the pivot has fired, whatever it is called now.
    let waiting = self.instance.pending.compactMap(\.transition?.index)
    for (index, entry) in entries.enumerated()
    where !pairs.contains(index) && !entry.transitions.contains(where: waiting.contains) {
      arm(entry, as: name(index))
    }
  }
}
