extension Decider {
  /// Takes a transition: the message's own part, so faults refuse the message.
  ///
  /// - Parameter kind: what a `compensate` counts as.
  mutating func take(_ index: Int, scope: Scope, kind: FailureKind) throws(MessageFault) {
    let transition = model.transitions[index]
    try assign(transition.set, correlate: transition.correlate, scope: scope)
    if let reasonExpression = transition.compensate {
      let reason = try text(reasonExpression, scope)
      let failure = Failure(reason: reason, step: "", kind: kind, time: now)
      if instance.hasSomethingToUndo(model) {
        #if SAGA_MUTANTS
          if Mutant.is(.publishedBeforeUndone) { try publish(transition.publish, scope: scope) }
        #endif
        compensate(failure, then: .transition(TransitionReference(index: index), event: scope.event))
        return
      }
      record(failure)
      facts.append(.compensating(kind: kind, reason: reason))
    }
    try conclude(transition, scope: scope)
  }

  /// The last part of a transition: pivot, publications, `goto`.
  mutating func conclude(_ transition: TransitionModel, scope: Scope) throws(MessageFault) {
    if transition.isPivot { passPivot(step: "transition") }
    let isFinal = transition.goto.map { model.states[$0].final != nil } ?? false
    try publish(transition.publish, scope: scope, isFinal: isFinal)
    if let target = transition.goto {
      leaveState()
      enter(target)
    } else if let event = scope.event {
      facts.append(.handled(type: event.type))
    }
  }

  /// All expressions see the old data; the new values are assigned together and checked against the schema.
  mutating func assign(_ set: [Assignment], correlate: [Assignment], scope: Scope) throws(MessageFault) {
    if set.isEmpty, correlate.isEmpty { return }
    let values = values(scope)
    var assigned: [(String, JSON)] = []
    assigned.reserveCapacity(set.count)
    for assignment in set {
      #if SAGA_MUTANTS
        if Mutant.is(.setSeesNewData) {
          let value = try machine.json(assignment.value, self.values(scope))
          var object = instance.data.objectValue ?? JSONObject()
          object[assignment.name] = value
          instance.data = .object(object)
          assigned.append((assignment.name, value))
          continue
        }
      #endif
      assigned.append((assignment.name, try machine.json(assignment.value, values)))
    }
    for assignment in correlate {
      let value = try machine.keyText(try machine.json(assignment.value, values), of: "correlate.\(assignment.name)")
      try machine.checkKey(value, of: "correlate.\(assignment.name)")
      let claim = Correlation(name: assignment.name, value: value)
      guard instance.correlations.count < MachineLimits.maximumCorrelations else {
        throw machine.fault(
          "limit.correlations",
          "the instance answers to \(instance.correlations.count) further keys already (maximumCorrelations)")
      }
      if instance.correlations.contains(claim) { continue }
      if let refused = refusedClaims.first(where: { $0.claim == claim }) {
        throw machine.fault(
          refused.fault.code, "\(refused.fault.message) `retry` claims it again, once nobody else has it")
      }
      instance.correlations.append(claim)
      claims.append(claim)
    }
    guard !assigned.isEmpty else { return }
    var object = instance.data.objectValue ?? JSONObject()
    for (name, value) in assigned { object[name] = value }
    let normal = model.dataSchema?.normalise(.object(object)) ?? JSON.object(object).withDoubles
    if let violation = model.dataSchema?.validate(normal).first {
      throw machine.fault("data.schema", "the instance's data would not fit its schema: \(violation)")
    }
    guard !normal.isDeeper(than: JSONLimits.message.maximumDepth) else {
      throw machine.fault(
        "limit.data", "the instance's data would be nested deeper than \(JSONLimits.message.maximumDepth) levels")
    }
    guard normal.isSmaller(thanBytes: MachineLimits.maximumDataBytes) else {
      throw machine.fault(
        "limit.data", "the instance's data would exceed \(MachineLimits.maximumDataBytes) bytes (maximumDataBytes)")
    }
    instance.data = normal
  }

  /// Leaves the current state: its timers end, its open calls become *unknown*, what it owes is kept in order.
  mutating func leaveState() {
    dropPending(because: "its state is left") { $0.isOfState($1) }
    if let block = instance.block {
      let left = collect(block, settling: false)
      if !instance.isPivoted { instance.owed += left }
      instance.block = nil
    }
    let repairs = instance.repairs
    instance.timers.removeAll { timer in
      switch timer.name {
      case .state: true
      case .role: false
      case .call(let number): !repairs.contains { $0.openCall?.number == number }
      }
    }
  }

