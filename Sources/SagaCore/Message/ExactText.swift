/// A text in a set, or as a key of a dictionary, that is told from others by its code points.
///
/// `String` compares and hashes what Unicode normalisation makes of it: two keys of different bytes would be one, and a
/// sender could choose thousands of spellings of one text that all have the same hash.
struct ExactText: Hashable, Sendable {
  let text: String

  static func == (left: ExactText, right: ExactText) -> Bool { left.text.hasSameCodePoints(as: right.text) }

  func hash(into hasher: inout Hasher) {
    text.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
