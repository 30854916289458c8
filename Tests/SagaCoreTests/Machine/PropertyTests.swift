import Foundation
import Testing

@testable import SagaCore

/// Random histories over the shipped sagas and some nasty ones: what must hold after every single step.
@Suite("Whatever happens to an instance")
struct PropertyTests {
  static let nasty = """
    { "saga": "nasty", "version": 1,
      "messages": { "Go": { "key": "event.data.k" }, "Cancel": { "key": "event.data.k" }, "DoneA": { "key": "event.data.k" },
        "NoA": { "key": "event.data.k" }, "LaterA": { "key": "event.data.k" }, "UndoneA": { "key": "event.data.k" },
        "NotUndoneA": { "key": "event.data.k" }, "DoneB": { "key": "event.data.k" }, "NoB": { "key": "event.data.k" },
        "UndoneB": { "key": "event.data.k" }, "DoneP": { "key": "event.data.k" }, "NoP": { "key": "event.data.k" },
        "DoneC": { "key": "event.data.k" }, "NoC": { "key": "event.data.k" } },
      "start": { "Go": {} }, "on": { "Cancel": { "compensate": "'cancelled'" } }, "after": { "10m": { "compensate": "'too late'" } },
      "steps": [
        { "forEach": "[1.0, 2.0, 3.0]", "concurrency": 2, "steps": [
          { "parallel": [
            [ { "try": [
                  { "step": "a", "call": "DoA", "to": "p", "with": { "item": "item" },
                    "reply": { "DoneA": {}, "NoA": { "fail": "'no a'" }, "LaterA": { "again": "5s" } }, "timeout": "10s",
                    "retry": { "attempts": 2, "delay": "1s" },
                    "undo": { "call": "UndoA", "to": "p", "with": { "id": "event != null ? event.id : ''" },
                      "reply": { "UndoneA": {}, "NotUndoneA": { "fail": "'cannot'" } } } },
                  { "step": "b", "call": "DoB", "to": "p", "with": {}, "reply": { "DoneB": {}, "NoB": { "fail": "'no b'" } },
                    "timeout": "10s", "retry": { "attempts": 2 },
                    "undo": { "call": "UndoB", "to": "p", "with": {}, "reply": { "UndoneB": {} } } } ],
                "catch": [ { "choose": [ { "when": "item > 2.0", "steps": [ { "fail": "'three is too much'" } ] }, { "steps": [] } ] } ] } ],
            [ { "publish": { "Told": { "item": "item" } }, "undo": { "publish": { "Untold": { "item": "item" } } } } ] ] } ] },
        { "step": "pivot", "pivot": true, "call": "DoP", "to": "p", "with": {}, "reply": { "DoneP": {}, "NoP": { "fail": "'no p'" } }, "timeout": "10s" },
        { "step": "c", "call": "DoC", "to": "p", "with": {}, "reply": { "DoneC": {} }, "timeout": "10s" } ] }
    """

  static func shipped(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("sagas/\(name).json"), encoding: .utf8)
  }

  /// What the runs of one test reached: a run that reached no compensation proves little.
  final class Reached {
    var counts: [String: Int] = [:]
    func note(_ what: String) { counts[what, default: 0] += 1 }
  }

  @Test("the invariants hold after every step, and the hard parts are reached")
  func nastySaga() throws {
    let reached = Reached()
    for seed in 1...150 {
      var walk = try Walk(PropertyTests.nasty, role: "", seed: UInt64(seed), reached: reached)
      try walk.start("Go", ["k": "1"])
      for _ in 0..<60 { try walk.step() }
    }
    for what in [
      "compensated", "completed", "stuck", "pivot", "recovering", "settling", "late success", "unknown", "again",
      "moved while compensating",
    ] {
      #expect(reached.counts[what, default: 0] > 0, "\(what) was never reached")
    }
  }

  @Test(
    "the invariants hold for the shipped sagas",
    arguments: [("order-fulfillment", ""), ("order-choreography", "payments"), ("travel-booking", "")])
  func shippedSagas(name: String, role: String) throws {
    let text = try PropertyTests.shipped(name)
    let reached = Reached()
    for seed in 1...60 {
      var walk = try Walk(text, role: role, seed: UInt64(seed), reached: reached)
      try walk.startSomehow()
      for _ in 0..<50 { try walk.step() }
    }
    #expect(reached.counts["compensated", default: 0] > 0)
  }
}

