import SagaRuntime

/// Commits that are joined, and become durable beside decisions: what a service's loop does (`ShardLoop`), one step at a time.
/// Nobody hears of a decision before it is durable, and what is lost is lost whole.
extension World {
  /// What the service does from here on is one transaction, until `settle`.
  func join(_ service: SimulatedService, _ engine: ShardEngine) {
    guard service.commitStyle != .apart else { return }
    engine.joinCommits()
    service.isJoining = true
    if service.durableBook == nil { service.durableBook = service.book }
  }

  /// Makes durable what was decided since `join`, or hands it over, and tells the senders.
  func settle(_ service: SimulatedService, _ engine: ShardEngine) throws {
    guard service.commitStyle != .apart else { return }
    let isAhead = service.book.lastSequence > (service.durableBook ?? service.book).lastSequence
    if isAhead, service.commitStyle == .pipelined, choices.choose(2, .joining, service.stream) == 1 {
      return try handOver(service, engine)
    }
    try engine.commitJoined()
    let (before, taken) = (service.durableBook, service.taken)
    (service.isJoining, service.durableBook, service.taken) = (false, nil, [])
    defer { noteFirings(from: before, to: service.book) }
    if !taken.isEmpty, strikes(.crash, .crash, service.stream) {
      for taken in taken { observeAnswers(taken) }
      service.inbox = taken.flatMap(\.parcels) + service.inbox
      return crash(service, "after committing, before acknowledging")
    }
    for taken in taken { try acknowledge(taken, at: service) }
  }

  private func handOver(_ service: SimulatedService, _ engine: ShardEngine) throws {
    service.handedOver.append(SimulatedService.HandedOver(taken: service.taken, book: service.book))
    service.taken = []
    service.isJoining = false
    let told = Told(world: self, service: service, engine: engine)
    try engine.handOverJoined { told.tell() }
    let pause: Int64 = [0, 5, 200][choices.choose(3, .joining, service.stream)]
    planWake(service, at: now.advanced(byMilliseconds: pause))
  }

  /// What is done when a transaction is durable; a process that has died tells nobody.
  ///
  /// `@unchecked Sendable`: a world has one thread.
  private struct Told: @unchecked Sendable {
    unowned let world: World
    unowned let service: SimulatedService
    weak var engine: ShardEngine?

    func tell() {
      if let engine, service.engine === engine { world.becameDurable(service) }
    }
  }

  private func becameDurable(_ service: SimulatedService) {
    let done = service.handedOver.removeFirst()
    let before = service.durableBook
    service.durableBook = service.isJoining || !service.handedOver.isEmpty ? done.book : nil
    defer { noteFirings(from: before, to: done.book) }
    do throws(Violation) {
      for taken in done.taken { try acknowledge(taken, at: service) }
    } catch {
      // The engine is in the middle of a commit: the run ends when it is out of it.
      if commitViolation == nil { commitViolation = error }
    }
  }

  /// The senders hear that their messages are taken.
  func acknowledge(_ taken: SimulatedService.Taken, at service: SimulatedService) throws(Violation) {
    // The book ends where a commit was found wrong.
    if let commitViolation { throw commitViolation }
    if let durable = service.durableStore?.durableSequence, durable < taken.row {
      throw Violation(
        "durable-first", "\(service.name) acknowledges row \(taken.row), and only row \(durable) is durable")
    }
    for (parcel, receipt) in zip(taken.parcels, taken.receipts) {
      try observe(parcel, receipt, of: taken, at: service)
    }
    if let last = taken.parcels.last { observations.lastTaken[service.index] = last.bytes }
  }

  /// What the outside learns of receipts that nobody has seen.
  func observeAnswers(_ taken: SimulatedService.Taken) {
    for (parcel, receipt) in zip(taken.parcels, taken.receipts) { observeAnswer(parcel, receipt, of: taken) }
  }

  /// Timers that fired in a transaction: what was still awaited after it may have timed out.
  private func noteFirings(from before: JournalBook?, to book: JournalBook) {
    guard let before else { return }
    for (source, row) in book.firings where before.firings[source] != row { observations.noteFiring(source) }
  }

  /// What leaves a service is durable.
  func checkDurable(_ delivery: OutgoingDelivery, of service: SimulatedService) throws(Violation) {
    if let commitViolation { throw commitViolation }
    if let durable = service.durableStore?.durableSequence, delivery.position.sequence > durable {
      throw Violation(
        "durable-first",
        "\(service.name) sends \(delivery.type) of row \(delivery.position.sequence), and only row \(durable) is durable"
      )
    }
  }

  /// The process dies: what was on its way is done or not, and the senders of what was taken have not heard.
  func loseWhatIsNotDurable(_ service: SimulatedService) {
    service.engine = nil
    service.isJoining = false
    if !service.handedOver.isEmpty, choices.choose(2, .joining, service.stream) == 1, !service.storage.isDown {
      do throws(CommitError) {
        try service.store?.pipeline?.finish()
      } catch {
        // Whether it is there the next recovery says.
      }
    }
    let lost = service.handedOver.flatMap(\.taken) + service.taken
    for index in service.handedOver.indices { service.handedOver[index].taken = [] }
    service.taken = []
    service.lost += lost
    service.inbox = lost.flatMap(\.parcels) + service.inbox
  }

  /// Recovery finds a transaction whole or not at all, and with it what was taken.
  func findBook(of service: SimulatedService, at last: JournalSequence) throws(Violation) {
    for taken in service.lost where taken.row <= last { observeAnswers(taken) }
    service.lost = []
    defer {
      service.durableBook = nil
      service.handedOver = []
    }
    guard let durable = service.durableBook else { return }
    let ends = [durable] + service.handedOver.map(\.book) + [service.book]
    if let book = ends.last(where: { $0.lastSequence == last }) {
      service.book = book
      noteFirings(from: durable, to: book)
      // What was in memory may have been ahead of it.
      observations.forgetMemory(of: service.index) { (book.revisions[$0] ?? 0) < $1 }
      return
    }
    guard last > durable.lastSequence, last < service.book.lastSequence else {
      if last < durable.lastSequence { service.book = durable }
      return
    }
    throw Violation(
      "whole-transactions",
      "\(service.name) comes back with row \(last); its transactions end with rows "
        + ends.map { "\($0.lastSequence)" }.joined(separator: ", "))
  }
}
