/// The bytes of a file, in pages that copies share until one of them writes.
struct PagedBytes: Sendable {
  /// The page size of Linux's page cache: what a failed fsync forgets, it forgets by the page.
  static let pageBytes = 4096

  /// Unchecked: a page is written only while a single `PagedBytes` refers to it, and read-only otherwise.
  private final class Page: @unchecked Sendable {
    let bytes: UnsafeMutableRawPointer

    init() {
      bytes = .allocate(byteCount: PagedBytes.pageBytes, alignment: 16)
      bytes.initializeMemory(as: UInt8.self, repeating: 0, count: PagedBytes.pageBytes)
    }

    init(copying other: Page) {
      bytes = .allocate(byteCount: PagedBytes.pageBytes, alignment: 16)
      bytes.copyMemory(from: other.bytes, byteCount: PagedBytes.pageBytes)
    }

    deinit { bytes.deallocate() }
  }

  /// nil is a hole, which reads as zeros.
  private var pages: [Page?] = []
  /// The size of the file.
  private(set) var count = 0

  /// Copies what is there into `target`.
  ///
  /// - Returns: how many bytes there were; the rest of `target` is zero.
  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    let available = max(0, min(target.count, count - offset))
    var done = 0
    while done < available {
      let (index, start) = (offset + done).quotientAndRemainder(dividingBy: Self.pageBytes)
      let length = min(available - done, Self.pageBytes - start)
      let place = UnsafeMutableRawBufferPointer(rebasing: target[done..<done + length])
      if let page = pages[index] {
        place.copyMemory(from: UnsafeRawBufferPointer(start: page.bytes + start, count: length))
      } else {
        place.initializeMemory(as: UInt8.self, repeating: 0)
      }
      done += length
    }
    if done < target.count {
      UnsafeMutableRawBufferPointer(rebasing: target[done...]).initializeMemory(as: UInt8.self, repeating: 0)
    }
    return available
  }

  mutating func write(_ source: UnsafeRawBufferPointer, at offset: Int) {
    guard !source.isEmpty else { return }
    if offset + source.count > count { resize(to: offset + source.count) }
    var done = 0
    while done < source.count {
      let (index, start) = (offset + done).quotientAndRemainder(dividingBy: Self.pageBytes)
      let length = min(source.count - done, Self.pageBytes - start)
      let place = UnsafeMutableRawBufferPointer(start: own(index) + start, count: length)
      place.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[done..<done + length]))
      done += length
    }
  }

  mutating func resize(to size: Int) {
    let needed = (size + Self.pageBytes - 1) / Self.pageBytes
    if needed < pages.count {
      pages.removeLast(pages.count - needed)
    } else {
      while pages.count < needed { pages.append(nil) }
    }
    let used = size % Self.pageBytes
    if size < count, used > 0, pages[needed - 1] != nil {
      // What lies behind the end must not come back when the file grows again.
      (own(needed - 1) + used).initializeMemory(as: UInt8.self, repeating: 0, count: Self.pageBytes - used)
    }
    count = size
  }

  /// Shares one page of another file of the same size or larger.
  mutating func share(page index: Int, of other: PagedBytes) {
    guard index < pages.count else { return }
    pages[index] = index < other.pages.count ? other.pages[index] : nil
  }

  /// A page that nobody else sees.
  private mutating func own(_ index: Int) -> UnsafeMutableRawPointer {
    guard pages[index] != nil else {
      let page = Page()
      pages[index] = page
      return page.bytes
    }
    // Optional chaining, so that no constant holds a second reference while this is asked.
    if !isKnownUniquelyReferenced(&pages[index]) { pages[index] = pages[index].map { Page(copying: $0) } }
    return pages[index]!.bytes
  }
}