/// One random history.
private struct Walk {
  let play: Play
  let machine: Machine
  /// How its instances move to the same definition as another version.
  let move: MigrationPlan
  let reached: PropertyTests.Reached
  var random: Random
  /// Messages sent before, to be sent again.
  var sentBefore: [CloudEvent] = []

  init(_ definition: String, role: String, seed: UInt64, reached: PropertyTests.Reached) throws {
    play = try Play(definition, role: role)
    machine = play.machine
    let next = try Play(definition.replacing("\"version\": 1", with: "\"version\": 2"), role: role).machine
    #expect(machine.identity.version != next.identity.version)
    move = try MigrationPlan(from: machine, to: next)
    self.reached = reached
    random = Random(state: seed)
  }

  mutating func start(_ type: String, _ data: JSON) throws { try play.start(type, data) }

  mutating func startSomehow() throws {
    let type = try #require(machine.model.starts.keys.sorted().first)
    try play.start(type, example(type))
  }

  mutating func step() throws {
    let before = play.instance!
    let sent = play.sent.count
    let outcome = try act()
    try check(before: before, newly: play.sent[sent...], outcome: outcome)
  }

  /// One thing that may happen: an answer (mostly), an event, an old message, time, an operator.
  private mutating func act() throws -> Outcome? {
    switch random.next(20) {
    case 0..<11:
      guard let command = play.sent.filter({ $0.kind == .command }).suffix(6).randomElement(&random) else { return nil }
      let replies = machine.model.nodes.flatMap { $0.replies(toCommand: command.event.type) }
      guard let type = replies.sorted().randomElement(&random) else { return nil }
      var event = play.event(type, example(type), correlation: random.next(8) == 0 ? nil : command.event.correlationid)
      if random.next(10) == 0 { event.correlationid = "somebody-else" }
      return offer(event)
    case 11..<13:
      guard let type = machine.takenTypes.randomElement(&random) else { return nil }
      return offer(play.event(type, example(type)))
    case 13: return sentBefore.randomElement(&random).flatMap { offer($0) }
    case 14..<18:
      play.wait([100, 1_000, 12_000, 45_000, 700_000][random.next(5)])
      return nil
    default:
      let verbs = Operation.Verb.allCases.filter { $0 != .force }
      guard let verb = verbs.randomElement(&random) else { return nil }
      // A paused saga proves nothing for long.
      if verb == .pause, random.next(3) > 0 { return nil }
      return play.operate(play.instance.isPaused ? .resume : verb)
    }
  }

  private mutating func offer(_ event: CloudEvent) -> Outcome? {
    guard let normal = try? machine.normalise(event) else { return nil }
    sentBefore.append(normal)
    return play.receive(normal)
  }

  /// Moved to a version that says the same, an open instance is what it was.
  private func checkMove(_ instance: Instance) throws {
    let context = DecisionContext(now: instance.updatedAt, epoch: 1)
    let decided = move.migrate(instance, keeping: [], by: "ada", reason: "", context: context)
    guard case .moved(let decision) = decided else {
      #expect(instance.status.isFinal, "\(decided)")
      return
    }
    var moved = decision.instance
    moved.revision = instance.revision
    moved.timers = instance.timers
    #expect(moved == instance)
    #expect(Set(decision.instance.timers) == Set(instance.timers))
    #expect(decision.outgoing.isEmpty && decision.claims.isEmpty)
    if instance.status == .compensating { reached.note("moved while compensating") }
  }

