import Foundation

/// What this process holds in memory.
enum ResidentMemory {
  /// Now; on other systems than Linux the most that it ever was.
  static var megabytes: Double {
    #if os(Linux)
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan
      return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
    #else
      return peakMegabytes
    #endif
  }

  /// The most that it ever was.
  static var peakMegabytes: Double {
    var usage = rusage()
    #if os(Linux)
      getrusage(RUSAGE_SELF.rawValue, &usage)
      return Double(usage.ru_maxrss) * 1024 / 1e6
    #else
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1e6
    #endif
  }
}
