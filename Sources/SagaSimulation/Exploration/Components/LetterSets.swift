/// Numbers sets of letters in flight and remembers what comes of taking one out and putting some in.
///
/// Sets, not multisets: of two copies of a letter on the way to the same receiver one is enough. The receiver recognises
/// the second (`NodeModel` and `ParticipantsModel` check that, they do not assume it), so whatever can happen with two
/// can happen with one, with as much or more left of the bounds.
struct LetterSets {
  private var sets = Numbering<[UInt32]>()
  private var removals = WordTable()
  private var additions = WordTable()

  static let empty: UInt32 = 0

  init() { _ = sets.number(of: []) }

  var count: Int { sets.count }

  /// The letters of a set, ascending.
  @inline(__always)
  subscript(number: UInt32) -> [UInt32] { sets[number] }

  /// - Parameter letters: ascending, each once.
  mutating func number(of letters: [UInt32]) -> UInt32 { sets.number(of: letters) }

  @inline(__always)
  mutating func removing(_ letter: UInt32, from set: UInt32) -> UInt32 {
    let key = UInt64(set) << 32 | UInt64(letter)
    if let known = removals[key] { return known }
    let number = sets.number(of: sets[set].filter { $0 != letter })
    removals.add(key, number)
    return number
  }

  /// The union of two sets.
  @inline(__always)
  mutating func adding(_ added: UInt32, to set: UInt32) -> UInt32 {
    if added == LetterSets.empty { return set }
    if set == LetterSets.empty { return added }
    let key = UInt64(set) << 32 | UInt64(added)
    if let known = additions[key] { return known }
    let number = sets.number(of: Array(Set(sets[set] + sets[added])).sorted())
    additions.add(key, number)
    return number
  }

  var bytes: Int { removals.bytes + additions.bytes + sets.values.reduce(0) { $0 + 4 * $1.count + 72 } }
}
