/// A change of a file or of a name that no sync has made durable yet.
struct PendingChange: Sendable {
  enum Kind: Sendable {
    case write(offset: Int, bytes: [UInt8])
    case resize(to: Int)
  }
  /// Its place among all changes of the disk.
  var serial: Int
  var kind: Kind
}

/// One file: what processes read, what is on the medium, and the changes between the two.
struct SimulatedFile: Sendable {
  /// The contents as the system's cache has them: what every read sees.
  private(set) var cached = PagedBytes()
  /// What is there after a power loss for sure.
  private(set) var durable = PagedBytes()
  /// Changes since the last sync, in order.
  private(set) var pending: [PendingChange] = []
  /// Pages that a failed sync marked clean: in the cache they are new, on the medium they may be old for ever.
  private(set) var abandoned: Set<Int> = []
  var openCount = 0

  init() {}

  /// A file that is on the medium as it is.
  init(durable: PagedBytes) {
    cached = durable
    self.durable = durable
  }

  mutating func write(_ source: UnsafeRawBufferPointer, at offset: Int, serial: Int) {
    cached.write(source, at: offset)
    pending.append(PendingChange(serial: serial, kind: .write(offset: offset, bytes: [UInt8](source))))
  }

  mutating func resize(to size: Int, serial: Int) {
    cached.resize(to: size)
    pending.append(PendingChange(serial: serial, kind: .resize(to: size)))
  }

  /// fsync: what is dirty becomes durable. Pages that an earlier failure abandoned do not, unless they were written again
  /// since: to the system they are clean.
  mutating func sync() {
    if pending.isEmpty { return }
    if abandoned.isEmpty {
      durable = cached
    } else {
      let dirty = dirtyPages
      durable.resize(to: cached.count)
      for page in dirty { durable.share(page: page, of: cached) }
      abandoned.subtract(dirty)
    }
    pending.removeAll()
  }

  /// A failing fsync on Linux: the error is reported once, the pages stay in the cache and are no longer dirty.
  mutating func failSync() {
    abandoned.formUnion(dirtyPages)
    pending.removeAll()
  }

  private var dirtyPages: Set<Int> {
    var pages: Set<Int> = []
    for case .write(let offset, let bytes) in pending.lazy.map(\.kind) where !bytes.isEmpty {
      pages.formUnion(offset / PagedBytes.pageBytes...(offset + bytes.count - 1) / PagedBytes.pageBytes)
    }
    return pages
  }
}
