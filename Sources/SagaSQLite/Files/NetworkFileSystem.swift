#if canImport(Darwin)
  import Darwin
#else
  import CSQLite
#endif

/// File systems on which SQLite's locks and its shared memory do not work between machines.
///
/// Not refused: FUSE and 9P, which are as often a local disk seen through a container's sandbox.
enum NetworkFileSystem {
  /// The type of a path's file system if it is one of them.
  static func name(of path: String) -> String? {
    #if canImport(Darwin)
      var status = statfs()
      guard statfs(path, &status) == 0, status.f_flags & UInt32(MNT_LOCAL) == 0 else { return nil }
      return withUnsafeBytes(of: status.f_fstypename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    #else
      var status = statfs()
      guard statfs(path, &status) == 0 else { return nil }
      return name(ofType: UInt32(truncatingIfNeeded: status.f_type))
    #endif
  }

  /// By Linux's `f_type` (statfs(2)).
  static func name(ofType type: UInt32) -> String? {
    switch type {
    case 0x6969: "NFS"
    case 0x517B, 0xFE53_4D42, 0xFF53_4D42: "SMB"
    case 0x5346_414F, 0x6B41_4653: "AFS"
    case 0x7375_7245: "Coda"
    case 0x564C: "NCP"
    case 0x00C3_6400: "Ceph"
    case 0x0BD0_0BD0: "Lustre"
    case 0x4750_4653: "GPFS"
    case 0x1983_0326: "BeeGFS"
    default: nil
    }
  }
}
