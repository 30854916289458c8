import SagaCore

extension ShardReader {
  /// Instances by id (the order they started in), `limit` at a time.
  ///
  /// - Parameters:
  ///   - filter: only those that match.
  ///   - after: the last id of the page before.
  ///   - limit: how many at most.
  public func instances(
    _ filter: InstanceFilter = InstanceFilter(), after: InstanceID = 0, limit: Int = 100
  ) throws -> [InstanceView] {
    let machines = filter.saga == nil && filter.role == nil ? nil : machineIDs(filter)
    let fresh = try tail.order.sorted().filter { $0 > after }.compactMap { try instance($0) }
      .filter { matches($0, filter) }
    var found: [InstanceView] = []
    var token = after == 0 ? nil : PageToken([after])
    let query = StoreQuery.instances(statuses: filter.statuses?.map(\.rawValue), machines: machines)
    repeat {
      let page = try store.page(query, after: token, limit: limit)
      for stored in page.instances where tail.instances[stored.id] == nil {
        if let isPaused = filter.isPaused, stored.isPaused != isPaused { continue }
        found.append(try view(stored))
      }
      token = page.next
    } while token != nil && found.count < limit
    // Of the tail only those belong on this page that come before what was not read yet.
    let end = token == nil || found.count < limit ? InstanceID.max : found[limit - 1].id
    found += fresh.filter { $0.id <= end }
    return Array(found.sorted { $0.id < $1.id }.prefix(limit))
  }

  private func matches(_ view: InstanceView, _ filter: InstanceFilter) -> Bool {
    (filter.saga.map { $0 == view.machine.saga } ?? true) && (filter.role.map { $0 == view.machine.role } ?? true)
      && (filter.statuses?.contains(view.status) ?? true) && (filter.isPaused.map { $0 == view.isPaused } ?? true)
  }

  private func machineIDs(_ filter: InstanceFilter) -> [MachineID] {
    recovered.machines.filter { machine in
      (filter.saga.map { $0 == machine.saga } ?? true) && (filter.role.map { $0 == machine.role } ?? true)
    }.map(\.id)
  }

  /// Dead letters by their journal sequence.
  ///
  /// - Parameters:
  ///   - onlyUnresolved: leaves out what was replayed or discarded.
  ///   - after: the last sequence of the page before.
  ///   - limit: how many at most.
  public func deadLetters(
    onlyUnresolved: Bool = true, after: JournalSequence = 0, limit: Int = 100
  ) throws -> [DeadLetterView] {
    let token = after == 0 ? nil : PageToken([after])
    let entries = try store.page(.deadLetters(onlyUnresolved: onlyUnresolved), after: token, limit: limit).deadLetters
    let rows = try store.rows(entries.map(\.sequence))
    return try entries.compactMap { entry in
      guard let row = rows.first(where: { $0.sequence == entry.sequence }) else { return nil }
      return try deadLetter(entry, row)
    }
  }

  private func deadLetter(_ entry: DeadLetterEntry, _ row: JournalRow) throws -> DeadLetterView {
    let record = try DecidedRecord(decoding: row.decided)
    let machine = try record.machine.map { identity(of: $0) } ?? row.instance.flatMap { try instance($0)?.machine }
    var state: String?
    for case .refused(let name) in record.facts.isEmpty ? [] : try Fact.decode(record.facts) { state = name }
    return DeadLetterView(
      sequence: entry.sequence, at: row.at, fault: record.fault ?? MessageFault(code: "?", message: ""),
      machine: machine, instance: row.instance, state: state, bytes: row.input ?? [], resolution: entry.resolution)
  }

  /// The number by which rows name a lane; nil where nothing has left by it.
  package func laneID(named name: String) -> LaneID? { tail.lanes.first { $0.name == name }?.id }

  /// The lanes in the order of their numbers, as of the last commit.
  public func lanes() throws -> [LaneView] {
    tail.lanes.sorted { $0.id < $1.id }.map { lane in
      LaneView(
        name: lane.name, position: OutgoingPosition(sequence: lane.sequence, effect: lane.effect),
        lagRows: max(0, tail.lastSequence - lane.sequence + 1), held: recovered.held.count { $0.lane == lane.id })
    }
  }

  /// Held messages by (lane, sequence, effect).
  public func held(lane name: String? = nil, limit: Int = 100) throws -> [HeldView] {
    let names = Dictionary(tail.lanes.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    let chosen = recovered.held.filter { name == nil || names[$0.lane] == name }.sorted { $0.place < $1.place }
    return try chosen.prefix(limit).map { held in
      let outgoing = try store.rows([held.sequence]).first?.outgoing
      let records = try outgoing.map { try OutgoingRecord.decode($0) } ?? []
      let record = records.indices.contains(Int(held.effect)) ? records[Int(held.effect)] : nil
      return HeldView(lane: names[held.lane] ?? "?", held: held, message: try record.map { try $0.message() })
    }
  }

  /// Counts over the whole shard; reads every folded instance's header.
  public func statistics() throws -> ShardStatistics {
    var statistics = ShardStatistics()
    var counts = [Int](repeating: 0, count: 6)
    func count(_ status: Int64, _ isPaused: Bool, _ wakeAt: Timestamp?) {
      counts[Int(status)] += 1
      if isPaused { statistics.paused += 1 }
      if let wakeAt { statistics.oldestDue = min(statistics.oldestDue ?? wakeAt, wakeAt) }
    }
    var token: PageToken?
    repeat {
      let page = try store.page(.headers(statuses: nil, machines: nil), after: token, limit: 1000)
      for stored in page.headers where tail.instances[stored.id] == nil {
        count(stored.status, stored.isPaused, stored.wakeAt)
      }
      token = page.next
    } while token != nil
    for id in tail.order {
      guard let (stored, _, _) = try tail.instance(id) else { continue }
      count(stored.status, stored.isPaused, stored.wakeAt)
    }
    statistics.instances = InstanceStatus.allCases.map { ($0, counts[Int($0.rawValue)]) }
    statistics.lanes = try lanes()
    statistics.unresolvedDeadLetters = try countPages(.deadLetters(onlyUnresolved: true)) { $0.deadLetters.count }
    statistics.parked = try countPages(.parked(expiringBy: nil)) { $0.parked.count }
    statistics.lastSequence = tail.lastSequence
    statistics.foldedSequence = recovered.foldedSequence
    statistics.epoch = recovered.epoch
    statistics.clock = tail.clock
    return statistics
  }

  private func countPages(_ query: StoreQuery, _ count: (Page) -> Int) throws -> Int {
    var total = 0
    var token: PageToken?
    repeat {
      let page = try store.page(query, after: token, limit: 1000)
      total += count(page)
      token = page.next
    } while token != nil
    return total
  }
}
