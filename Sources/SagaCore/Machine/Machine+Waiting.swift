/// What moves an instance on, for whoever watches that something always does.
extension Machine {
  /// The timers that a running instance has where it stands, unless they have fired: those of its state and of the role.
  package func standingTimers(of instance: Instance) -> [TimerName] {
    model.states[instance.state].after.indices.map { .state(index: $0) } + model.after.indices.map { .role(index: $0) }
  }

  /// The step of an open call that would be awaited for ever, since the timer that it must have is missing; nil when there is
  /// none.
  package func callWithoutTimer(of instance: Instance) -> String? {
    var found: String?
    instance.visitCalls { call, role, _, _ in
      guard found == nil else { return }
      switch call.phase {
      case .waiting: if model.call(of: call.node, isUndo: role == .undo)?.timeout == nil { return }
      case .backingOff, .repeating, .settling: break
      case .answered, .failed, .stuck: return
      }
      if !instance.timers.contains(where: { $0.name == .call(call.number) }) { found = model.nodes[call.node].name }
    }
    return found
  }

  /// The steps of which an attempt waits for its answer, and for how long, in milliseconds.
  package func awaitedAttempts(of instance: Instance) -> [(step: String, isUndo: Bool, timeout: Int64)] {
    var found: [(step: String, isUndo: Bool, timeout: Int64)] = []
    instance.visitCalls { call, role, _, _ in
      guard case .waiting = call.phase, let timer = instance.timers.first(where: { $0.name == .call(call.number) })
      else { return }
      found.append((model.nodes[call.node].name, role == .undo, timer.delayMilliseconds))
    }
    return found
  }

  /// Whether the answer to a step's command is awaited, by the command's idempotency key.
  package func awaits(answerTo key: Hash128, in instance: Instance) -> Bool {
    var isAwaited = false
    instance.visitCalls { call, role, _, _ in
      guard role == .action, call.idempotencyKey == key else { return }
      switch call.phase {
      case .waiting, .backingOff: isAwaited = true
      case .repeating, .settling, .answered, .failed, .stuck: break
      }
    }
    return isAwaited
  }

  /// Whether an instance waits for the end of a call, or for a message that its state or role takes.
  package func waits(_ instance: Instance) -> Bool {
    var hasCall = false
    instance.visitCalls { _, _, _, _ in hasCall = true }
    if hasCall { return true }
    // While it undoes, only its undos lead on.
    return instance.status == .running && !(model.states[instance.state].on.isEmpty && model.on.isEmpty)
  }
}
