/// The extension attributes the engine sets and reads. One that is no string reads as nil.
extension CloudEvent {
  /// The key of the instance that sent the message.
  public var sagakey: String? {
    get { self[text: "sagakey"] }
    set { self[text: "sagakey"] = newValue }
  }
  /// The name of the saga that sent the message.
  public var saga: String? {
    get { self[text: "saga"] }
    set { self[text: "saga"] = newValue }
  }
  /// The role that sent the message.
  public var sagarole: String? {
    get { self[text: "sagarole"] }
    set { self[text: "sagarole"] = newValue }
  }
  /// The call a message belongs to: that of a command, repeated by its reply.
  public var correlationid: String? {
    get { self[text: "correlationid"] }
    set { self[text: "correlationid"] = newValue }
  }
  /// The `id` of the message that caused this one.
  public var causationid: String? {
    get { self[text: "causationid"] }
    set { self[text: "causationid"] = newValue }
  }
  /// The same in every attempt of a command.
  public var idempotencykey: String? {
    get { self[text: "idempotencykey"] }
    set { self[text: "idempotencykey"] = newValue }
  }
  /// The idempotency key of the action that a command undoes.
  public var undoes: String? {
    get { self[text: "undoes"] }
    set { self[text: "undoes"] = newValue }
  }
  /// Counts the attempts of a command from 1.
  public var attempt: Int64? { extensions["attempt"]?.intValue }
  /// When the sender of a command stops waiting for its answer, RFC 3339 (CloudEvents expiry time extension).
  public var expirytime: String? {
    get { self[text: "expirytime"] }
    set { self[text: "expirytime"] = newValue }
  }
  /// What messages of the same value are kept in order by (CloudEvents partitioning extension).
  public var partitionkey: String? {
    get { self[text: "partitionkey"] }
    set { self[text: "partitionkey"] = newValue }
  }
  /// The W3C trace context (CloudEvents distributed tracing extension).
  public var traceparent: String? {
    get { self[text: "traceparent"] }
    set { self[text: "traceparent"] = newValue }
  }
  /// `event`, `command`, `reply` or `alert` (`MessageKind`).
  public var messagekind: String? {
    get { self[text: "messagekind"] }
    set { self[text: "messagekind"] = newValue }
  }

  private subscript(text name: String) -> String? {
    get { extensions[name]?.stringValue }
    set { extensions[name] = newValue.map(JSON.string) }
  }
}
