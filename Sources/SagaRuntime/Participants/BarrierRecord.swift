import SagaCore

/// What a participant remembers of one idempotency key (or a consumer of an event that it failed on): the `result` column of its
/// row in `consumed`. The encoding is versioned and
/// part of the file format.
///
/// ```
/// version 1 · tag · fields in the order of the case
/// ```
enum BarrierRecord: Hashable, Sendable {
  /// A handler that reaches other systems has begun, so many times; it may have had its effect.
  case started(attempts: Int64)
  case done(BarrierReply)
  /// Nothing was done.
  case declined(BarrierReply)
  /// The action was done, or may have been, and was undone since. The reply, where there was one.
  case undone(BarrierReply?)
  /// The undo came first: the action is refused.
  case tombstone

  static let version: UInt8 = 1

  func encode() -> [UInt8] {
    var writer = ByteWriter(reservingCapacity: 64)
    writer.write(byte: BarrierRecord.version)
    switch self {
    case .started(let attempts):
      writer.write(byte: 1)
      writer.write(attempts)
    case .done(let reply):
      writer.write(byte: 2)
      reply.write(to: &writer)
    case .declined(let reply):
      writer.write(byte: 3)
      reply.write(to: &writer)
    case .undone(let reply):
      writer.write(byte: 4)
      writer.write(reply) { $1.write(to: &$0) }
    case .tombstone: writer.write(byte: 5)
    }
    return writer.bytes
  }

  /// - Throws: `DecodingFault` for bytes that `encode` did not write.
  init(decoding bytes: [UInt8]) throws(DecodingFault) {
    var reader = ByteReader(bytes, subject: "a participant's memory of a command")
    try reader.version(atMost: BarrierRecord.version)
    switch try reader.byte() {
    case 1: self = .started(attempts: try reader.int64())
    case 2: self = .done(try BarrierReply(&reader))
    case 3: self = .declined(try BarrierReply(&reader))
    case 4:
      self = .undone(
        try reader.optional { reader throws(DecodingFault) in try BarrierReply(&reader) })
    case 5: self = .tombstone
    case let tag: throw reader.fault("there is no record \(tag)")
    }
  }

  /// The reply that a command which comes again is given.
  var reply: BarrierReply? {
    switch self {
    case .done(let reply), .declined(let reply): reply
    case .undone(let reply): reply
    case .started, .tombstone: nil
    }
  }
}

/// A reply as a participant remembers it.
struct BarrierReply: Hashable, Sendable {
  var type: String
  /// The payload as JSON.
  var data: [UInt8]

  init(_ reply: CommandReply) {
    type = reply.type
    data = JSONWriter.compact(reply.data)
  }

  init(_ reader: inout ByteReader) throws(DecodingFault) {
    type = try reader.string()
    data = try reader.blob()
  }

  func write(to writer: inout ByteWriter) {
    writer.write(type)
    writer.write(data)
  }

  /// - Throws: `JSONError` for bytes that were damaged.
  var json: JSON { get throws { try JSONParser.parse(data) } }
}
