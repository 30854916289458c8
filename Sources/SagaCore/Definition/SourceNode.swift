/// A JSON value with its place and those of its parts: what the decoder walks.
struct SourceNode: Sendable {
  let json: JSON
  /// Where the value begins.
  let position: SourcePosition
  /// The elements of an array.
  let elements: [SourceNode]
  /// The members of an object.
  let members: [SourceMember]

  init(_ located: LocatedJSON) {
    var walk = SourceWalk(located)
    self.init(located.root, &walk)
  }

  private init(_ json: JSON, _ walk: inout SourceWalk) {
    self.json = json
    position = walk.nextValue()
    var elements: [SourceNode] = []
    var members: [SourceMember] = []
    switch json {
    case .array(let values):
      for value in values { elements.append(SourceNode(value, &walk)) }
    case .object(let object):
      for (key, value) in object {
        let keyPosition = walk.nextKey()
        let node = SourceNode(value, &walk)
        members.append(SourceMember(name: key, position: keyPosition, value: node))
      }
    default: break
    }
    self.elements = elements
    self.members = members
  }

  /// What the value is, for messages.
  var kind: String { json.kindWithArticle }

  /// Where the value at a path begins, or the nearest value around it that exists.
  func nearestPosition(of path: JSONPointerPath) -> SourcePosition {
    var node = self
    for element in path.elements {
      let child: SourceNode? =
        switch element {
        case .key(let key): node.members.first { $0.name.hasSameCodePoints(as: key) }?.value
        case .index(let index): node.elements.indices.contains(index) ? node.elements[index] : nil
        }
      guard let child else { break }
      node = child
    }
    return node.position
  }
}

extension JSON {
  /// "a string", "null", "an object": for messages.
  var kindWithArticle: String {
    switch self {
    case .null: "null"
    case .array, .object: "an \(kindName)"
    default: "a \(kindName)"
    }
  }
}

extension LocatedJSON {
  /// Where the value at a path begins, or the nearest value around it that exists.
  public func nearestPosition(of path: JSONPointerPath) -> SourcePosition {
    SourceNode(self).nearestPosition(of: path)
  }
}

/// Walks the places of a text's values in their order. Each column is counted on from the one before, so that a long line costs
/// one pass and not one for every value in it.
private struct SourceWalk {
  private let bytes: [UInt8]
  private let marks: [LocatedJSON.Mark]
  private var next = 0
  private var position = SourcePosition(offset: 0, line: 1, column: 1)

  init(_ located: LocatedJSON) {
    bytes = located.bytes
    marks = located.marks
  }

  /// Where the key of the next value begins.
  mutating func nextKey() -> SourcePosition { advance(to: marks[next].keyOffset) }

  /// Where the next value begins; it is then behind.
  mutating func nextValue() -> SourcePosition {
    defer { next += 1 }
    return advance(to: marks[next].valueOffset)
  }

  private mutating func advance(to offset: Int) -> SourcePosition {
    for byte in bytes[position.offset..<offset] {
      if byte == UInt8(ascii: "\n") {
        position.line += 1
        position.column = 1
      } else if byte & 0xC0 != 0x80 {
        // Continuation bytes of UTF-8 (10xxxxxx) start no scalar.
        position.column += 1
      }
    }
    position.offset = offset
    return position
  }
}

/// A member of an object; `position` is that of the key's opening quote.
struct SourceMember: Sendable {
  let name: String
  let position: SourcePosition
  let value: SourceNode
}

/// The members of an object whose names have been checked.
struct SourceFields {
  let node: SourceNode
  subscript(name: String) -> SourceMember? { node.members.first { $0.name == name } }
  var position: SourcePosition { node.position }
}

extension SourcePosition {
  /// The first character of a string whose opening quote stands here.
  var behindQuote: SourcePosition { SourcePosition(offset: offset + 1, line: line, column: column + 1) }
}
