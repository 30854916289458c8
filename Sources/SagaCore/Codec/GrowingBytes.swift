/// Memory that the writers of this module append to.
///
/// An array would ask at every append whether it is shared; a stored state is a hundred appends of a byte or two. Not
/// copyable, so that it has one owner who may write without asking. `@unchecked Sendable`, because that owner alone has
/// the memory.
struct GrowingBytes: ~Copyable, @unchecked Sendable {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Bytes that were appended; that many from `start` are initialised, and never more than `capacity`.
  private(set) var count = 0

  init(reservingCapacity capacity: Int) {
    self.capacity = max(capacity, 16)
    start = .allocate(capacity: self.capacity)
  }

  deinit { start.deallocate() }

  /// What was appended.
  var array: [UInt8] { [UInt8](UnsafeBufferPointer(start: start, count: count)) }

  /// What was appended from a place on.
  func array(from place: Int) -> [UInt8] { [UInt8](UnsafeBufferPointer(start: start + place, count: count - place)) }

  /// Lends what was appended for the time of a call.
  borrowing func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    body(UnsafeRawBufferPointer(start: start, count: count))
  }

  @inline(__always) mutating func append(_ byte: UInt8) {
    if count == capacity { grow(by: 1) }
    start[count] = byte
    count += 1
  }

  @inline(__always) mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    append(UnsafeRawBufferPointer(bytes))
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    if capacity - count < bytes.count { grow(by: bytes.count) }
    UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  /// Appends so many bytes again that stand at a place; where they reach into what is being appended, they repeat it.
  ///
  /// - Precondition: the place is before the end.
  mutating func append(copyOf place: Int, count more: Int) {
    precondition(place >= 0 && place < count, "only what was appended can be copied")
    if capacity - count < more { grow(by: more) }
    if place + more <= count {
      UnsafeMutableRawPointer(start + count).copyMemory(from: start + place, byteCount: more)
    } else {
      for index in 0..<more { start[count + index] = start[place + index] }
    }
    count += more
  }

  /// Eight bytes, most significant first.
  @inline(__always) mutating func append(bigEndian value: UInt64) {
    if capacity - count < 8 { grow(by: 8) }
    UnsafeMutableRawPointer(start + count).storeBytes(of: value.bigEndian, as: UInt64.self)
    count += 8
  }

  /// Writes eight bytes, most significant first, over ones that were appended.
  ///
  /// - Precondition: there are eight of them at `place`.
  mutating func replace(at place: Int, bigEndian value: UInt64) {
    precondition(place >= 0 && place + 8 <= count, "only what was appended can be replaced")
    UnsafeMutableRawPointer(start + place).storeBytes(of: value.bigEndian, as: UInt64.self)
  }

  @inline(never) private mutating func grow(by more: Int) {
    let larger = max(2 * capacity, count + more)
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    memory.update(from: start, count: count)
    start.deallocate()
    start = memory
    capacity = larger
  }
}
