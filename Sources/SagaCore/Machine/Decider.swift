import CEL

/// One decision in the making: a copy of the instance and what has been decided so far. Values in, values out.
///
/// The message's own part throws `MessageFault` and leaves nothing behind (the decider is dropped); what the instance
/// does next (`runToRest`) never throws: a fault there makes the instance stuck where it is.
///
/// Not copyable, so that its end can give the instance and the lists away.
struct Decider: ~Copyable {
  let machine: Machine
  let context: DecisionContext
  var instance: Instance
  var outgoing: [OutgoingMessage] = []
  var claims: [Correlation] = []
  /// Values that the instance cannot have: claiming one fails like an expression.
  let refusedClaims: [RefusedClaim]
  var facts: [Fact] = []
  /// The id of the message that caused all this, for `causationid`.
  var cause: CloudEvent?
  /// Bounds the work of one commit.
  var stepsLeft = MachineLimits.maximumStepsPerCommit
  var statesEntered = 0
  let budget = DecisionBudget()
  /// What the instance takes, in bytes: what it was, and what the decision has added. What it has given up still counts.
  var heldBytes: Int

  var model: MachineModel { machine.model }
  var now: Timestamp { context.now }

  init(
    machine: Machine, instance: Instance, context: DecisionContext, cause: CloudEvent?,
    refusedClaims: [RefusedClaim] = []
  ) {
    self.machine = machine
    self.refusedClaims = refusedClaims
    // Logical time never goes back, whatever the clock does.
    self.context = DecisionContext(
      now: max(instance.updatedAt, context.now), epoch: context.epoch, slot: context.slot,
      storedBytes: context.storedBytes)
    heldBytes = context.storedBytes
    self.instance = instance
    self.cause = cause
    self.instance.revision += 1
    self.instance.updatedAt = self.context.now
  }

  /// What a part of the decision has to be taken back to when it fails.
  struct Mark {
    var outgoing: Int
    var claims: Int
    var facts: Int
    var nextCall: Int64
    var heldBytes: Int
  }

  /// Cheaper than a copy of the decider: that would share its lists, and each append to one would copy all of it.
  var mark: Mark {
    Mark(
      outgoing: outgoing.count, claims: claims.count, facts: facts.count, nextCall: instance.nextCall,
      heldBytes: heldBytes)
  }

  mutating func takeBack(to mark: Mark) {
    outgoing.removeLast(outgoing.count - mark.outgoing)
    claims.removeLast(claims.count - mark.claims)
    facts.removeLast(facts.count - mark.facts)
    instance.nextCall = mark.nextCall
    heldBytes = mark.heldBytes
  }

  consuming func decision(_ outcome: Outcome) -> Decision {
    Decision(outcome: outcome, instance: instance, outgoing: outgoing, claims: claims, facts: facts)
  }
}

/// A value that an instance claims (`correlate`) and cannot have, because another one answers to it.
public struct RefusedClaim: Sendable, Hashable {
  /// What was claimed.
  public var claim: Correlation
  /// Why it cannot be had.
  public var fault: MessageFault
  /// A claim that was refused.
  public init(claim: Correlation, fault: MessageFault) {
    self.claim = claim
    self.fault = fault
  }
}

extension Machine {
  /// Offers a message that found no instance to `start`.
  ///
  /// - Parameters:
  ///   - event: normalised by `normalise`.
  ///   - key: the primary key it was routed by.
  ///   - context: the time and the journal that the decision is made in.
  public func start(_ event: CloudEvent, key: String, context: DecisionContext) -> StartDecision {
    guard let candidates = model.starts[event.type] else { return .notStarted }
    let seed = Instance.Fields(
      uid: uid(key: key, startedBy: event), key: key, revision: 0, status: .running, isPaused: false,
      startedAt: context.now, updatedAt: context.now, closedAt: nil, state: 0, visit: 0, data: model.initialData,
      failure: nil, correlations: [], starterCorrelation: event.correlationid, traceParent: event.traceparent,
      isPivoted: false, block: nil, owed: [], unwinding: nil, pending: [], timers: [], deferred: [], abandoned: [],
      repairs: [], answered: [], entryProblem: nil, nextCall: 1)
    var decider = Decider(machine: self, instance: Instance(seed), context: context, cause: event)
    do {
      let scope = Scope(event: event)
      guard let chosen = try decider.firstHolding(candidates, scope: scope) else { return .notStarted }
      try checkKey(key, of: "messages.\(event.type).key")
      decider.facts.append(.started(type: event.type))
      try decider.take(chosen, scope: scope, kind: .cancelled)
      // After `set`, so that a deadline may depend on what the first message said.
      if !decider.instance.status.isFinal { decider.armRoleTimers() }
      decider.runToRest()
      return .started(decider.decision(.handled))
    } catch {
      return .refused(error)
    }
  }

  /// Decides what an input does to an instance: pure, total, deterministic.
  ///
  /// - Parameters:
  ///   - instance: as it is.
  ///   - input: what moves it.
  ///   - context: the time and the journal that the decision is made in.
  ///   - refusedClaims: values that the instance cannot have, as an earlier decision of the same input has shown. Where
  ///     one is claimed by what the instance does itself, it is stuck there, and `retry` claims it again.
  /// - Returns: the new instance and everything that must happen, as values. When the outcome is `foreign`, `stale` or
  ///   `refused` the instance is the one given and nothing else is set.
  public func advance(
    _ instance: Instance, _ input: Input, context: DecisionContext, refusedClaims: [RefusedClaim] = []
  ) -> Decision {
    var decider = Decider(
      machine: self, instance: instance, context: context, cause: input.event, refusedClaims: refusedClaims)
    let outcome: Outcome
    do throws(MessageFault) {
      switch input {
      case .message(let event): outcome = try decider.receive(event)
      case .timer(let firing): outcome = decider.fire(firing)
      case .undeliverable(let key, let reason, let isPermanent):
        outcome = decider.undeliverable(idempotencyKey: key, reason: reason, isPermanent: isPermanent)
      case .operation(let operation): outcome = try decider.operate(operation)
      }
    } catch {
      return Decision(outcome: .refused(error), instance: instance, outgoing: [], claims: [], facts: [])
    }
    switch outcome {
    case .handled:
      decider.runToRest()
      return decider.decision(.handled)
    case .deferred, .late:
      return decider.decision(outcome)
    case .foreign, .stale, .refused:
      return Decision(outcome: outcome, instance: instance, outgoing: [], claims: [], facts: [])
    }
  }
}

extension Input {
  fileprivate var event: CloudEvent? { if case .message(let event) = self { event } else { nil } }
}
