import SagaCore

/// What a journal row's `input` column says where the input is no message.
///
/// ```
/// version 1 · tag · fields in the order of the case
/// ```
public enum InputRecord: Sendable, Hashable {
  /// A timer of the instance fired.
  case timer(TimerFiring)
  /// An operator acted on the instance.
  case operation(Operation)
  /// A command could not be delivered.
  case undeliverable(idempotencyKey: String, reason: String, isPermanent: Bool = false)
  /// Timers that a clock far ahead had set are armed again from now; without an instance, what expires and was parked by it.
  case rearmed
  /// An operator had a dead letter handled again.
  case deadLetterReplay(JournalSequence, by: String, reason: String)
  /// An operator gave a dead letter up.
  case deadLetterDiscard(JournalSequence, by: String, reason: String)
  /// An operator let held messages of a lane go: one, or all when there is no position.
  case outgoingRetry(lane: String, OutgoingPosition?, by: String, reason: String)
  /// An operator dropped a held message.
  case outgoingDiscard(lane: String, OutgoingPosition, by: String, reason: String)
  /// A person says that the clock is right after it jumped.
  case clockConfirmed(by: String, reason: String)
  /// The instance was moved to another version of its definition.
  case migration(Migration)

  static let version: UInt8 = 1

  func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(byte: InputRecord.version)
    switch self {
    case .timer(let firing):
      writer.write(byte: 1)
      writer.write(firing)
    case .operation(let operation):
      writer.write(byte: operation.verb == .force ? 11 : 2)
      writer.write(texts: [operation.verb.rawValue, operation.by, operation.reason])
      if operation.verb == .force {
        writer.write(operation.state ?? "")
        writer.write(byte: operation.isUnsafe ? 1 : 0)
      }
    case .undeliverable(let key, let reason, let isPermanent):
      writer.write(byte: isPermanent ? 12 : 3)
      writer.write(texts: [key, reason])
    case .rearmed: writer.write(byte: 4)
    case .deadLetterReplay(let sequence, let by, let reason):
      writer.write(byte: 5)
      writer.write(sequence)
      writer.write(texts: [by, reason])
    case .deadLetterDiscard(let sequence, let by, let reason):
      writer.write(byte: 6)
      writer.write(sequence)
      writer.write(texts: [by, reason])
    case .outgoingRetry(let lane, let position, let by, let reason):
      writer.write(byte: 7)
      writer.write(position ?? OutgoingPosition(sequence: 0, effect: 0))
      writer.write(texts: [lane, by, reason])
    case .outgoingDiscard(let lane, let position, let by, let reason):
      writer.write(byte: 8)
      writer.write(position)
      writer.write(texts: [lane, by, reason])
    case .clockConfirmed(let by, let reason):
      writer.write(byte: 9)
      writer.write(texts: [by, reason])
    case .migration(let migration):
      writer.write(byte: 10)
      writer.write(migration.version)
      writer.write(texts: [migration.mapping.json.description, migration.by, migration.reason])
    }
    return writer.bytes
  }

  /// Whether a row is that of an operator who confirmed the clock.
  static func confirmsClock(_ row: JournalRow) -> Bool {
    guard row.kind == .operation, row.instance == nil, let input = row.input,
      case .clockConfirmed? = try? InputRecord(decoding: input)
    else { return false }
    return true
  }

  package init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes, subject: "a journal row's input")
    try reader.version(atMost: InputRecord.version)
    let tag = try reader.byte()
    switch tag {
    case 1: self = .timer(try reader.firing())
    case 2, 11:
      let name = try reader.string()
      guard let verb = Operation.Verb(rawValue: name) else { throw reader.fault("operation \(name) is unknown") }
      let by = try reader.string()
      var operation = Operation(verb: verb, by: by, reason: try reader.string())
      if tag == 11 {
        operation.state = try reader.string()
        operation.isUnsafe = try reader.byte() == 1
      }
      self = .operation(operation)
    case 3, 12:
      let key = try reader.string()
      self = .undeliverable(idempotencyKey: key, reason: try reader.string(), isPermanent: tag == 12)
    case 4: self = .rearmed
    case 5, 6:
      let sequence = try reader.int64()
      let by = try reader.string()
      let reason = try reader.string()
      self =
        tag == 5
        ? .deadLetterReplay(sequence, by: by, reason: reason) : .deadLetterDiscard(sequence, by: by, reason: reason)
    case 7, 8:
      let position = try reader.position()
      let lane = try reader.string()
      let by = try reader.string()
      let reason = try reader.string()
      self =
        tag == 8
        ? .outgoingDiscard(lane: lane, position, by: by, reason: reason)
        : .outgoingRetry(lane: lane, position.sequence == 0 ? nil : position, by: by, reason: reason)
    case 9:
      let by = try reader.string()
      self = .clockConfirmed(by: by, reason: try reader.string())
    case 10:
      let version = try reader.int64()
      let text = try reader.string()
      guard let json = try? JSON.parse(text), let mapping = try? MigrationMapping(json: json) else {
        throw reader.fault("the mapping of a migration cannot be read")
      }
      let by = try reader.string()
      self = .migration(Migration(to: version, mapping: mapping, by: by, reason: try reader.string()))
    default: throw reader.fault("input \(tag) is unknown")
    }
    guard reader.isAtEnd else { throw reader.fault("bytes are left over") }
  }
}

extension ByteWriter {
  fileprivate mutating func write(texts: [String]) {
    for text in texts { write(text) }
  }

  fileprivate mutating func write(_ position: OutgoingPosition) {
    write(position.sequence)
    write(position.effect)
  }

  fileprivate mutating func write(_ firing: TimerFiring) {
    switch firing.timer {
    case .state(let index):
      write(byte: 1)
      write(Int64(index))
    case .role(let index):
      write(byte: 2)
      write(Int64(index))
    case .call(let number):
      write(byte: 3)
      write(number)
    }
    write(firing.armedRevision)
  }
}

extension ByteReader {
  fileprivate mutating func position() throws(DecodingFault) -> OutgoingPosition {
    let sequence = try int64()
    return OutgoingPosition(sequence: sequence, effect: try int64())
  }

  fileprivate mutating func firing() throws(DecodingFault) -> TimerFiring {
    let tag = try byte()
    let number = try int64()
    let timer: TimerName
    switch tag {
    case 1: timer = .state(index: Int(truncatingIfNeeded: number))
    case 2: timer = .role(index: Int(truncatingIfNeeded: number))
    case 3: timer = .call(number)
    default: throw fault("timer \(tag) is unknown")
    }
    return TimerFiring(timer: timer, armedRevision: try int64())
  }
}
