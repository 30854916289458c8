import SagaCore
import SagaRuntime

extension World {
  /// A message reaches a service; it is taken at once, or with others that come soon.
  func arrive(_ parcel: Parcel) {
    let service = services[parcel.to]
    guard service.engine != nil else {
      // The broker keeps what nobody takes.
      service.inbox.append(parcel)
      return
    }
    service.inbox.append(parcel)
    guard service.inbox.count == 1 else { return }
    let wait = [0, 5, 200][choices.choose(3, .delay, service.stream)]
    agenda.plan(.flush(service: service.index), at: now.advanced(byMilliseconds: Int64(wait)))
  }

  /// A service takes its inbox in one batch and does all that follows.
  func flush(_ service: SimulatedService) throws {
    guard service.engine != nil, !service.inbox.isEmpty else { return }
    if isPlanned(.zombie, .zombie, service.stream) { try freeze(service) }
    guard let engine = service.engine else { return }
    var parcels = service.inbox
    service.inbox = []
    for index in parcels.indices { parcels[index].deliveries += 1 }
    if strikes(.crash, .crash, service.stream) {
      service.inbox = parcels
      return crash(service, "before it takes \(names(parcels))")
    }
    if isTelling {
      for parcel in parcels { tell(.message, parcel.from, to: service.name, "\(parcel.type) \(parcel.key)") }
    }
    let receipts: [Receipt]
    join(service, engine)
    do {
      receipts = try engine.offer(parcels.map(\.message), now: read(service))
    } catch {
      service.inbox = parcels
      // Of a transaction that has not ended nothing is durable.
      for case let key? in parcels.lazy.map(\.correlation) where service.commitStyle == .apart {
        observations.loseSight(of: key, order: order)
      }
      try failed(service, error, while: "taking \(names(parcels))")
      return
    }
    let taken = SimulatedService.Taken(parcels: parcels, receipts: receipts, row: engine.lastSequence, order: order)
    if service.commitStyle != .apart {
      service.taken.append(taken)
      if strikes(.crash, .crash, service.stream) {
        return crash(service, "after deciding about \(names(parcels)), before that is durable")
      }
      return try pump(service)
    }
    if strikes(.crash, .crash, service.stream) {
      service.inbox = parcels
      observeAnswers(taken)
      return crash(service, "after committing \(names(parcels)), before acknowledging")
    }
    try acknowledge(taken, at: service)
    try pump(service)
  }

  private func names(_ parcels: [Parcel]) -> String { parcels.map(\.type).joined(separator: ", ") }

  /// Does what is due, sends what there is to send, and plans when to look again.
  func pump(_ service: SimulatedService) throws {
    guard let engine = service.engine else { return }
    let reading = read(service)
    var report = TickReport()
    do {
      var hasMore = true
      // A backlog goes tick by tick: joined it would be one transaction without a bound.
      var isBacklog = false
      var rounds = 0
      while hasMore {
        rounds += 1
        guard rounds < 10_000 else { throw Violation("bounded-work", "\(service.name) is never done at one moment") }
        if !isBacklog { join(service, engine) }
        report = try engine.tick(now: reading)
        coverage.localMessages += report.localMessages
        if report.firedTimers > 0 {
          coverage.firedTimers += report.firedTimers
          tell(.saga, service.name, "\(report.firedTimers) due timer\(report.firedTimers == 1 ? "" : "s") fired")
        }
        if strikes(.crash, .crash, service.stream) { return crash(service, "after its timers, before sending") }
        if !isBacklog { try settle(service, engine) }
        guard service.engine === engine else { return }
        isBacklog = report.hasMore && service.commitStyle != .apart
        hasMore = try isBacklog || relay(service, engine, reading) || report.hasMore
        guard service.engine === engine else { return }
      }
      if service.durableBook == nil {
        // Ahead of the disk a tick may only say when to look again, which for a timer of next year is often.
        if service.commitStyle == .pipelined { report.nextDue = try engine.nextDue(now: reading) }
        try checkKept(at: service)
      }
      if choices.choose(4, .maintenance, service.stream) == 3 {
        _ = try engine.maintain(now: reading, isIdle: true)
        coverage.maintained += 1
      }
      if let keepMilliseconds, choices.choose(3, .pruning, service.stream) == 2 {
        try prune(service, engine, keepMilliseconds: keepMilliseconds, reading)
      }
    } catch {
      return try failed(service, error, while: "working")
    }
    notePhases(of: service)
    planNext(service, report, try nextRetry(of: service, engine, reading))
    try checkProgress(of: service, isClockHeld: report.isClockHeld)
  }

  private func planNext(_ service: SimulatedService, _ report: TickReport, _ retry: Timestamp?) {
    // A held clock fires nothing until an operator has looked.
    let due = report.isClockHeld ? nil : report.nextDue
    guard let next = [due, retry].compactMap({ $0 }).min() else { return }
    if let time = service.clock.trueTime(of: next, now: now) { planWake(service, at: time) }
  }
}
