import SagaCore

/// What travels over the operator socket: one JSON object a line, a request and its answer.
public enum SocketRequest: Sendable {
  /// An operator acts; `shard` says in which shard's journal what the request names by its place there.
  case operate(OperatorRequest, shard: Int? = nil)
  /// A CloudEvent for the inbox.
  case send([UInt8])
  /// A line of exported dead letters.
  case bury([UInt8])

  /// The line, without its end.
  public func encode() -> JSON {
    switch self {
    case .send(let bytes):
      return ["send": .string(String(decoding: bytes, as: UTF8.self))]
    case .bury(let line): return ["bury": .string(String(decoding: line, as: UTF8.self))]
    case .operate(let request, nil): return ["operate": request.json]
    case .operate(let request, let shard?): return ["operate": request.json, "shard": .int(Int64(shard))]
    }
  }

  /// - Throws: `MessageFault` when the line is no request.
  public init(_ json: JSON) throws(MessageFault) {
    if let text = json["send"]?.stringValue {
      self = .send(Array(text.utf8))
    } else if let line = json["bury"]?.stringValue {
      self = .bury(Array(line.utf8))
    } else if let operate = json["operate"] {
      self = .operate(try OperatorRequest(json: operate), shard: json["shard"]?.intValue.flatMap(Int.init(exactly:)))
    } else {
      throw MessageFault(code: "socket.request", message: "a request has the member `send`, `bury` or `operate`")
    }
  }
}

extension OperatorRequest {
  var json: JSON {
    switch self {
    case .instance(let address, let operation):
      return .object(JSONObject(operation.members + address.members))
    case .instances(let addresses, let operation):
      let list = addresses.map { JSON.object(JSONObject($0.members)) }
      return .object(JSONObject(operation.members + [("instances", .array(list))]))
    case .migrate(let addresses, let migration): return migration.request("migrate", addresses)
    case .tryMigrate(let addresses, let migration): return migration.request("try-migrate", addresses)
    case .replay(let sequence, let by, let reason):
      return ["verb": "replay", "sequence": .int(sequence), "by": .string(by), "reason": .string(reason)]
    case .tryReplay(let sequence): return ["verb": "try-replay", "sequence": .int(sequence)]
    case .resolve(let sequence, let by, let reason):
      return ["verb": "resolve-letter", "sequence": .int(sequence), "by": .string(by), "reason": .string(reason)]
    case .discard(let sequence, let by, let reason):
      return ["verb": "discard", "sequence": .int(sequence), "by": .string(by), "reason": .string(reason)]
    case .retryOutgoing(let lane, let position, let by, let reason):
      return [
        "verb": "outbox-retry", "lane": .string(lane), "sequence": position.map { .int($0.sequence) } ?? .null,
        "effect": position.map { .int($0.effect) } ?? .null, "by": .string(by), "reason": .string(reason),
      ]
    case .discardOutgoing(let lane, let position, let by, let reason):
      return [
        "verb": "outbox-discard", "lane": .string(lane), "sequence": .int(position.sequence),
        "effect": .int(position.effect), "by": .string(by), "reason": .string(reason),
      ]
    case .confirmClock(let by, let reason):
      return ["verb": "confirm-clock", "by": .string(by), "reason": .string(reason)]
    }
  }

  init(json: JSON) throws(MessageFault) {
    func text(_ name: String) -> String { json[name]?.stringValue ?? "" }
    func position() -> OutgoingPosition? {
      guard let sequence = json["sequence"]?.intValue, let effect = json["effect"]?.intValue else { return nil }
      return OutgoingPosition(sequence: sequence, effect: effect)
    }
    if let sequence = json["sequence"]?.intValue, sequence < 1 {
      let text = "`sequence` is \(sequence), and a journal's rows are numbered from 1"
      let mend = "name a row as `saga dlq list` or `saga outbox list` shows it"
      throw MessageFault(code: "socket.request", message: "\(text); \(mend)")
    }
    let by = text("by")
    let reason = text("reason")
    switch (text("verb"), json["sequence"]?.intValue, position()) {
    case ("replay", let sequence?, _): self = .replay(deadLetter: sequence, by: by, reason: reason)
    case ("try-replay", let sequence?, _): self = .tryReplay(deadLetter: sequence)
    case ("resolve-letter", let sequence?, _): self = .resolve(deadLetter: sequence, by: by, reason: reason)
    case ("discard", let sequence?, _): self = .discard(deadLetter: sequence, by: by, reason: reason)
    case ("outbox-retry", _, let position):
      self = .retryOutgoing(lane: text("lane"), position: position, by: by, reason: reason)
    case ("outbox-discard", _, let position?):
      self = .discardOutgoing(lane: text("lane"), position: position, by: by, reason: reason)
    case ("confirm-clock", _, _): self = .confirmClock(by: by, reason: reason)
    case ("migrate", _, _), ("try-migrate", _, _):
      guard let version = json["version"]?.intValue else {
        throw MessageFault(code: "socket.request", message: "a migration names a version")
      }
      let mapping: MigrationMapping
      do throws(MigrationMappingError) {
        mapping = try MigrationMapping(json: json["mapping"] ?? .object(JSONObject()))
      } catch {
        throw MessageFault(code: FaultCode.migrationMapping, message: "the mapping: \(error)")
      }
      let addresses = (json["instances"]?.arrayValue ?? []).map { InstanceAddress(json: $0) }
      let migration = Migration(to: version, mapping: mapping, by: by, reason: reason)
      self = text("verb") == "migrate" ? .migrate(addresses, migration) : .tryMigrate(addresses, migration)
    case (let verb, _, _):
      guard let verb = Operation.Verb(rawValue: verb) else {
        throw MessageFault(code: "socket.verb", message: "there is no operation '\(verb)'")
      }
      let operation = Operation(
        verb: verb, by: by, reason: reason, state: json["state"]?.stringValue,
        isUnsafe: json["unsafe"]?.boolValue ?? false)
      if let list = json["instances"]?.arrayValue {
        self = .instances(list.map { InstanceAddress(json: $0) }, operation)
      } else {
        self = .instance(InstanceAddress(json: json), operation)
      }
    }
  }
}

