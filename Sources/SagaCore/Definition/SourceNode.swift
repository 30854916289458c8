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
    var next = 0
    self.init(located.root, in: located, mark: &next)
  }

  private init(_ json: JSON, in located: LocatedJSON, mark: inout Int) {
    self.json = json
    position = located.position(ofByte: located.marks[mark].valueOffset)
    mark += 1
    var elements: [SourceNode] = []
    var members: [SourceMember] = []
    switch json {
    case .array(let values):
      for value in values { elements.append(SourceNode(value, in: located, mark: &mark)) }
    case .object(let object):
      for (key, value) in object {
        let keyPosition = located.position(ofByte: located.marks[mark].keyOffset)
        let node = SourceNode(value, in: located, mark: &mark)
        members.append(SourceMember(name: key, position: keyPosition, value: node))
      }
    default: break
    }
    self.elements = elements
    self.members = members
  }

  /// "a string", "null", "an object": for messages.
  var kind: String {
    switch json {
    case .null: "null"
    case .array, .object: "an \(json.kindName)"
    default: "a \(json.kindName)"
    }
  }

  /// Where the value at a path begins, or the nearest value around it that exists.
  func nearestPosition(of path: JSONPointerPath) -> SourcePosition {
    var node = self
    for element in path.elements {
      let child: SourceNode? =
        switch element {
        case .key(let key): node.members.first { $0.name == key }?.value
        case .index(let index): node.elements.indices.contains(index) ? node.elements[index] : nil
        }
      guard let child else { break }
      node = child
    }
    return node.position
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
