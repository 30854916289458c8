import SagaCore
import SagaRuntime

extension SQLiteStore {
  /// How many instances a page may look at to find the ones it wants; a page cut off there is short but has a `next`.
  static let instancesExaminedPerPage = 65_536

  private static let openStatuses = InstanceStatus.allCases.filter { !$0.isFinal }.map(\.rawValue)

  /// Whether only open instances are asked for, which have an index.
  private static func areOpen(_ statuses: [Int64]?) -> Bool {
    statuses?.allSatisfy { openStatuses.contains($0) } ?? false
  }

  /// A page of at most `limit` elements (at least one); `next` is nil at the end, and only then.
  ///
  /// - Throws: `SQLiteStoreError`, `SQLiteError`.
  public func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    let limit = max(1, limit)
    return try reading {
      switch query {
      case .instances(let statuses, let machines):
        let query = Self.areOpen(statuses) ? Query.openInstancesAfter : .instancesAfter
        return try page(of: \.instances, query, statusColumn: 6, statuses, machines, after, limit) {
          $0.storedInstance()
        }
      case .headers(let statuses, let machines):
        let query = Self.areOpen(statuses) ? Query.openHeadersAfter : .headersAfter
        return try page(of: \.headers, query, statusColumn: 2, statuses, machines, after, limit) {
          $0.instanceHeader()
        }
      case .deadLetters(let onlyUnresolved):
        return try deadLetters(onlyUnresolved: onlyUnresolved, after: after, limit: limit)
      case .parked(let expiringBy): return try parked(expiringBy: expiringBy, after: after, limit: limit)
      case .held(let lane): return try held(lane: lane, after: after, limit: limit)
      }
    }
  }

  /// Instances by id, as far as a listing reads them; the id is column 0, the machine column 1.
  private func page<Row>(
    of list: WritableKeyPath<Page, [Row]>, _ query: Query, statusColumn: Int32, _ statuses: [Int64]?,
    _ machines: [MachineID]?, _ after: PageToken?, _ limit: Int, read: (Statement) -> Row
  ) throws -> Page {
    let machines = machines.map(Set.init)
    let statement = try connection.statement(query)
    statement.bind(1, after.part(0) ?? 0)
    var page = Page()
    var found: [Row] = []
    var examined = 0
    try statement.rows {
      examined += 1
      // There are five statuses: a list of them is looked through faster than a set.
      let isWanted =
        statuses?.contains(statement.integer(statusColumn)) ?? true
        && machines?.contains(statement.integer(1)) ?? true
      if isWanted { found.append(read(statement)) }
      guard found.count == limit || examined == Self.instancesExaminedPerPage else { return true }
      page.next = PageToken([statement.integer(0)])
      return false
    }
    page[keyPath: list] = found
    return page
  }

  private func deadLetters(onlyUnresolved: Bool, after: PageToken?, limit: Int) throws -> Page {
    let statement = try connection.statement(onlyUnresolved ? .unresolvedDeadLettersAfter : .deadLettersAfter)
    statement.bind(1, after.part(0) ?? 0)
    statement.bind(2, Int64(limit))
    var page = Page()
    page.deadLetters = try collect(statement) { $0.deadLetter() }
    if page.deadLetters.count == limit { page.next = page.deadLetters.last.map { PageToken([$0.sequence]) } }
    return page
  }

  /// The token holds the whole sort key: several messages may expire at one time.
  private func parked(expiringBy: Timestamp?, after: PageToken?, limit: Int) throws -> Page {
    let statement = try connection.statement(.parkedPage)
    statement.bind(1, after.part(0) ?? .min)
    statement.bind(2, after.part(1) ?? 0)
    statement.bind(3, after.hash(2))
    statement.bind(4, after.hash(4))
    statement.bind(5, expiringBy?.milliseconds ?? .max)
    statement.bind(6, Int64(limit))
    var page = Page()
    page.parked = try collect(statement) { $0.parkedMessage() }
    if page.parked.count == limit, let last = page.parked.last {
      page.next = PageToken([last.expiresAt.milliseconds, last.sequence] + last.key.parts + last.id.parts)
    }
    return page
  }

  private func held(lane: LaneID?, after: PageToken?, limit: Int) throws -> Page {
    let statement = try connection.statement(lane == nil ? .heldAfter : .heldOfLane)
    statement.bind(1, lane ?? after.part(0) ?? .min)
    statement.bind(2, after.part(1) ?? 0)
    statement.bind(3, after.part(2) ?? -1)
    statement.bind(4, Int64(limit))
    var page = Page()
    page.held = try collect(statement) { $0.heldMessage() }
    if page.held.count == limit, let last = page.held.last {
      page.next = PageToken([last.lane, last.sequence, last.effect])
    }
    return page
  }
}

extension Optional where Wrapped == PageToken {
  /// A part of a token; nil without a token, and for one that another query made.
  fileprivate func part(_ index: Int) -> Int64? {
    guard let parts = self?.parts, index < parts.count else { return nil }
    return parts[index]
  }

  fileprivate func hash(_ index: Int) -> Hash128 {
    Hash128(
      high: UInt64(bitPattern: part(index) ?? 0), low: UInt64(bitPattern: part(index + 1) ?? 0))
  }
}

extension Hash128 {
  fileprivate var parts: [Int64] { [Int64(bitPattern: high), Int64(bitPattern: low)] }
}
