/// Writes JSON values as UTF-8 bytes.
///
/// Doubles are written in the shortest form that reads back as the same number. Integral ones up to 2^53 have no fraction
/// (`4999`), so that `.double(4999)` reads back as `.int(4999)`: schemas decide what a number is (`Schema.normalise`).
/// A double that is not finite is no JSON and breaks the contract of `JSON`; it is written as `null`.
public struct JSONWriter: ~Copyable, Sendable {
  var output: GrowingBytes

  /// An empty writer with room for so many bytes.
  public init(reservingCapacity capacity: Int = 0) { output = GrowingBytes(reservingCapacity: capacity) }

  /// What has been written.
  public var bytes: [UInt8] { output.array }

  /// Without white space, members in their order.
  public static func compact(_ value: JSON) -> [UInt8] {
    var writer = JSONWriter(reservingCapacity: 256)
    writer.write(value)
    return writer.bytes
  }

  /// One text for all values that are `isEquivalent(to:)` each other: compact, members sorted by the code points of their
  /// keys, integral numbers below 2^63 as digits. For hashing. (Not RFC 8785: it sorts by UTF-16, and has no 64-bit integers.)
  public static func canonical(_ value: JSON) -> [UInt8] {
    var writer = JSONWriter(reservingCapacity: 256)
    writer.writeCanonical(value)
    return writer.bytes
  }

  /// For people: one member or element a line, indented by two spaces, without a newline at the end.
  public static func pretty(_ value: JSON) -> [UInt8] {
    var writer = JSONWriter(reservingCapacity: 1024)
    writer.writePretty(value, indent: 0)
    return writer.bytes
  }

  /// Appends a value without white space.
  public mutating func write(_ value: JSON) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .int(let value): write(value)
    case .double(let value): write(value)
    case .string(let value): write(value)
    case .array(let elements):
      appendByte("[")
      for index in elements.indices {
        if index > 0 { appendByte(",") }
        write(elements[index])
      }
      appendByte("]")
    case .object(let object):
      appendByte("{")
      for index in object.members.indices {
        if index > 0 { appendByte(",") }
        write(object.members[index].key)
        appendByte(":")
        write(object.members[index].value)
      }
      appendByte("}")
    }
  }

  mutating func writeCanonical(_ value: JSON) {
    switch value {
    case .double(let value):
      if let integer = Int64(exactly: value) { write(integer) } else { write(value) }
    case .array(let elements):
      appendByte("[")
      for index in elements.indices {
        if index > 0 { appendByte(",") }
        writeCanonical(elements[index])
      }
      appendByte("]")
    case .object(let object):
      appendByte("{")
      withUnsafeTemporaryAllocation(of: Int.self, capacity: object.count) { order in
        JSONWriter.writeCanonicalOrder(of: object, to: order)
        for index in 0..<object.count {
          if index > 0 { appendByte(",") }
          write(object.members[order[index]].key)
          appendByte(":")
          writeCanonical(object.members[order[index]].value)
        }
      }
      appendByte("}")
    default: write(value)
    }
  }

  /// Writes the places of an object's members in the order of their keys' bytes.
  ///
  /// - Parameter order: has room for all of them.
  private static func writeCanonicalOrder(of object: JSONObject, to order: UnsafeMutableBufferPointer<Int>) {
    // Keys differ, so that it does not matter whether the sort is stable. Payloads are small: insertion beats a sort.
    guard object.count <= JSONObject.scanLimit else {
      let sorted = object.members.indices.sorted { object.members[$0].key.precedes(object.members[$1].key) }
      for index in sorted.indices { order.initializeElement(at: index, to: sorted[index]) }
      return
    }
    for place in object.members.indices {
      order.initializeElement(at: place, to: place)
      var index = place
      while index > 0, object.members[place].key.precedes(object.members[order[index - 1]].key) {
        order.swapAt(index, index - 1)
        index -= 1
      }
    }
  }

  private mutating func writePretty(_ value: JSON, indent: Int) {
    switch value {
    case .array(let elements) where !elements.isEmpty:
      appendByte("[")
      for index in elements.indices {
        startLine(indent + 1, isFirst: index == 0)
        writePretty(elements[index], indent: indent + 1)
      }
      startLine(indent, isFirst: true)
      appendByte("]")
    case .object(let object) where !object.isEmpty:
      appendByte("{")
      for index in object.members.indices {
        startLine(indent + 1, isFirst: index == 0)
        write(object.members[index].key)
        append(": ")
        writePretty(object.members[index].value, indent: indent + 1)
      }
      startLine(indent, isFirst: true)
      appendByte("}")
    default: write(value)
    }
  }

  private mutating func startLine(_ indent: Int, isFirst: Bool) {
    append(isFirst ? "\n" : ",\n")
    for _ in 0..<indent { append("  ") }
  }

  /// Appends text as it is: punctuation and names that need no escapes.
  mutating func append(_ text: StaticString) {
    output.append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inline(__always) mutating func appendByte(_ character: Unicode.Scalar) { output.append(UInt8(ascii: character)) }
}
