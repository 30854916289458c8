/// A JSON value that knows where each of its parts stands in the text.
public struct LocatedJSON: Sendable {
  /// One value, in the order in which values begin in the text.
  struct Mark: Sendable {
    /// Bytes to the opening quote of the member's key; that of the value where it has no key.
    var keyOffset: Int
    /// Bytes to the first character of the value.
    var valueOffset: Int
    /// How many marks belong to the value: its own and those of all that it contains.
    var span: Int
  }

  /// The value of the whole text.
  public let root: JSON
  /// The text.
  public let bytes: [UInt8]
  /// One for the root and one for every value in it, in the order of the text.
  let marks: [Mark]
  private let lineStarts: [Int]

  init(root: JSON, bytes: [UInt8], marks: [Mark]) {
    self.root = root
    self.bytes = bytes
    self.marks = marks
    var starts = [0]
    for offset in bytes.indices where bytes[offset] == UInt8(ascii: "\n") { starts.append(offset + 1) }
    lineStarts = starts
  }

  /// Where the value at a path begins; nil if there is no such value.
  public func position(of path: JSONPointerPath) -> SourcePosition? {
    mark(of: path).map { position(ofByte: $0.valueOffset) }
  }

  /// Where the key of the member at a path begins (its opening quote), the value itself for an element or the root; nil if
  /// there is no such value.
  public func keyPosition(of path: JSONPointerPath) -> SourcePosition? {
    mark(of: path).map { position(ofByte: $0.keyOffset) }
  }

  /// The line and column of a byte offset.
  public func position(ofByte offset: Int) -> SourcePosition {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let column = SourcePosition.column(from: lineStarts[low], to: offset, in: bytes)
    return SourcePosition(offset: offset, line: low + 1, column: column)
  }

  private func mark(of path: JSONPointerPath) -> Mark? {
    var value = root
    var index = 0
    for element in path.elements {
      let child: Int?
      switch (element, value) {
      case (.key(let key), .object(let members)):
        child = members.position(of: key)
        if let child { value = members[child].value }
      case (.index(let position), .array(let elements)):
        child = elements.indices.contains(position) ? position : nil
        if let child { value = elements[child] }
      default:
        child = nil
      }
      guard let child else { return nil }
      index += 1
      for _ in 0..<child { index += marks[index].span }
    }
    return marks[index]
  }
}
