/// How much of what was not synced a power loss leaves.
public enum CrashSurvival: String, Sendable, Hashable, CaseIterable {
  /// Everything: the system wrote it in time.
  case kept
  /// Nothing.
  case lost
  /// Everything up to some moment, nothing after it.
  case prefix
  /// Everything up to some moment, and the write after it in part.
  case torn
  /// Any of it: each write, or each sector of a write, may be there or not, whatever the others are.
  case reordered
}

extension SimulatedDisk {
  /// Chooses one of `count` possibilities, from 0. The label says what is chosen; 0 is always the mildest.
  public typealias Choose = (_ count: Int, _ label: StaticString) -> Int

  /// What a machine finds when its power is back.
  ///
  /// - Parameters:
  ///   - choose: says how much survives, and then which of it.
  ///   - sectorBytes: the piece of a write that is there or not, 512 or 4096.
  public func afterPowerLoss(sectorBytes: Int = 512, choose: Choose) -> SimulatedDisk {
    let survival = CrashSurvival.allCases[choose(CrashSurvival.allCases.count, "what survives a power loss")]
    return afterPowerLoss(survival, sectorBytes: sectorBytes, choose: choose)
  }

  /// What a machine finds when its power is back, for one kind of survival.
  public func afterPowerLoss(
    _ survival: CrashSurvival, sectorBytes: Int = 512, choose: Choose = { _, _ in 0 }
  ) -> SimulatedDisk {
    switch survival {
    case .kept: return rebuilt(names: names) { SimulatedFile(durable: $0.cached) }
    case .lost: return rebuilt(names: durableNames) { SimulatedFile(durable: $0.durable) }
    case .prefix, .torn:
      let moments = moments
      // 0 keeps the most.
      let last = moments.count - choose(moments.count + 1, "how many changes are lost")
      let end = last == 0 ? 0 : moments[last - 1]
      let torn = survival == .torn && last < moments.count ? moments[last] : nil
      var names = durableNames
      for change in pendingNames where change.serial <= end { SimulatedDisk.apply(change, to: &names) }
      return rebuilt(names: names) { file in
        file.surviving(pages: { _ in false }) { change in
          if change.serial <= end { return [change] }
          return change.serial == torn ? change.torn(sectorBytes: sectorBytes, choose) : []
        }
      }
    case .reordered:
      var names = durableNames
      for change in pendingNames where choose(2, "a lost name") == 0 { SimulatedDisk.apply(change, to: &names) }
      return rebuilt(names: names) { file in
        file.surviving(pages: { _ in choose(2, "a page that a failed sync gave up") == 0 }) { change in
          change.scattered(sectorBytes: sectorBytes, choose)
        }
      }
    }
  }

  /// The serials of all changes that are not durable, in order.
  private var moments: [Int] {
    (files.flatMap { $0?.pending.map(\.serial) ?? [] } + pendingNames.map(\.serial)).sorted()
  }

  private func rebuilt(names: [Name], _ rebuild: (SimulatedFile) -> SimulatedFile) -> SimulatedDisk {
    let rebuilt = files.enumerated().map { number, file in
      file.flatMap { file in names.contains { $0.file == number } ? rebuild(file) : nil }
    }
    return SimulatedDisk(files: rebuilt, names: names, serial: serial)
  }
}

extension SimulatedFile {
  /// The file with the changes that `keep` makes of each pending one, and the abandoned pages that `pages` names.
  fileprivate func surviving(pages: (Int) -> Bool, keep: (PendingChange) -> [PendingChange]) -> SimulatedFile {
    var content = durable
    for page in abandoned.sorted() where pages(page) {
      let end = min(cached.count, (page + 1) * PagedBytes.pageBytes)
      if content.count < end { content.resize(to: end) }
      content.share(page: page, of: cached)
    }
    for change in pending {
      for kept in keep(change) {
        switch kept.kind {
        case .write(let offset, let bytes): bytes.withUnsafeBytes { content.write($0, at: offset) }
        case .resize(let size): content.resize(to: size)
        }
      }
    }
    return SimulatedFile(durable: content)
  }
}

extension PendingChange {
  /// A write whose power went in the middle: its beginning, its end, or its beginning and a sector of nonsense.
  fileprivate func torn(sectorBytes: Int, _ choose: SimulatedDisk.Choose) -> [PendingChange] {
    guard case .write(let offset, let bytes) = kind, bytes.count > 1 else { return [] }
    let sectors = (bytes.count + sectorBytes - 1) / sectorBytes
    let cut = sectors > 1 ? (1 + choose(sectors - 1, "where a write is torn")) * sectorBytes : bytes.count / 2
    let head = PendingChange(serial: serial, kind: .write(offset: offset, bytes: Array(bytes[..<cut])))
    switch choose(3, "how a write is torn") {
    case 0: return [head]
    case 1: return [PendingChange(serial: serial, kind: .write(offset: offset + cut, bytes: Array(bytes[cut...])))]
    default:
      let end = min(bytes.count, cut + sectorBytes)
      let nonsense = (cut..<end).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ serial) }
      return [head, PendingChange(serial: serial, kind: .write(offset: offset + cut, bytes: nonsense))]
    }
  }

  fileprivate func scattered(sectorBytes: Int, _ choose: SimulatedDisk.Choose) -> [PendingChange] {
    guard case .write(let offset, let bytes) = kind, bytes.count > sectorBytes else {
      return choose(2, "a lost change") == 0 ? [self] : []
    }
    switch choose(3, "a write that is there, lost or scattered") {
    case 0: return [self]
    case 1: return []
    default:
      return stride(from: 0, to: bytes.count, by: sectorBytes).compactMap { start in
        guard choose(2, "a lost sector") == 0 else { return nil }
        let sector = Array(bytes[start..<min(bytes.count, start + sectorBytes)])
        return PendingChange(serial: serial, kind: .write(offset: offset + start, bytes: sector))
      }
    }
  }
}
