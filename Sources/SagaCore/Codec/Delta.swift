/// What bytes are beside other bytes: pieces of those, pieces of what has been written so far, and what is new.
///
/// The idea is VCDIFF's (RFC 3284), the search LZ4's: windows of eight bytes, found again through a small table of their places.
///
/// ```
/// length of the target · ( new bytes, with their length · [place to copy from · bytes to copy, less the least] )*
/// ```
///
/// A place counts from the beginning of the base, goes on into the target, and is written relative to the end of the last
/// copy: bytes that stay in their order cost a byte or two. The form is part of the file format.
public enum Delta {
  /// Copies shorter than this are written as they are.
  static let leastCopy = 8
  /// A longer target is not written by this version, and not read: damaged bytes could ask for any amount of memory.
  static let maximumLength = 1 << 30
  /// The table holds places in 16 bits; what lies beyond is not found.
  private static let maximumPlace = Int(UInt16.max) - 1
  private static let tableBits = 11
  /// Only every so many windows of the base are in the table. A copy is found by any window in it and then reaches back.
  private static let stride = 4

  /// The delta that gives `target` back from `base`.
  ///
  /// - Precondition: the target is not longer than a gibibyte.
  public static func encode(_ target: [UInt8], base: [UInt8]) -> [UInt8] {
    precondition(target.count <= maximumLength, "a target of \(target.count) bytes is too long for a delta")
    let length = base.count + target.count
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { text in
      _ = text.update(fromContentsOf: base)
      _ = text[base.count...].update(fromContentsOf: target)
      return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 1 << tableBits) { table in
        table.update(repeating: 0)
        return encode(UnsafeRawBufferPointer(text), from: base.count, table)
      }
    }
  }

  /// - Parameters:
  ///   - text: the base and behind it the target.
  ///   - start: where the target begins.
  ///   - table: one more than the place of a window, by the window's hash; 0 where there is none.
  private static func encode(
    _ text: UnsafeRawBufferPointer, from start: Int, _ table: UnsafeMutableBufferPointer<UInt16>
  ) -> [UInt8] {
    let end = text.count
    let lastWindow = end - leastCopy
    func window(_ place: Int) -> UInt64 { text.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
    func slot(_ window: UInt64) -> Int {
      Int(truncatingIfNeeded: (window &* 0x9E37_79B1_85EB_CA87) >> UInt64(64 - tableBits))
    }
    var place = 0
    while place < start, place <= min(lastWindow, maximumPlace) {
      table[slot(window(place))] = UInt16(truncatingIfNeeded: place + 1)
      place += stride
    }
    var writer = ByteWriter(reservingCapacity: 64 + (end - start) / 2)
    writer.write(unsigned: UInt64(end - start))
    // What is new begins here.
    var new = start
    var lastCopyEnd = 0
    place = start
    while place <= lastWindow {
      let here = window(place)
      var from = lastCopyEnd + (place - new)
      // Mostly a changed field is as long as it was: then the copy goes on behind it.
      if from >= place || window(from) != here {
        let slot = slot(here)
        from = Int(table[slot]) - 1
        if place <= maximumPlace { table[slot] = UInt16(truncatingIfNeeded: place + 1) }
        guard from >= 0, window(from) == here else {
          // The longer nothing is found, the less is looked for.
          place += 1 + (place - new) >> 6
          continue
        }
      }
      var copied = leastCopy
      while place + copied <= lastWindow, window(place + copied) == window(from + copied) { copied += leastCopy }
      while place + copied < end, text[place + copied] == text[from + copied] { copied += 1 }
      while place > new, from > 0, text[place - 1] == text[from - 1] {
        (place, from, copied) = (place - 1, from - 1, copied + 1)
      }
      writer.write(UnsafeRawBufferPointer(rebasing: text[new..<place]))
      writer.write(from - lastCopyEnd)
      writer.write(unsigned: UInt64(copied - leastCopy))
      lastCopyEnd = from + copied
      new = place + copied
      place = new
    }
    if new < end { writer.write(UnsafeRawBufferPointer(rebasing: text[new...])) }
    return writer.bytes
  }

  /// The target of a delta.
  ///
  /// - Parameters:
  ///   - delta: what `encode` gave.
  ///   - base: what it was encoded beside.
  ///   - subject: what the bytes are, for the messages of faults.
  /// - Throws: `DecodingFault` for bytes that `encode` did not write, or not beside this base.
  public static func decode(
    _ delta: [UInt8], base: [UInt8], subject: String = "a delta"
  ) throws(DecodingFault) -> [UInt8] {
    var reader = ByteReader(delta, subject: subject)
    let length = try reader.unsigned()
    guard length <= UInt64(maximumLength) else { throw reader.fault("\(length) bytes are too many") }
    let end = base.count + Int(length)
    // The claim is not trusted with memory before the bytes are there.
    var text = GrowingBytes(reservingCapacity: min(end, base.count + 64 * delta.count))
    base.withUnsafeBytes { text.append($0) }
    var lastCopyEnd = 0
    while text.count < end {
      try reader.appendBlob(to: &text)
      if text.count >= end { break }
      let (from, isTooFar) = lastCopyEnd.addingReportingOverflow(try reader.int())
      let more = try reader.unsigned()
      guard !isTooFar, from >= 0, from < text.count, more <= length, text.count + leastCopy + Int(more) <= end else {
        throw reader.fault("a copy does not fit what stands before it")
      }
      let copied = leastCopy + Int(more)
      text.append(copyOf: from, count: copied)
      lastCopyEnd = from + copied
    }
    guard text.count == end, reader.isAtEnd else { throw reader.fault("its length is not what it says") }
    return text.array(from: base.count)
  }
}
