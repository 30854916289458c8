import SagaCore

/// One message of a journal row's `outgoing`, in effect order. The encoding is versioned and part of the format.
///
/// ```
/// version 1 · count · ( kind and flags · [destination] · lane count · lanes · [ordering 16] · event )*
/// version 2 · a delta of the above beside the row's input
/// ```
/// Stores on a disk keep the shorter of the two: what is sent repeats much of what came in, and messages of one row are alike.
public struct OutgoingRecord: Sendable, Equatable {
  /// What kind of message it is.
  public var kind: MessageKind
  /// The participant a command goes to.
  public var destination: String?
  /// The lanes it leaves by. Empty in rows of the embedding service's own transactions: the engine chooses them.
  public var lanes: [LaneID]
  /// Hash of the ordering key: messages of a lane with the same one leave in order.
  public var ordering: Hash128
  /// The CloudEvent in the JSON format.
  public var event: [UInt8]

  /// A message as a decision or a service's transaction sends it.
  public init(kind: MessageKind, destination: String?, lanes: [LaneID], ordering: Hash128, event: [UInt8]) {
    self.kind = kind
    self.destination = destination
    self.lanes = lanes
    self.ordering = ordering
    self.event = event
  }

  static let version: UInt8 = 1
  private static let packedVersion: UInt8 = 2
  private static let hasDestination: UInt8 = 0x10
  private static let sameOrdering: UInt8 = 0x20

  /// The ordering hash of a key; the one that the key's slot is taken from, too.
  public static func ordering(of key: String) -> Hash128 { Hash128.of(key) }

  /// The column's value.
  public static func encode(_ records: [OutgoingRecord]) -> [UInt8] {
    var encoder = Encoder(count: records.count)
    for record in records { encoder.append(record, lanes: record.lanes) }
    return encoder.bytes
  }

  /// Encodes a column message by message.
  struct Encoder: ~Copyable {
    private var writer: ByteWriter
    private var previous: Hash128?

    /// - Parameter count: how many messages there will be.
    init(count: Int) {
      writer = ByteWriter(reservingCapacity: 16 + 640 * min(count, 64))
      writer.write(byte: version)
      writer.write(unsigned: UInt64(count))
    }

    /// - Parameter lanes: stands for the record's own.
    mutating func append(_ record: borrowing OutgoingRecord, lanes: some Collection<LaneID>) {
      let repeats = previous == record.ordering
      var head = record.kind.code
      if record.destination != nil { head |= hasDestination }
      if repeats { head |= sameOrdering }
      writer.write(byte: head)
      if let destination = record.destination { writer.write(destination) }
      writer.write(unsigned: UInt64(lanes.count))
      for lane in lanes { writer.write(lane) }
      if !repeats { writer.write(record.ordering) }
      writer.write(record.event)
      previous = record.ordering
    }

    var bytes: [UInt8] { writer.bytes }
  }

  /// What a store keeps of a row's `outgoing`: the shorter of it as it is and packed.
  ///
  /// - Parameters:
  ///   - outgoing: of the first version.
  ///   - input: the row's own input.
  public static func packed(_ outgoing: [UInt8], beside input: [UInt8]?) -> [UInt8] {
    let delta = Delta.encode(outgoing, base: input ?? [])
    return delta.count + 1 < outgoing.count ? [packedVersion] + delta : outgoing
  }

  /// What `packed` was given.
  ///
  /// - Throws: `DecodingFault` for bytes that it did not write, or not beside this input.
  public static func unpacked(_ column: [UInt8]?, beside input: [UInt8]?) throws(DecodingFault) -> [UInt8]? {
    guard let column, column.first == packedVersion else { return column }
    return try Delta.decode(
      Array(column.dropFirst()), base: input ?? [], subject: "a journal row's packed outgoing messages")
  }

  /// The messages of a column, by effect index.
  ///
  /// - Throws: `DecodingFault` for bytes that `encode` did not write.
  public static func decode(_ bytes: [UInt8]) throws(DecodingFault) -> [OutgoingRecord] {
    var reader = ByteReader(bytes, subject: "a journal row's outgoing messages")
    try reader.version(atMost: version)
    let count = try reader.count()
    var records: [OutgoingRecord] = []
    records.reserveCapacity(count)
    for _ in 0..<count { records.append(try decodeOne(&reader, previous: records.last?.ordering)) }
    guard reader.isAtEnd else { throw reader.fault("bytes are left over") }
    return records
  }

  private static func decodeOne(_ reader: inout ByteReader, previous: Hash128?) throws(DecodingFault) -> OutgoingRecord
  {
    let head = try reader.byte()
    guard let kind = MessageKind(code: head & 0x0f) else {
      throw reader.fault("message kind \(head & 0x0f) is unknown")
    }
    let destination = head & hasDestination == 0 ? nil : try reader.string()
    var lanes: [LaneID] = []
    for _ in 0..<(try reader.count()) { lanes.append(try reader.int64()) }
    let ordering: Hash128
    if head & sameOrdering == 0 {
      ordering = try reader.hash()
    } else {
      guard let previous else { throw reader.fault("the first message repeats an ordering key") }
      ordering = previous
    }
    return OutgoingRecord(
      kind: kind, destination: destination, lanes: lanes, ordering: ordering, event: try reader.blob())
  }
}

extension MessageKind {
  /// The file format.
  fileprivate var code: UInt8 {
    switch self {
    case .event: 1
    case .command: 2
    case .reply: 3
    case .alert: 4
    }
  }

  fileprivate init?(code: UInt8) {
    switch code {
    case 1: self = .event
    case 2: self = .command
    case 3: self = .reply
    case 4: self = .alert
    default: return nil
    }
  }
}
