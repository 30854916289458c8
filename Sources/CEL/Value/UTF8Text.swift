/// Comparison of strings by their UTF-8 bytes: Swift's own `==` would call canonically equivalent strings equal, which
/// CEL does not.
enum UTF8Text {
  static func equal(_ left: String, _ right: String) -> Bool {
    let leftView = left.utf8
    let rightView = right.utf8
    guard leftView.count == rightView.count else { return false }
    let fast = leftView.withContiguousStorageIfAvailable { leftBytes in
      rightView.withContiguousStorageIfAvailable { rightBytes in leftBytes.elementsEqual(rightBytes) }
    }
    if let fast, let result = fast { return result }
    return leftView.elementsEqual(rightView)
  }

  /// Byte order, which in UTF-8 is the order of code points.
  static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  static func hash(_ text: String, into hasher: inout Hasher) {
    let done: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    if done == nil {
      for byte in text.utf8 { hasher.combine(byte) }
    }
    hasher.combine(UInt8(0xff))
  }
}
