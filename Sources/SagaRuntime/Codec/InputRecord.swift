import SagaCore

/// What a journal row's `input` column says where the input is no message.
///
/// ```
/// version 1 · tag · fields in the order of the case
/// ```
public enum InputRecord: Sendable, Hashable {
  case timer(TimerFiring)
  case operation(Operation)
  /// A command could not be delivered.
  case undeliverable(idempotencyKey: String, reason: String)
  /// Timers that a clock far ahead had set are armed again from now.
  case rearmed
  case deadLetterReplay(JournalSequence, by: String, reason: String)
  case deadLetterDiscard(JournalSequence, by: String, reason: String)
  case outgoingRetry(lane: String, OutgoingPosition?, by: String, reason: String)
  case outgoingDiscard(lane: String, OutgoingPosition, by: String, reason: String)
  /// A person says that the clock is right after it jumped.
  case clockConfirmed(by: String, reason: String)

  static let version: UInt8 = 1

  func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(byte: InputRecord.version)
    switch self {
    case .timer(let firing):
      writer.append(byte: 1)
      writer.append(firing)
    case .operation(let operation):
      writer.append(byte: 2)
      writer.append(texts: [operation.verb.rawValue, operation.by, operation.reason])
    case .undeliverable(let key, let reason):
      writer.append(byte: 3)
      writer.append(texts: [key, reason])
    case .rearmed: writer.append(byte: 4)
    case .deadLetterReplay(let sequence, let by, let reason):
      writer.append(byte: 5)
      writer.append(signed: sequence)
      writer.append(texts: [by, reason])
    case .deadLetterDiscard(let sequence, let by, let reason):
      writer.append(byte: 6)
      writer.append(signed: sequence)
      writer.append(texts: [by, reason])
    case .outgoingRetry(let lane, let position, let by, let reason):
      writer.append(byte: 7)
      writer.append(position ?? OutgoingPosition(sequence: 0, effect: 0))
      writer.append(texts: [lane, by, reason])
    case .outgoingDiscard(let lane, let position, let by, let reason):
      writer.append(byte: 8)
      writer.append(position)
      writer.append(texts: [lane, by, reason])
    case .clockConfirmed(let by, let reason):
      writer.append(byte: 9)
      writer.append(texts: [by, reason])
    }
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(CodecError) {
    var reader = ByteReader(bytes, subject: "a journal row's input")
    try reader.version(atMost: InputRecord.version)
    let tag = try reader.byte()
    switch tag {
    case 1: self = .timer(try reader.firing())
    case 2:
      let name = try reader.string()
      guard let verb = Operation.Verb(rawValue: name) else { throw reader.fail("operation \(name) is unknown") }
      let by = try reader.string()
      self = .operation(Operation(verb: verb, by: by, reason: try reader.string()))
    case 3:
      let key = try reader.string()
      self = .undeliverable(idempotencyKey: key, reason: try reader.string())
    case 4: self = .rearmed
    case 5, 6:
      let sequence = try reader.signed()
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
    default: throw reader.fail("input \(tag) is unknown")
    }
    guard reader.isAtEnd else { throw reader.fail("bytes are left over") }
  }
}

extension ByteWriter {
  fileprivate mutating func append(texts: [String]) {
    for text in texts { append(text) }
  }

  fileprivate mutating func append(_ position: OutgoingPosition) {
    append(signed: position.sequence)
    append(signed: position.effect)
  }

  fileprivate mutating func append(_ firing: TimerFiring) {
    switch firing.timer {
    case .state(let index):
      append(byte: 1)
      append(signed: Int64(index))
    case .role(let index):
      append(byte: 2)
      append(signed: Int64(index))
    case .call(let number):
      append(byte: 3)
      append(signed: number)
    }
    append(signed: firing.armedRevision)
  }
}

extension ByteReader {
  fileprivate mutating func position() throws(CodecError) -> OutgoingPosition {
    let sequence = try signed()
    return OutgoingPosition(sequence: sequence, effect: try signed())
  }

  fileprivate mutating func firing() throws(CodecError) -> TimerFiring {
    let tag = try byte()
    let number = try signed()
    let timer: TimerName
    switch tag {
    case 1: timer = .state(index: Int(truncatingIfNeeded: number))
    case 2: timer = .role(index: Int(truncatingIfNeeded: number))
    case 3: timer = .call(number)
    default: throw fail("timer \(tag) is unknown")
    }
    return TimerFiring(timer: timer, armedRevision: try signed())
  }
}
