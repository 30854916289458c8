extension Decider {
  /// A message that is published: an event, or a saga's answer to whoever started it.
  mutating func publish(_ publications: [Publication], scope: Scope, isFinal: Bool = false) throws(MessageFault) {
    var payloads: [(String, JSON)] = []
    for publication in publications {
      payloads.append((publication.type, try payload(publication.payload, type: publication.type, scope: scope)))
    }
    try reserve(effects: payloads.count)
    for (type, data) in payloads {
      // What a parent saga waits for: final publications carry the starter's correlation.
      let correlation = isFinal ? instance.starterCorrelation : nil
      emit(
        correlation != nil ? .reply : .event, type: type, data: data, call: CallAttributes(correlation: correlation))
      facts.append(.published(type: type))
    }
  }

  /// Evaluates a payload and checks it against the type's schema.
  func payload(_ template: TemplateModel, type: String, scope: Scope) throws(MessageFault) -> JSON {
    var value = try json(template, scope)
    if let schema = model.messages[type]?.schema {
      value = schema.normalise(value)
      if let violation = schema.validate(value).first {
        throw machine.fault("payload.schema", "the payload of \(type) does not fit its schema: \(violation)")
      }
    }
    // What is sent must be a message to whoever takes it, and to the engine that reads it again. The event is one level of it.
    let depth = JSONLimits.message.maximumDepth - 1
    if value.isDeeper(than: depth) {
      throw machine.fault("limit.message", "the payload of \(type) nests deeper than \(depth) levels")
    }
    guard value.isWritten(withinBytes: MachineLimits.maximumPayloadBytes) else {
      let limit = "\(MachineLimits.maximumPayloadBytes) bytes of JSON (maximumPayloadBytes)"
      throw machine.fault("limit.message", "the payload of \(type) is larger than \(limit)")
    }
    return value
  }

  /// Refuses to send more in one commit than there may be; alerts do not count.
  func reserve(effects: Int) throws(MessageFault) {
    guard outgoing.count + effects <= MachineLimits.maximumEffectsPerCommit else {
      throw machine.fault(
        "limit.effects",
        "one commit would send more than \(MachineLimits.maximumEffectsPerCommit) messages (maximumEffectsPerCommit)")
    }
  }

  /// As much of a reason as a person reads.
  static func shortened(_ reason: String) -> String {
    String(String.UnicodeScalarView(reason.unicodeScalars.prefix(MachineLimits.alertReasonScalars)))
  }

  /// Refuses to hold on to more than an instance may: lists within lists, and replies for undos, add up.
  mutating func hold(_ value: JSON) throws(MessageFault) {
    var left = MachineLimits.maximumInstanceBytes - heldBytes
    guard value.count(into: &left) else {
      throw machine.fault(
        "limit.instance",
        "the instance would hold more than \(MachineLimits.maximumInstanceBytes) bytes (maximumInstanceBytes)")
    }
    heldBytes = MachineLimits.maximumInstanceBytes - left
  }

  /// The same for a reply, with its attributes.
  mutating func hold(_ event: CloudEvent) throws(MessageFault) {
    try hold(event.data ?? .null)
    try hold(.object(event.extensions))
    heldBytes += [event.id, event.source, event.type, event.subject ?? "", event.dataschema ?? ""].reduce(100) {
      $0 + $1.utf8.count
    }
  }

  /// What a loop went over is given up when the loop is through.
  mutating func release(_ items: [JSON]) {
    for item in items {
      var left = Int.max
      _ = item.count(into: &left)
      heldBytes -= .max - left
    }
  }

  /// An alert of the engine itself.
  mutating func alert(_ type: String, step: String, reason: String) {
    let told = Decider.shortened(reason)
    let data = JSON.object(
      JSONObject([
        ("saga", .string(machine.identity.saga)), ("version", .int(machine.identity.version)),
        ("role", .string(machine.identity.role)), ("key", .string(instance.key)),
        ("state", .string(machine.stateName(of: instance))), ("step", .string(step)),
        ("reason", .string(told)),
      ]))
    emit(.alert, type: type, data: data)
  }

  /// The attributes that tie a message to a call.
  struct CallAttributes {
    var correlation: String?
    var idempotencyKey: String?
    /// The idempotency key of the action that an undo undoes.
    var undoes: String?
    /// Counts a command's attempts from 1.
    var attempt: Int64?
    /// When nobody waits for the answer any more.
    var expiry: Timestamp?
  }

  mutating func emit(
    _ kind: MessageKind, type: String, data: JSON, destination: String? = nil, call: CallAttributes = CallAttributes()
  ) {
    var attributes = JSONObject(reservingCapacity: 12)
    func add(_ name: String, _ value: String?) {
      if let value { attributes.append(absent: name, .string(value)) }
    }
    add("sagakey", instance.key)
    add("saga", machine.identity.saga)
    if !machine.identity.role.isEmpty { add("sagarole", machine.identity.role) }
    add("correlationid", call.correlation)
    add("idempotencykey", call.idempotencyKey)
    add("undoes", call.undoes)
    if let attempt = call.attempt { attributes.append(absent: "attempt", .int(attempt)) }
    add("expirytime", call.expiry?.attributeText)
    add("causationid", cause?.id)
    add("partitionkey", instance.key)
    add("traceparent", traceParent)
    add("messagekind", kind.rawValue)
    let event = CloudEvent(
      id: nextMessageID(), source: machine.sourceURI(key: instance.key), type: type, time: now.attributeText,
      datacontenttype: "application/json", extensions: attributes, data: data)
    outgoing.append(
      OutgoingMessage(event: event, kind: kind, destination: destination, orderingKey: instance.key))
  }

  /// The trace goes on where the cause left it. A cause of another trace does not take the saga out of its own: what waits
  /// days for a timer or a retry belongs to what started it.
  private var traceParent: String? {
    guard let own = instance.traceParent else { return cause?.traceparent }
    guard let caused = cause?.traceparent else { return own }
    // The version and the trace's id: `00-` and 32 digits.
    return own.utf8.prefix(35).elementsEqual(caused.utf8.prefix(35)) ? caused : own
  }

  /// H(uid, epoch, revision, effect index): computed once, in the deciding commit.
  private func nextMessageID() -> String {
    var builder = HashBuilder()
    builder.append(bytesOf: instance.uid)
    builder.append(context.epoch)
    builder.append(instance.revision)
    builder.append(Int64(outgoing.count))
    return builder.finalize().hex
  }

  /// H(uid, step path, forEach indexes, visit): the same in every attempt and after every restart.
  func idempotencyKey(step: String, indexes: [Int], visit: Int64, round: Int64) -> Hash128 {
    #if SAGA_MUTANTS
      let indexes = Mutant.is(.loopIndexNotInKey) ? [] : indexes
    #endif
    var builder = HashBuilder()
    builder.append(bytesOf: instance.uid)
    builder.append(step)
    builder.append(Int64(indexes.count))
    for index in indexes { builder.append(Int64(index)) }
    builder.append(visit)
    builder.append(round)
    return builder.finalize()
  }

  /// The key of the visit that an operator orders after one which was refused.
  ///
  /// H(the refused one's key). Whatever else is called again (`again`) or undone once more has a key made of counters,
  /// and none of those can come to the same.
  func idempotencyKey(after refused: Hash128) -> Hash128 {
    var builder = HashBuilder()
    builder.append(bytesOf: refused)
    builder.append("retry")
    return builder.finalize()
  }

  /// The slot of the instance's key.
  var slot: Slot { context.slot ?? Slot(key: instance.key) }
}

extension Machine {
  /// `/sagas/NAME/ROLE/KEY`, percent-encoded; an orchestration has no role part.
  package func sourceURI(key: String) -> String { sourcePrefix + key.percentEncoded }

  /// The same for an instance whose machine nobody has compiled.
  package static func sourceURI(of identity: MachineIdentity, key: String) -> String {
    sourcePrefix(of: identity) + key.percentEncoded
  }

  /// What all of a role's sources begin with.
  static func sourcePrefix(of identity: MachineIdentity) -> String {
    let role = identity.role.isEmpty ? "" : "/" + identity.role.percentEncoded
    return "/sagas/" + identity.saga.percentEncoded + role + "/"
  }
}

extension String {
  /// RFC 3986: everything but unreserved characters.
  fileprivate var percentEncoded: String {
    // Names and keys mostly have nothing to encode.
    if utf8.allSatisfy(\.isUnreserved) { return self }
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in utf8 {
      if byte.isUnreserved {
        result.append(byte)
      } else {
        result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension UInt8 {
  /// Of RFC 3986.
  fileprivate var isUnreserved: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