  /// Enters a state. What fails here makes the instance stuck, since nobody sent it.
  mutating func enter(_ index: Int) {
    instance.state = index
    instance.visit += 1
    statesEntered += 1
    let state = model.states[index]
    facts.append(.entered(state: state.name))
    if let final = state.final {
      #if SAGA_MUTANTS
        if Mutant.is(.compensatedCountsAsCompleted) { return close(.completed) }
      #endif
      close(final == .completed ? .completed : .compensated)
      return
    }
    armStateTimers()
    if statesEntered >= MachineLimits.maximumStatesPerCommit {
      instance.entryProblem =
        "the definition runs in a circle: \(statesEntered) states entered in one commit (maximumStatesPerCommit)"
    }
    if state.root != nil, instance.owedCount >= MachineLimits.maximumOwed {
      instance.entryProblem = "\(instance.owedCount) undos are owed by earlier states (maximumOwed)"
    }
    if let root = state.root { instance.block = .ready(node: root, problem: nil) }
  }

  /// Ends the instance. Repairs that are still under way are finished first.
  mutating func close(_ status: InstanceStatus) {
    instance.owed = []
    instance.block = nil
    dropPending(because: "the instance has ended") { _, _ in true }
    instance.timers.removeAll { if case .call = $0.name { false } else { true } }
    if !instance.repairs.isEmpty {
      let tree = Owed.concurrent(instance.repairs.map { .undo($0) }, limit: instance.repairs.count)
      instance.repairs = []
      instance.unwinding = Unwinding(tree: tree, then: .close(status), problem: nil)
      instance.status = .compensating
      return
    }
    instance.timers = []
    instance.unwinding = nil
    instance.status = status
    instance.isPaused = false
    instance.entryProblem = nil
    instance.closedAt = now
    for message in instance.deferred { facts.append(.late(type: message.type)) }
    instance.deferred = []
    facts.append(.closed(status: status))
  }

  /// The first failure wins.
  mutating func record(_ failure: Failure) {
    #if SAGA_MUTANTS
      if Mutant.is(.failureOverwritten) { instance.failure = nil }
    #endif
    if instance.failure == nil {
      instance.failure = failure
    } else {
      facts.append(.noted(text: "\(failure.kind.rawValue): \(failure.reason)"))
    }
  }

  mutating func passPivot(step: String) {
    #if SAGA_MUTANTS
      if Mutant.is(.pivotForgotten) { return facts.append(.pivoted(step: step)) }
    #endif
    instance.isPivoted = true
    instance.owed = []
    facts.append(.pivoted(step: step))
  }
}

extension Machine {
  /// Keys are strings or ints.
  func keyText(_ value: JSON, of place: @autoclosure () -> String) throws(MessageFault) -> String {
    switch value {
    case .string(let text) where !text.isEmpty: return text
    case .int(let number): return String(number)
    case .double(let number) where number.rounded() == number && abs(number) < 9_007_199_254_740_992:
      return String(Int64(number))
    case .string: throw fault("key.empty", "\(place()) gave an empty string; a key needs at least one character")
    default: throw fault("key.type", "\(place()) gave \(value.kindName); a key is a string or an int")
    }
  }

  /// Holds a key that an instance is to have to what attributes of messages may have: it goes out in several. Where a message only
  /// looks for its instance nothing is asked, as instances of earlier versions may have others.
  func checkKey(_ key: String, of place: @autoclosure () -> String) throws(MessageFault) {
    #if SAGA_MUTANTS
      if Mutant.is(.keysUnchecked) { return }
    #endif
    if CloudEvent.hasControlCharacters(key) {
      let reason = "gave a text with a control character; no attribute of a message may have one"
      throw fault("key.invalid", "\(place()) \(reason)")
    }
    guard key.utf8.count <= MachineLimits.maximumKeyBytes else {
      let limit = "\(MachineLimits.maximumKeyBytes) (maximumKeyBytes)"
      throw fault("key.invalid", "\(place()) gave a text of \(key.utf8.count) bytes, more than \(limit)")
    }
  }
}

extension JSON {
  /// Whether the value's text has at most so many bytes.
  func isWritten(withinBytes limit: Int) -> Bool {
    // Nearly always it is clear without writing: a byte of a text is at most six, as \u0000 is.
    isSmaller(thanBytes: limit / 6) || JSONWriter.compact(self).count <= limit
  }

  /// Whether the value's text would stay below a bound; stops counting at it.
  func isSmaller(thanBytes limit: Int) -> Bool {
    var left = limit
    return count(into: &left)
  }

  /// Takes what it is written in from a number of bytes; false where they do not suffice.
  func count(into left: inout Int) -> Bool {
    switch self {
    case .null, .bool: left -= 5
    case .int, .double: left -= 8
    case .string(let text): left -= text.utf8.count + 2
    case .array(let elements):
      left -= 2
      for index in elements.indices where !elements[index].count(into: &left) { return false }
    case .object(let members):
      left -= 2
      for index in members.members.indices {
        left -= members.members[index].key.utf8.count + 3
        if !members.members[index].value.count(into: &left) { return false }
      }
    }
    return left > 0
  }
}
