/// Numbers tuples of component states and knows which tuple comes of replacing one component.
struct TupleTable {
  let width: Int
  private var tuples = Numbering<[UInt32]>()
  private var flat: [UInt32] = []
  private var replacements = WordTable()

  /// Components are numbered below it, so that a replacement fits in a word.
  static let maximumComponents: UInt32 = 1 << 27

  init(width: Int) {
    precondition(width <= 32, "a replacement of more than 32 components fits in no word")
    self.width = width
  }

  var count: Int { tuples.count }

  mutating func number(of tuple: [UInt32]) -> UInt32 {
    let known = tuples.count
    let number = tuples.number(of: tuple)
    if tuples.count > known { flat += tuple }
    return number
  }

  @inline(__always)
  func component(_ index: Int, of tuple: UInt32) -> UInt32 { flat[Int(tuple) * width + index] }

  func components(of tuple: UInt32) -> ArraySlice<UInt32> { flat[Int(tuple) * width..<(Int(tuple) + 1) * width] }

  @inline(__always)
  mutating func replacing(_ index: Int, of tuple: UInt32, by component: UInt32) -> UInt32 {
    if self.component(index, of: tuple) == component { return tuple }
    precondition(component < Self.maximumComponents, "a component beyond 2^27 would share its word with another one's")
    let key = UInt64(tuple) << 32 | UInt64(index) << 27 | UInt64(component)
    if let known = replacements[key] { return known }
    var values = Array(components(of: tuple))
    values[index] = component
    let number = number(of: values)
    replacements.add(key, number)
    return number
  }

  var bytes: Int { replacements.bytes + flat.capacity * 4 + tuples.count * (width * 4 + 72) }
}
