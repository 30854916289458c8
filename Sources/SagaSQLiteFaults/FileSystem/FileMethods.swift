import CSQLite
import SagaSQLite

/// What SQLite allocates for an open file: its own part first, then ours.
struct OpenFileSlot {
  var base: sqlite3_file
  /// Retained from xOpen to xClose.
  var file: Unmanaged<OpenFile>?
}

/// The methods of an open file (`sqlite3_io_methods`, version 2: without memory-mapped reads).
enum FileMethods {
  /// Unsafe to the compiler only: it is written once, before anybody sees it, and read ever after.
  nonisolated(unsafe) static let table: UnsafeMutablePointer<sqlite3_io_methods> = {
    let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    table.initialize(to: sqlite3_io_methods())
    table.pointee.iVersion = 2
    setFileMethods(table)
    setLockMethods(table)
    return table
  }()

  private static func setFileMethods(_ table: UnsafeMutablePointer<sqlite3_io_methods>) {
    table.pointee.xClose = { file in
      let slot = UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFileSlot.self)
      slot.pointee.file?.takeRetainedValue().close()
      slot.pointee.file = nil
      slot.pointee.base.pMethods = nil
      return SQLITE_OK
    }
    table.pointee.xRead = { file, target, count, offset in
      opened(file).read(into: UnsafeMutableRawBufferPointer(start: target, count: Int(count)), at: Int(offset))
    }
    table.pointee.xWrite = { file, source, count, offset in
      opened(file).write(UnsafeRawBufferPointer(start: source, count: Int(count)), at: Int(offset))
    }
    table.pointee.xTruncate = { file, size in opened(file).truncate(to: Int(size)) }
    table.pointee.xSync = { file, _ in opened(file).sync() }
    table.pointee.xFileSize = { file, size in opened(file).size(&size!.pointee) }
    // SQLite asks for more than it needs, such as its own pragmas.
    table.pointee.xFileControl = { file, operation, _ in
      operation == DirectorySync.fileControl ? opened(file).syncDirectory() : SQLITE_NOTFOUND
    }
    // As SQLite takes a file on Linux to be.
    table.pointee.xSectorSize = { _ in 4096 }
    table.pointee.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
  }

  private static func setLockMethods(_ table: UnsafeMutablePointer<sqlite3_io_methods>) {
    table.pointee.xLock = { file, level in opened(file).lock(to: level) }
    table.pointee.xUnlock = { file, level in opened(file).unlock(to: level) }
    table.pointee.xCheckReservedLock = { file, answer in opened(file).checkReservedLock(&answer!.pointee) }
    table.pointee.xShmMap = { file, index, bytes, extend, region in
      opened(file).mapSharedMemory(Int(index), bytes: Int(bytes), extend: extend != 0, &region!.pointee)
    }
    table.pointee.xShmLock = { file, first, count, flags in
      opened(file).lockSharedMemory(Int(first), count: Int(count), flags: flags)
    }
    // One thread: everything is seen in the order in which it was done.
    table.pointee.xShmBarrier = { _ in }
    table.pointee.xShmUnmap = { file, _ in
      opened(file).releaseSharedMemory()
      return SQLITE_OK
    }
  }
}

private func opened(_ file: UnsafeMutablePointer<sqlite3_file>?) -> OpenFile {
  // A slot that SQLite hands in was filled by xOpen.
  UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFileSlot.self).pointee.file!.takeUnretainedValue()
}
