import CEL

/// Which machine an instance belongs to; an instance keeps it for life.
public struct MachineIdentity: Sendable, Hashable, CustomStringConvertible {
  /// The saga's name.
  public var saga: String
  /// The definition's version.
  public var version: Int64
  /// Empty for an orchestration.
  public var role: String
  /// A role of a version of a saga.
  public init(saga: String, version: Int64, role: String) {
    self.saga = saga
    self.version = version
    self.role = role
  }
  public var description: String { role.isEmpty ? "\(saga) v\(version)" : "\(saga)/\(role) v\(version)" }
}

/// How a message finds its instances.
public enum Route: Sendable, Hashable {
  /// Primary keys; more than one when the key expression gives a list.
  case primary([String])
  /// A value recorded with `correlate`.
  case named(Correlation)
}

/// What becomes of a message that finds no instance (`messages.T.missing`).
public enum MissingPolicy: Sendable, Hashable {
  /// It is kept for so many milliseconds, and taken if an instance begins or correlates in time.
  case park(milliseconds: Int64)
  /// It is acknowledged and forgotten.
  case ignore
  /// It is a dead letter at once.
  case reject
}

/// What `Machine.start` decided about a message that found no instance.
public enum StartDecision: Sendable {
  /// An instance begins.
  case started(Decision)
  /// The type does not start this role, or no guard held: the message's `missing` policy applies.
  case notStarted
  /// It starts the role and its data is refused.
  case refused(MessageFault)
}

/// A role of a definition, compiled: immutable and shared by all of its instances.
///
/// The idea of a state machine as a value whose one mutating step returns actions, with the driver apart, is
/// postgres-nio's; states, compensations and pivots are those of Garcia-Molina and Salem, "Sagas" (1987), and of the
/// later literature on semantic transactions.
public final class Machine: Sendable {
  /// Which saga, version and role.
  public let identity: MachineIdentity
  /// The definition file, byte for byte, and its SHA-256.
  public let source: [UInt8]
  /// 32 bytes, of `source`.
  public let sourceHash: [UInt8]
  let model: MachineModel
  /// What the `source` of every message of the role begins with; the key follows.
  let sourcePrefix: String

  init(identity: MachineIdentity, source: [UInt8], sourceHash: [UInt8], model: MachineModel) {
    self.identity = identity
    self.source = source
    self.sourceHash = sourceHash
    self.model = model
    sourcePrefix = Machine.sourcePrefix(of: identity)
  }

  /// Whether `start`, a state, a step or the role names the type. Other types are foreign.
  public func names(_ type: String) -> Bool { model.takers[type] != nil }

  /// Whether a message of the type may create an instance.
  public func starts(_ type: String) -> Bool { model.starts[type] != nil }

  /// The types this role takes, in order of their names.
  public var takenTypes: [String] { model.takers.keys.sorted() }

  /// What the definition says of a type that finds no instance.
  public func missing(_ type: String) -> MissingPolicy {
    model.messages[type]?.missing ?? .park(milliseconds: MachineLimits.parkMilliseconds)
  }

  /// The names of its states, in the order of the definition.
  public var stateNames: [String] { model.states.map(\.name) }

  /// The name of the state an instance is in.
  public func stateName(of instance: Instance) -> String { model.states[instance.state].name }

  /// The name of a timer for people: the step that waits, or the `after` entry.
  public func timerName(_ timer: TimerName, in instance: Instance) -> String {
    switch timer {
    case .state(let index): "\(stateName(of: instance)) after \(model.states[instance.state].after[index].text)"
    case .role(let index): "after \(model.after[index].text)"
    case .call(let number): instance.call(numbered: number).map { model.nodes[$0.node].name } ?? "call \(number)"
    }
  }

  /// The hash under which a store finds the instance of a primary key.
  public func keyHash(primary key: String) -> Hash128 { keyHash(name: "", value: key) }

