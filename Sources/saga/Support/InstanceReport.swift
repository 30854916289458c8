import SagaCore
import SagaRuntime

/// An instance as JSON for machines.
enum InstanceReport {
  static func summary(_ view: InstanceView, state: String) -> JSON {
    .object(JSONObject(head(view, state: state)))
  }

  /// Everything there is to know of it.
  static func whole(_ view: InstanceView, _ machine: Machine?, state: String) -> JSON {
    var members = head(view, state: state)
    guard let instance = view.instance else { return .object(JSONObject(members)) }
    members += [
      ("data", instance.data), ("pivoted", .bool(instance.isPivoted)),
      ("correlations", .object(JSONObject(instance.correlations.map { ($0.name, .string($0.value)) }))),
      ("deferred", .array(instance.deferred.map { ["sequence": .int($0.sequence), "type": .string($0.type)] })),
    ]
    if let machine {
      members += [
        ("openCalls", .array(machine.openCalls(of: instance).map(json))),
        ("owed", .array(machine.owedUndos(of: instance).map(json))),
        ("timers", .array(timers(instance, machine))),
      ]
      if let problem = machine.problem(of: instance) {
        members.append(("problem", ["step": .string(problem.step), "reason": .string(problem.reason)]))
      }
    }
    return .object(JSONObject(members))
  }

  static func failure(_ failure: SagaCore.Failure) -> JSON {
    [
      "reason": .string(failure.reason), "step": .string(failure.step), "kind": .string(failure.kind.rawValue),
      "time": .string(failure.time.rfc3339),
    ]
  }

  private static func head(_ view: InstanceView, state: String) -> [(String, JSON)] {
    [
      ("key", .string(view.key)), ("saga", .string(view.machine.saga)), ("version", .int(view.machine.version)),
      ("role", .string(view.machine.role)), ("status", .string(view.status.name)), ("paused", .bool(view.isPaused)),
      ("state", .string(state)), ("revision", .int(view.revision)), ("startedAt", (view.instance?.startedAt).json),
      ("updatedAt", (view.instance?.updatedAt).json), ("closedAt", view.closedAt.json), ("wakeAt", view.wakeAt.json),
      ("failure", view.instance?.failure.map { failure($0) } ?? .null),
    ]
  }

  private static func timers(_ instance: Instance, _ machine: Machine) -> [JSON] {
    instance.timers.sorted { $0.due < $1.due }.map { timer in
      ["name": .string(machine.timerName(timer.name, in: instance)), "due": .string(timer.due.rfc3339)]
    }
  }

  private static func json(_ call: OpenCallOverview) -> JSON {
    [
      "step": .string(call.step), "role": .string(call.role.rawValue), "command": call.command.json,
      "to": call.destination.json, "phase": .string(call.phase), "reason": call.reason.json,
      "attempt": .int(call.attempt), "attempts": .int(call.attempts),
      "idempotencykey": .string(call.idempotencyKey.hex), "due": call.due.json,
    ]
  }

  private static func json(_ undo: OwedUndoOverview) -> JSON {
    [
      "step": .string(undo.step), "command": undo.command.json, "unknown": .bool(undo.isUnknown),
      "phase": .string(undo.phase), "reason": undo.reason.json,
    ]
  }
}
