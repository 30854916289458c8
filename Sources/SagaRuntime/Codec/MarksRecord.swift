import SagaCore

/// How far a lane has been confirmed, as a journal row's `marks` column carries it.
///
/// ```
/// version 1 · count · ( lane · name · sequence · effect )*        the name is empty once the lane table has it
/// ```
struct LaneMark: Sendable, Equatable {
  var lane: LaneID
  /// Empty where an earlier row or the lane table names the lane.
  var name: String
  var sequence: JournalSequence
  var effect: Int64

  static let version: UInt8 = 1

  static func encode(_ marks: [LaneMark]) -> [UInt8] {
    var writer = ByteWriter(reservingCapacity: 16 * marks.count + 2)
    writer.write(byte: version)
    writer.write(unsigned: UInt64(marks.count))
    for mark in marks {
      writer.write(mark.lane)
      writer.write(mark.name)
      writer.write(mark.sequence)
      writer.write(mark.effect)
    }
    return writer.bytes
  }

  static func decode(_ bytes: [UInt8]) throws(DecodingFault) -> [LaneMark] {
    var reader = ByteReader(bytes, subject: "a journal row's marks")
    try reader.version(atMost: version)
    var marks: [LaneMark] = []
    for _ in 0..<(try reader.count()) {
      let lane = try reader.int64()
      let name = try reader.string()
      let sequence = try reader.int64()
      marks.append(LaneMark(lane: lane, name: name, sequence: sequence, effect: try reader.int64()))
    }
    guard reader.isAtEnd else { throw reader.fault("bytes are left over") }
    return marks
  }
}