extension Migration {
  fileprivate func request(_ verb: String, _ addresses: [InstanceAddress]) -> JSON {
    [
      "verb": .string(verb), "version": .int(version), "mapping": mapping.json, "by": .string(by),
      "reason": .string(reason), "instances": .array(addresses.map { .object(JSONObject($0.members)) }),
    ]
  }
}

extension InstanceAddress {
  fileprivate var members: [(String, JSON)] {
    [("saga", .string(saga)), ("role", .string(role)), ("key", .string(key))]
  }

  fileprivate init(json: JSON) {
    self.init(
      saga: json["saga"]?.stringValue ?? "", role: json["role"]?.stringValue ?? "", key: json["key"]?.stringValue ?? "")
  }
}

extension Operation {
  fileprivate var members: [(String, JSON)] {
    var members: [(String, JSON)] = [
      ("verb", .string(verb.rawValue)), ("by", .string(by)), ("reason", .string(reason)),
    ]
    if let state { members.append(("state", .string(state))) }
    if isUnsafe { members.append(("unsafe", true)) }
    return members
  }
}

extension OperatorReply {
  /// `{"result": "done" | "unchanged" | "notFound" | "replayed" | "refused" | "each", …}`
  public var json: JSON {
    switch self {
    case .done: ["result": "done"]
    case .unchanged: ["result": "unchanged"]
    case .notFound: ["result": "notFound"]
    case .replayed(let deliveries): ["result": "replayed", "deliveries": .array(deliveries.map(\.json))]
    case .refused(let fault): ["result": "refused", "code": .string(fault.code), "message": .string(fault.message)]
    case .each(let replies): ["result": "each", "replies": .array(replies.map(\.json))]
    }
  }
}

extension OperatorReply {
  /// What became of one instance of several, as `json` says it.
  package init(json: JSON) {
    switch json["result"]?.stringValue {
    case "done": self = .done
    case "unchanged": self = .unchanged
    case "refused":
      self = .refused(
        MessageFault(code: json["code"]?.stringValue ?? "", message: json["message"]?.stringValue ?? ""))
    default: self = .notFound
    }
  }
}

extension DeliveryReceipt {
  /// `{"saga", "version", "role", "key", "outcome"}`, and `code` and `message` for a dead letter.
  public var json: JSON {
    var members: [(String, JSON)] = []
    if let machine {
      members += [("saga", .string(machine.saga)), ("version", .int(machine.version)), ("role", .string(machine.role))]
    }
    if let key { members.append(("key", .string(key))) }
    members.append(("outcome", .string(outcome.name)))
    if case .deadLettered(let code, let message) = outcome {
      members += [("code", .string(code)), ("message", .string(message))]
    }
    return .object(JSONObject(members))
  }
}

extension Receipt {
  /// The deliveries, and after them one object `{"handler", "outcome"}` per handler.
  var json: [JSON] {
    deliveries.map(\.json)
      + handled.map { receipt in
        var members: [(String, JSON)] = [("handler", .string(receipt.name))]
        switch receipt.outcome {
        case .handled: members.append(("outcome", "handled"))
        case .duplicate: members.append(("outcome", "duplicate"))
        case .refusedByUndo: members.append(("outcome", "refused-by-undo"))
        case .deadLettered(let code, let message):
          members += [("outcome", "dead-lettered"), ("code", .string(code)), ("message", .string(message))]
        }
        return .object(JSONObject(members))
      }
  }
}

extension DeliveryReceipt.Outcome {
  /// The word in `json`.
  public var name: String {
    switch self {
    case .started: "started"
    case .handled: "handled"
    case .deferred: "deferred"
    case .late: "late"
    case .duplicate: "duplicate"
    case .parked: "parked"
    case .foreign: "foreign"
    case .deadLettered: "dead-lettered"
    }
  }
}
