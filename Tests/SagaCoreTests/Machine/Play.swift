@testable import SagaCore

/// Plays inputs against a definition, with virtual time and without any store: what a test says, in the order it says it.
final class Play {
  private(set) var machine: Machine
  var now = Timestamp(milliseconds: 1_700_000_000_000)
  private(set) var instance: Instance!
  private(set) var facts: [Fact] = []
  /// Everything sent so far.
  private(set) var sent: [OutgoingMessage] = []
  private(set) var claims: [Correlation] = []
  private(set) var lastOutcome: Outcome?
  /// Deferred messages as an engine would keep them.
  private var waiting: [CloudEvent] = []
  private var nextID = 1
  /// What the next messages carry.
  var traceParent: String?

  struct Refused: Error { var text: String }

  init(_ definition: String, role: String = "") throws {
    let loaded = LoadedDefinition.load(source: Array(definition.utf8), file: "test.json", runsChecks: false)
    guard let machine = loaded.machines.first(where: { $0.identity.role == role }) else {
      throw Refused(
        text: loaded.diagnostics.map { "\($0.position): \($0.code): \($0.message)" }.joined(separator: "\n"))
    }
    self.machine = machine
  }

  func event(_ type: String, _ data: JSON = .object(JSONObject()), correlation: String? = nil) -> CloudEvent {
    defer { nextID += 1 }
    var event = CloudEvent(id: "m\(nextID)", source: "/test", type: type)
    event.time = now.rfc3339
    event.data = data
    event.correlationid = correlation
    event.traceparent = traceParent
    return event
  }

  @discardableResult
  func start(_ type: String, _ data: JSON = .object(JSONObject()), correlation: String? = nil) throws -> Outcome {
    let event = try machine.normalise(event(type, data, correlation: correlation))
    guard case .primary(let keys) = try machine.route(event) else { throw Refused(text: "no primary key") }
    switch machine.start(event, key: keys[0], context: DecisionContext(now: now, epoch: 1)) {
    case .started(let decision):
      apply(decision)
      return decision.outcome
    case .notStarted: throw Refused(text: "not started")
    case .refused(let fault):
      lastOutcome = .refused(fault)
      return .refused(fault)
    }
  }

  @discardableResult
  func send(_ type: String, _ data: JSON = .object(JSONObject()), correlation: String? = nil) throws -> Outcome {
    receive(try machine.normalise(event(type, data, correlation: correlation)))
  }

  /// Answers the last command of a type, with its correlation.
  @discardableResult
  func reply(to command: String, _ type: String, _ data: JSON = .object(JSONObject())) throws -> Outcome {
    guard let last = sent.last(where: { $0.event.type == command }) else {
      throw Refused(text: "no \(command) was sent")
    }
    return try send(type, data, correlation: last.event.correlationid)
  }

  @discardableResult
  func receive(_ event: CloudEvent) -> Outcome {
    let outcome = input(.message(event))
    if outcome == .deferred { waiting.append(event) }
    offerDeferred()
    return outcome
  }

  @discardableResult
  func operate(_ verb: Operation.Verb, reason: String = "a reason") -> Outcome {
    defer { offerDeferred() }
    return input(.operation(Operation(verb: verb, by: "ada", reason: reason)))
  }

  @discardableResult
  func input(_ input: Input) -> Outcome {
    let decision = machine.advance(instance, input, context: DecisionContext(now: now, epoch: 1))
    apply(decision)
    return decision.outcome
  }

  /// Lets time pass, firing every timer when it is due.
  func wait(_ milliseconds: Int64) {
    let end = now.advanced(byMilliseconds: milliseconds)
    while let wake = instance.wakeAt, wake <= end {
      now = max(now, wake)
      guard let due = instance.dueTimer(now: now) else { break }
      input(.timer(due.firing))
      offerDeferred()
    }
    now = end
  }

  /// The instance is another machine's from now on.
  func become(_ machine: Machine, _ decision: Decision) {
    self.machine = machine
    apply(decision)
  }

  private func apply(_ decision: Decision) {
    lastOutcome = decision.outcome
    instance = decision.instance
    facts += decision.facts
    sent += decision.outgoing
    claims += decision.claims
    // What is stored must be what is in memory.
    if let decoded = try? Instance(decoding: instance.encode()), decoded == instance { return }
    fatalError("the stored form of an instance does not give it back")
  }

  private func offerDeferred() {
    var index = 0
    while index < waiting.count {
      if instance.status.isFinal {
        waiting = []
        return
      }
      let decision = machine.advance(instance, .message(waiting[index]), context: DecisionContext(now: now, epoch: 1))
      if decision.outcome == .deferred {
        index += 1
        continue
      }
      waiting.remove(at: index)
      apply(decision)
      index = 0
    }
  }

  var state: String { machine.stateName(of: instance) }
  var status: InstanceStatus { instance.status }
  /// Types of everything sent, in order.
  var types: [String] { sent.map(\.event.type) }
  func last(_ type: String) -> CloudEvent? { sent.last { $0.event.type == type }?.event }
  func count(_ type: String) -> Int { sent.count { $0.event.type == type } }
}
