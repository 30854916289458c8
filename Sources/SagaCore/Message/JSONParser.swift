/// A strict parser of JSON texts in UTF-8 (RFC 8259).
///
/// One pass over the bytes. Beyond the grammar it refuses what readers of JSON disagree about (RFC 8259, 4 and 8): duplicate
/// keys, a byte order mark, ill-formed UTF-8, lone surrogates, numbers greater than any double. Numbers smaller than any double
/// are rounded to zero.
public struct JSONParser {
  /// The value of a text.
  ///
  /// - Throws: `JSONError` with the byte offset of what is wrong.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = .message) throws(JSONError) -> JSON {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var reader = JSONReader(buffer, limits: limits)
      return try reader.readText()
    }
  }

  /// The value of a text that stands in memory of the caller's.
  ///
  /// - Throws: `JSONError` with the byte offset of what is wrong.
  public static func parse(
    _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .message
  ) throws(JSONError) -> JSON {
    try bytes.withMemoryRebound(to: UInt8.self) { (buffer) throws(JSONError) in
      var reader = JSONReader(buffer, limits: limits)
      return try reader.readText()
    }
  }

  /// The value of a text together with the places of its parts.
  ///
  /// - Throws: `JSONError` with the byte offset of what is wrong; `JSONError.position(in:)` gives its line and column.
  public static func parseWithPositions(
    _ bytes: [UInt8], limits: JSONLimits = .definition
  ) throws(JSONError) -> LocatedJSON {
    var marks: [LocatedJSON.Mark] = []
    let root = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var reader = JSONReader(buffer, limits: limits)
      reader.isRecording = true
      let root = try reader.readText()
      marks = reader.marks
      return root
    }
    return LocatedJSON(root: root, bytes: bytes, marks: marks)
  }
}
