import SagaCore

extension MemoryStore {
  public func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    let limit = max(1, limit)
    var page = Page()
    switch query {
    case .instances(let statuses, let machines):
      page.instances = cut(instances(statuses, machines), by: { [$0.id] }, after, limit, &page.next)
    case .headers(let statuses, let machines):
      page.headers = cut(instances(statuses, machines), by: { [$0.id] }, after, limit, &page.next).map(
        InstanceHeader.init)
    case .deadLetters(let onlyUnresolved):
      if contents.deadLetters.isEmpty { break }
      let all = contents.deadLetters.values.filter { !onlyUnresolved || $0.resolvedSequence == nil }
      page.deadLetters = cut(all, by: { [$0.sequence] }, after, limit, &page.next)
    case .parked(let expiringBy):
      if contents.parked.isEmpty { break }
      let all = contents.parked.values.flatMap { $0 }.filter { message in
        expiringBy.map { message.expiresAt <= $0 } ?? true
      }
      // One row may be parked under several keys, with one time.
      page.parked = cut(all, by: \.listingPlace, after, limit, &page.next)
    case .held(let lane):
      let all = contents.held.values.filter { lane == nil || $0.lane == lane }
      page.held = cut(all, by: { [$0.lane, $0.sequence, $0.effect] }, after, limit, &page.next)
    }
    return page
  }

  private func instances(_ statuses: [Int64]?, _ machines: [MachineID]?) -> [StoredInstance] {
    contents.instances.values.filter {
      (statuses?.contains($0.status) ?? true) && (machines?.contains($0.machine) ?? true)
    }
  }

  private func cut<Row>(
    _ rows: [Row], by place: (Row) -> [Int64], _ after: PageToken?, _ limit: Int, _ next: inout PageToken?
  ) -> [Row] {
    let placed = rows.map { (row: $0, place: place($0)) }
      .filter { placed in after.map { $0.parts.lexicographicallyPrecedes(placed.place) } ?? true }
      .sorted { $0.place.lexicographicallyPrecedes($1.place) }
    if placed.count > limit { next = placed.prefix(limit).last.map { PageToken($0.place) } }
    return placed.prefix(limit).map(\.row)
  }
}

extension ParkedMessage {
  fileprivate var listingPlace: [Int64] {
    [expiresAt.milliseconds, sequence] + [key.high, key.low, id.high, id.low].map { Int64(bitPattern: $0) }
  }
}
