import SagaCore

/// Something that a person should look at. Alerts are events like any other (`OutgoingMessage.kind` is `.alert`): written with the
/// decision that raised them, sent at least once, in order for their instance, always with the same id.
public struct SagaAlert: Sendable, Hashable {
  /// What it is about. The raw values are the types of the events.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// An instance cannot go on without an operator.
    case stuck = "saga.stuck"
    /// An instance has been open for longer than `AlertPolicy` allows.
    case late = "saga.late"
    /// A deadline passed after the pivot, where nothing can be undone any more.
    case deadline = "saga.deadline"
    /// A success arrived after its undo had gone out; the undo goes out again.
    case lateSuccess = "saga.late-success"
    /// A participant answered a call twice, and differently.
    case contradiction = "saga.contradiction"
    /// As many dead letters wait as `AlertPolicy` allows, or more.
    case deadLetters = "saga.dead-letters"
  }

  /// What it is about.
  public var kind: Kind
  /// The instance that it is about; nil for dead letters.
  public var instance: InstanceAddress?
  /// The state the instance was in; empty for dead letters.
  public var state: String
  /// The step that it is about; empty where it is about none.
  public var step: String
  /// What a person reads.
  public var reason: String
  /// The event itself.
  public var event: CloudEvent

  /// Reads an alert; nil for any other event.
  public init?(_ event: CloudEvent) {
    guard let kind = Kind(rawValue: event.type) else { return nil }
    self.kind = kind
    self.event = event
    func text(_ name: String) -> String { event.data?[name]?.stringValue ?? "" }
    instance = event.sagakey.map { InstanceAddress(saga: text("saga"), role: text("role"), key: $0) }
    state = text("state")
    step = text("step")
    reason = text("reason")
  }
}

/// What counts as worth an alert, besides what the machine itself raises, and who is told.
public struct AlertPolicy: Sendable {
  /// An instance that has been open for longer is late, in milliseconds; nil for no limit. Raised once in an instance's life.
  public var lateAfterMilliseconds: Int64?
  /// The same for single sagas, by name.
  public var lateAfterMillisecondsBySaga: [String: Int64]
  /// As many unresolved dead letters raise an alert, once, until there are fewer; nil for none.
  public var deadLetterThreshold: Int?
  /// How often it is looked, in milliseconds.
  public var checkMilliseconds: Int64
  /// Told of every alert, at least once: after a crash or when it threw it is told again, with the same `event.id`.
  public var hook: (@Sendable (SagaAlert) async throws -> Void)?

  /// No instance is late and dead letters raise nothing, unless it is said when.
  public init(
    lateAfterMilliseconds: Int64? = nil, lateAfterMillisecondsBySaga: [String: Int64] = [:],
    deadLetterThreshold: Int? = nil, checkMilliseconds: Int64 = 60_000,
    hook: (@Sendable (SagaAlert) async throws -> Void)? = nil
  ) {
    self.lateAfterMilliseconds = lateAfterMilliseconds
    self.lateAfterMillisecondsBySaga = lateAfterMillisecondsBySaga
    self.deadLetterThreshold = deadLetterThreshold
    self.checkMilliseconds = checkMilliseconds
    self.hook = hook
  }

  /// The lane by which alerts reach the hook; its cursor is in the database.
  static let lane = "alerts"

  /// When an instance of a saga is late, in milliseconds after its start.
  func lateAfter(_ saga: String) -> Int64? { lateAfterMillisecondsBySaga[saga] ?? lateAfterMilliseconds }

  /// Whether anything has to be looked for.
  var watches: Bool {
    lateAfterMilliseconds != nil || !lateAfterMillisecondsBySaga.isEmpty || deadLetterThreshold != nil
  }

  /// How long an alert waits after the hook threw, in milliseconds.
  static let retryMilliseconds: Int64 = 1000

  var outgoing: OutgoingLane? {
    guard let hook else { return nil }
    let transport = ClosureTransport(retryMilliseconds: AlertPolicy.retryMilliseconds) { delivery in
      guard let alert = SagaAlert(try CloudEvent.decodeStored(delivery.bytes)) else { return }
      try await hook(alert)
    }
    return OutgoingLane(name: AlertPolicy.lane, transport: transport)
  }
}
