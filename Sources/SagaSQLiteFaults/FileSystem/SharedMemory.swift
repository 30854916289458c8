import CSQLite

/// The index of a write-ahead log, shared by the connections to one database. It is memory, not disk: it ends with the last
/// connection, and a power loss takes it.
final class SharedMemory {
  private var regions: [UnsafeMutableRawPointer] = []

  deinit { for region in regions { region.deallocate() } }

  /// A region; nil when there is none yet and none shall be made.
  func region(_ index: Int, bytes: Int, extend: Bool) -> UnsafeMutableRawPointer? {
    while regions.count <= index {
      guard extend else { return nil }
      let region = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
      region.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
      regions.append(region)
    }
    return regions[index]
  }
}

extension OpenFile {
  func mapSharedMemory(
    _ index: Int, bytes: Int, extend: Bool, _ region: inout UnsafeMutableRawPointer?
  ) -> Int32 {
    if let code = refusal(.sharedMemoryMap, index, bytes) { return code }
    if sharedMemory == nil { sharedMemory = others.lazy.compactMap(\.sharedMemory).first ?? SharedMemory() }
    region = sharedMemory?.region(index, bytes: bytes, extend: extend)
    return SQLITE_OK
  }

  func lockSharedMemory(_ first: Int, count: Int, flags: Int32) -> Int32 {
    let mask = ((UInt32(1) << UInt32(count)) - 1) << UInt32(first)
    if flags & SQLITE_SHM_UNLOCK != 0 {
      // SQLite looks at no error here, and memory has none.
      sharedSlots &= ~mask
      exclusiveSlots &= ~mask
      return SQLITE_OK
    }
    if let code = refusal(.sharedMemoryLock, first, count) { return code }
    if flags & SQLITE_SHM_SHARED != 0 {
      if others.contains(where: { $0.exclusiveSlots & mask != 0 }) { return SQLITE_BUSY }
      sharedSlots |= mask
    } else {
      if others.contains(where: { ($0.exclusiveSlots | $0.sharedSlots) & mask != 0 }) { return SQLITE_BUSY }
      exclusiveSlots |= mask
    }
    return SQLITE_OK
  }

  func releaseSharedMemory() {
    sharedMemory = nil
    sharedSlots = 0
    exclusiveSlots = 0
  }
}
