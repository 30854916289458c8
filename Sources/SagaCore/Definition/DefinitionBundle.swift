/// Makes the source of a definition that refers to schema files stand alone.
enum DefinitionBundle {
  /// The text with documents added to its `schemas`; everything in front of them keeps its place.
  ///
  /// - Parameters:
  ///   - source: a definition, whose root is an object with at least one member.
  ///   - schemas: where the value of its `schemas` begins; nil where there is none.
  static func source(
    _ source: [UInt8], adding documents: ArraySlice<SchemaDocuments.Entry>, inside schemas: SourcePosition?
  ) -> [UInt8] {
    var text: [UInt8] = []
    for entry in documents {
      if !text.isEmpty { text.append(UInt8(ascii: ",")) }
      text += JSONWriter.compact(.string(entry.name)) + [UInt8(ascii: ":")] + JSONWriter.compact(entry.json)
    }
    var end = source.lastIndex(of: UInt8(ascii: "}")) ?? source.endIndex
    var isFirst = false
    if let schemas {
      (end, isFirst) = closing(of: source, from: schemas.offset)
    } else {
      text = Array(#""schemas":{"#.utf8) + text + [UInt8(ascii: "}")]
    }
    return source[..<end] + (isFirst ? [] : [UInt8(ascii: ",")]) + text + source[end...]
  }

  /// Where the object that begins at an offset ends, and whether it is empty.
  private static func closing(of source: [UInt8], from start: Int) -> (offset: Int, isEmpty: Bool) {
    var depth = 0
    var isText = false
    var isEmpty = true
    var index = start
    while index < source.count {
      let byte = source[index]
      switch byte {
      case UInt8(ascii: "\\") where isText: index += 1
      case UInt8(ascii: "\""):
        isText.toggle()
        isEmpty = false
      case UInt8(ascii: "{") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText:
        depth -= 1
        if depth == 0 { return (index, isEmpty) }
      default: break
      }
      index += 1
    }
    preconditionFailure("the text was parsed before: its objects are closed")
  }
}