  private func check(before: Instance, newly: ArraySlice<OutgoingMessage>, outcome: Outcome?) throws {
    let instance = play.instance!
    try checkMove(instance)
    #expect(Set(play.sent.map(\.event.id)).count == play.sent.count, "every message has its own id")
    #expect(instance.updatedAt >= before.updatedAt, "time never goes back")
    let commandKeys = Set(play.sent.compactMap(\.event.idempotencykey))
    for message in newly {
      guard let undone = message.event.undoes else { continue }
      #expect(
        commandKeys.contains(undone),
        "only what was sent is undone: \(undone), \(message.event.type), \(play.facts.suffix(12))")
      #expect(!before.isPivoted, "nothing is undone after the pivot")
    }
    if before.status.isFinal, instance.status != before.status {
      reached.note("late success")
      #expect(newly.contains { $0.event.type == "saga.late-success" }, "only a late success reopens")
    }
    if instance.status.isFinal {
      #expect(instance.timers.isEmpty && instance.block == nil && instance.unwinding == nil && instance.owed.isEmpty)
    } else if instance.status != .stuck, !instance.isPaused {
      let isWaiting = !instance.activeTimers.isEmpty || !instance.openCalls.isEmpty
      let takes = !machine.model.states[instance.state].takes.isEmpty || !machine.model.on.isEmpty
      #expect(isWaiting || takes, "an open instance waits for something")
      for open in instance.openCalls {
        // Answered and only waiting for calls in flight elsewhere in the tree to settle.
        if case .answered = open.call.phase { continue }
        #expect(
          instance.timers.contains { $0.name == .call(open.call.number) } || model(of: open)?.timeout == nil,
          "\(open.call.phase) \(open.role) \(instance.status) \(open.owed.map { "\($0.repetition)" } ?? "-")")
      }
    }
    note(instance)
  }

  private func model(of open: OpenCall) -> CallModel? {
    machine.model.call(of: open.call.node, isUndo: open.role == .undo)
  }

  private func note(_ instance: Instance) {
    switch instance.status {
    case .compensated: reached.note("compensated")
    case .completed: reached.note("completed")
    case .stuck: reached.note("stuck")
    case .running, .compensating: break
    }
    if instance.isPivoted { reached.note("pivot") }
    if instance.openCalls.contains(where: { $0.role == .settling }) { reached.note("settling") }
    if instance.allOwed.contains(where: \.isUnknown) { reached.note("unknown") }
    if play.facts.contains(where: { if case .caught = $0 { true } else { false } }) { reached.note("recovering") }
    if play.facts.contains(where: { if case .again = $0 { true } else { false } }) { reached.note("again") }
  }

  /// Data that fits the type's schema: the simplest of it.
  private func example(_ type: String) -> JSON {
    guard let schema = machine.model.messages[type]?.schema else { return ["k": "1"] }
    return example(schema.json)
  }

  private func example(_ schema: JSON) -> JSON {
    if let first = schema["enum"]?.arrayValue?.first { return first }
    switch schema["type"]?.stringValue {
    case "object":
      return .object(
        JSONObject((schema["properties"]?.objectValue ?? JSONObject()).map { ($0.key, example($0.value)) }))
    case "array": return .array(schema["items"].map { [example($0), example($0)] } ?? [])
    case "integer": return .int(3)
    case "number": return .double(1.5)
    case "boolean": return true
    default: return "k1"
    }
  }
}

extension NodeModel {
  fileprivate func replies(toCommand type: String) -> [String] {
    guard case .call(let call) = kind else { return [] }
    if call.command?.type == type { return Array(call.replies.keys) }
    if case .call(let undo) = call.undo?.form, undo.command?.type == type { return Array(undo.replies.keys) }
    return []
  }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
private struct Random: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
  mutating func next(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension Collection {
  fileprivate func randomElement(_ random: inout Random) -> Element? { randomElement(using: &random) }
}