  /// The hash under which a store finds the instance that recorded `value` under `name`.
  public func keyHash(_ correlation: Correlation) -> Hash128 {
    keyHash(name: correlation.name, value: correlation.value)
  }

  private func keyHash(name: String, value: String) -> Hash128 {
    var builder = HashBuilder()
    builder.append(identity.saga)
    builder.append(identity.role)
    builder.append(name)
    #if SAGA_MUTANTS
      let value = Mutant.is(.keysCollide) ? String(value.prefix(1)) : value
    #endif
    builder.append(value)
    return builder.finalize()
  }

  /// The id of the life of a key that a message starts.
  public func uid(key: String, startedBy event: CloudEvent) -> Hash128 {
    var builder = HashBuilder()
    builder.append(identity.saga)
    builder.append(identity.role)
    builder.append(key)
    builder.append(event.source)
    builder.append(event.id)
    return builder.finalize()
  }
}

/// Limits of the core with their defaults; past one: a clear error, nothing lost.
public enum MachineLimits {
  /// How long a message that finds no instance is kept unless its type says otherwise.
  public static let parkMilliseconds: Int64 = 86_400_000
  /// How long an attempt of a call waits for its reply, in milliseconds.
  public static let callTimeoutMilliseconds: Int64 = 30_000
  /// How often a call's command is sent at most.
  public static let callAttempts: Int64 = 5
  /// How long an attempt of an undo waits for its reply, in milliseconds.
  public static let undoTimeoutMilliseconds: Int64 = 30_000
  /// How often an undo's command is sent before the instance is stuck.
  public static let undoAttempts: Int64 = 10
  /// The wait before the second attempt, in milliseconds.
  public static let retryDelayMilliseconds: Int64 = 1_000
  /// What each further wait is multiplied by.
  public static let retryFactor: Double = 2
  /// The longest wait between attempts, in milliseconds.
  public static let retryMaxDelayMilliseconds: Int64 = 60_000
  /// How long calls in flight are awaited when compensation begins, in milliseconds.
  public static let settleMilliseconds: Int64 = 30_000
  /// Messages kept at one instance for a later state.
  public static let maximumDeferred = 1_000
  /// The data of one instance as JSON text, in bytes.
  public static let maximumDataBytes = 262_144
  /// An instance with everything its steps hold on to: elements of lists, replies that an undo reads, in bytes of its stored form.
  public static let maximumInstanceBytes = 33_554_432
  /// A key, and a value of `correlate`, in bytes of UTF-8: both go out as attributes, the key three times.
  public static let maximumKeyBytes = 4_096
  /// The data of a message that an instance sends, as JSON text, in bytes; with the attributes it stays below what a message may have
  /// (`JSONLimits.message`).
  public static let maximumPayloadBytes = 786_432
  /// How much of a reason an alert tells, in Unicode scalars.
  static let alertReasonScalars = 4_096
  /// Messages that one decision may send, and that one transaction of a service may publish.
  public static let maximumEffectsPerCommit = 1_000
  /// Elements of the list of one `forEach`.
  public static let maximumForEachItems = 10_000
  /// Undos that one instance may owe.
  public static let maximumOwed = 10_000
  /// Undone actions of unknown outcome that one instance remembers.
  public static let maximumAbandoned = 256
  /// Answered calls an instance remembers to recognise contradicting answers.
  public static let maximumAnswered = 64
  /// Steps that one decision may go through; more is a definition that runs in a circle.
  public static let maximumStepsPerCommit = 100_000
  /// States that one input may lead through.
  public static let maximumStatesPerCommit = 1_000
  /// Journal rows of one instance after which it is stuck until an operator's `retry` lets it have as many again.
  public static let maximumHistoryRows: Int64 = 1_000_000
  /// Further keys (`correlate`) that an instance may answer to.
  public static let maximumCorrelations = 1_000
  /// The cost of one expression, in the units of `CELLimits.evaluationBudget`.
  public static let expressionBudget = 1_000_000
  /// The cost of all expressions of one decision, in the same units.
  public static let decisionBudget = 20_000_000
}
