import Logging
import SagaCore

/// The loop of a shard's thread: take, decide and commit together, send what is ready, sleep until something is due.
final class ShardLoop {
  private let engine: ShardEngine
  private let mailbox: Mailbox<ShardRunner.Work>
  private let streams: [ShardRunner.LaneStream]
  private let advances: JournalSignal
  private let logger: Logger
  private let metrics: MetricSet
  /// The way to other shards; nil where there are none.
  private let exchange: ShardExchange?
  private var shard: Int { engine.configuration.shard.index }
  /// Positions that the calls of each lane's transport hold, by the batch's number.
  private var inFlight: [String: [Int: [OutgoingPosition]]] = [:]
  private var nextBatch = 0
  private var nextDue: Timestamp?
  private var isStopping = false
  /// What has been done for callers and is not durable yet.
  private var untold: [Told] = []
  /// What callers hear when it is durable, which it becomes meanwhile.
  private var handedOver: HandedOver?

  /// Something that a caller waits to hear.
  private enum Told: Sendable {
    case delivered(Waiting, Receipt)
    case served(ShardRunner.ServiceWork, (any Error)?)

    func resume() {
      switch self {
      case .delivered(let waiting, let receipt): waiting.waiter.resume(returning: receipt)
      case .served(let work, let outcome): work.finish(outcome)
      }
    }

    func resume(throwing error: any Error) {
      switch self {
      case .delivered(let waiting, _): waiting.waiter.resume(throwing: error)
      case .served(let work, _): work.finish(error)
      }
    }
  }

  /// What is told by the thread that makes it durable.
  ///
  /// `@unchecked Sendable`: `isTold` is read after the engine has waited for that thread.
  private final class HandedOver: @unchecked Sendable {
    private let told: [Told]
    private(set) var isTold = false

    init(_ told: [Told]) { self.told = told }

    func tell() {
      isTold = true
      for told in told { told.resume() }
    }

    func refuse(with error: any Error) { for told in told { told.resume(throwing: error) } }
  }

  private var lastWork = WallClock.monotonicMilliseconds
  private var lastSample: Int64 = 0
  private var countedForeign: Int64 = 0
  /// Ends what transports are doing.
  private let cancelTransports: () -> Void
  /// Where the loop looks at the clock.
  private let readClock: () -> WallClock.Reading
  private var clockOffset: Int64

  /// How long nothing must happen before idle work is done.
  static let idleMilliseconds: Int64 = 50
  static let retryMilliseconds: Int64 = 1000
  /// How often gauges are set.
  static let sampleMilliseconds: Int64 = 1000
  /// How long a restarted shard with overdue timers waits for input that has not come yet.
  static let restartWaitMilliseconds: Int64 = 100
  /// How much must wait to be decided while a commit becomes durable on another thread: less is done sooner by this one, since
  /// two threads have to wake each other.
  static let worthHandingOver = 4
  /// How long a graceful shutdown waits for transports, and then once more for those that it has cancelled.
  static let drainMilliseconds: Int64 = 5000

  init(
    engine: ShardEngine, mailbox: Mailbox<ShardRunner.Work>, streams: [ShardRunner.LaneStream],
    advances: JournalSignal, logger: Logger, metrics: MetricSet, tracing: MessageTracing,
    exchange: ShardExchange? = nil, cancelTransports: @escaping () -> Void = {},
    readClock: @escaping () -> WallClock.Reading = { .now }
  ) {
    self.engine = engine
    self.cancelTransports = cancelTransports
    self.readClock = readClock
    let reading = readClock()
    clockOffset = reading.wall.milliseconds - reading.monotonicMilliseconds
    self.mailbox = mailbox
    self.streams = streams
    self.advances = advances
    self.logger = logger
    self.metrics = metrics
    self.exchange = exchange
    engine.observer = ShardObserver(metrics: metrics, logger: logger, tracing: tracing) { [unowned engine] in
      engine.lanes[id: $0]?.name ?? "lane \($0)"
    }
    if engine.isClockHeld {
      logger.error(
        "the journal's time is far ahead of the clock; timers wait until an operator confirms the clock",
        metadata: ["journal_time": "\(engine.latest.rfc3339)", "clock": "\(WallClock.now.rfc3339)"])
    }
  }

  func run() throws {
    do {
      try loop()
    } catch {
      // What nobody heard of is not there, or nobody knows: it comes again.
      engine.abandonHandedOver()
      let error = (error as? CommitError).map { engine.stop($0) } ?? error
      if let handedOver, !handedOver.isTold { handedOver.refuse(with: error) }
      for told in untold { told.resume(throwing: error) }
      untold = []
      throw error
    }
  }

  private func loop() throws {
    try offerWaiting()
    try settle()
    while !isStopping {
      let work = mailbox.take(limit: engine.configuration.maximumBatch, waitMilliseconds: waitTime)
      if !work.isEmpty { lastWork = WallClock.monotonicMilliseconds }
      try handle(work)
      try settle()
      try sample()
      let isIdle = WallClock.monotonicMilliseconds - lastWork >= ShardLoop.idleMilliseconds
      if isIdle, engine.isShared { try engine.noteServiceRows() }
      _ = try engine.maintain(now: time(), isIdle: isIdle)
    }
    // What transports have been given is still answered for: a confirmation that is dropped sends its messages again.
    try drain()
    while try engine.maintain(now: time(), isIdle: true).hasMore {}
  }

  /// What came in while nobody ran goes before timers that fell due meanwhile: an answer that waits must not be overtaken
  /// by its own timeout. Bounded, so that a flood of input cannot put off the timers for ever.
  private func offerWaiting() throws {
    let now = time()
    guard let due = try engine.nextDue(now: now), due <= now else { return }
    var left = engine.configuration.maximumRestartMessages
    while left > 0, !isStopping {
      let work = mailbox.take(
        limit: min(left, engine.configuration.maximumBatch), waitMilliseconds: ShardLoop.restartWaitMilliseconds)
      if work.isEmpty { return }
      left -= work.count
      try handle(work)
      try tell()
    }
  }

  /// Takes nothing new, and waits a while for the transports to answer for what they hold.
  private func drain() throws {
    mailbox.close { work in
      switch work {
      case .sent, .ended, .arrived, .nudge: true
      case .serve(let work): work.isCompletion
      case .deliver, .operate, .ask, .stop: false
      }
    }
    try handle(mailbox.take(limit: .max, waitMilliseconds: 0))
    try tell()
    for stream in streams { stream.continuation.finish() }
    try awaitTransports()
    if !inFlight.isEmpty {
      // The database is this process's until they have ended: a successor would send again what they are still doing.
      cancelTransports()
      try awaitTransports()
    }
    mailbox.close()
    try handle(mailbox.take(limit: .max, waitMilliseconds: 0))
    try tell()
    if !inFlight.isEmpty {
      logger.warning(
        "stopped before every transport had answered; what it holds goes again, with the same ids",
        metadata: ["lanes": "\(inFlight.keys.sorted().joined(separator: " "))"])
    }
  }

  private func awaitTransports() throws {
    let deadline = WallClock.monotonicMilliseconds + ShardLoop.drainMilliseconds
    while !inFlight.isEmpty {
      let left = deadline - WallClock.monotonicMilliseconds
      if left <= 0 { return }
      try handle(mailbox.take(limit: .max, waitMilliseconds: left))
      try tell()
    }
  }

  static func refuse(_ work: [ShardRunner.Work], with error: any Error) {
    for item in work {
      switch item {
      case .deliver(_, let waiter): waiter.resume(throwing: error)
      case .operate(_, let continuation): continuation.resume(throwing: error)
      case .serve(let work): work.finish(error)
      case .ask(let question): question.refuse(error)
      case .sent, .ended, .arrived, .nudge, .stop: break
      }
    }
  }

  /// Does all of `work` in commits that are joined: `tell` makes them durable and says so.
  ///
  /// Every continuation of `work` is resumed exactly once, whatever is thrown.
  private func handle(_ work: [ShardRunner.Work]) throws {
    var rest = work[...]
    do {
      engine.joinCommits()
      while let first = rest.first {
        switch first {
        case .deliver: try deliver(takeMessages(&rest))
        case .operate(let request, let continuation):
          rest.removeFirst()
          do {
            try tell()
            continuation.resume(returning: try engine.operate(request, now: time()))
          } catch {
            continuation.resume(throwing: error)
            throw error
          }
          engine.joinCommits()
        case .arrived: try engine.arrived(takeArrived(&rest), now: time())
        case .nudge: rest.removeFirst()
        case .serve: try serve(takeWorks(&rest))
        case .ask(let question):
          rest.removeFirst()
          // Its answer must be of what is durable.
          do { try tell() } catch {
            question.refuse(error)
            throw error
          }
          // What it asks for may depend on whether the clock is held.
          _ = time()
          do { try question.body(engine) } catch { question.refuse(error) }
          engine.joinCommits()
        case .sent(let lane, let batch, let results):
          rest.removeFirst()
          try confirm(lane, batch, results)
        case .ended(let lane):
          rest.removeFirst()
          inFlight[lane] = nil
        case .stop:
          rest.removeFirst()
          isStopping = true
        }
      }
    } catch {
      ShardLoop.refuse(Array(rest), with: error)
      throw error
    }
  }

  /// Makes durable what has been done, and tells those who wait for it.
  private func tell() throws {
    try engine.commitJoined()
    handedOver = nil
    let told = untold
    untold = []
    for told in told {
      if let exchange, case .delivered(let waiting, let receipt) = told, !receipt.onward.isEmpty,
        case .shard(let arrival) = waiting.waiter
      {
        exchange.send(waiting.message, on: receipt.onward, arrival)
      }
      told.resume()
    }
  }

  /// As `tell`, and the next is decided while it becomes durable: those who wait are told then.
  private func handOver() throws {
    let next = HandedOver(untold)
    try engine.handOverJoined { next.tell() }
    handedOver = next
    untold = []
  }

  /// A message and who waits for its receipt.
  private typealias Waiting = (message: IncomingMessage, waiter: ShardRunner.Waiter)

  private func takeMessages(_ work: inout ArraySlice<ShardRunner.Work>) -> [Waiting] {
    var taken: [Waiting] = []
    while case .deliver(let message, let waiter)? = work.first {
      taken.append((message, waiter))
      work.removeFirst()
    }
    return taken
  }

  private func deliver(_ waiting: [Waiting]) throws {
    do {
      let receipts = try engine.offer(waiting.map(\.message), now: time())
      for (entry, receipt) in zip(waiting, receipts) { untold.append(.delivered(entry, receipt)) }
    } catch {
      for entry in waiting { entry.waiter.resume(throwing: error) }
      throw error
    }
  }

  private func takeArrived(_ work: inout ArraySlice<ShardRunner.Work>) -> [Departure.Origin] {
    var taken: [Departure.Origin] = []
    while case .arrived(let origin)? = work.first {
      taken.append(origin)
      work.removeFirst()
    }
    return taken
  }

  private func takeWorks(_ work: inout ArraySlice<ShardRunner.Work>) -> [ShardRunner.ServiceWork] {
    var taken: [ShardRunner.ServiceWork] = []
    while case .serve(let next)? = work.first {
      taken.append(next)
      work.removeFirst()
    }
    return taken
  }

  /// Transactions of the service that wait at the same time share a commit.
  private func serve(_ works: [ShardRunner.ServiceWork]) throws {
    do {
      let outcomes = try engine.transact(works.map(\.body), now: time())
      for (work, outcome) in zip(works, outcomes) { untold.append(.served(work, outcome)) }
    } catch {
      for work in works { work.finish(error) }
      throw error
    }
  }

  /// What a transport did not answer for has failed and goes again.
  private func confirm(_ lane: String, _ batch: Int, _ results: [DeliveryResult]) throws {
    let now = time()
    let answered = Set(results.map(\.position))
    let missing = (inFlight[lane]?[batch] ?? []).filter { !answered.contains($0) }
    inFlight[lane]?[batch] = nil
    if inFlight[lane]?.isEmpty ?? false { inFlight[lane] = nil }
    let retryAt = now.advanced(byMilliseconds: ShardLoop.retryMilliseconds)
    for result in results { metrics.add(1, to: .sent, lane, result.outcome.name) }
    if !missing.isEmpty { metrics.add(Int64(missing.count), to: .sent, lane, "unanswered") }
    let failed = missing.map {
      DeliveryResult(position: $0, outcome: .failed(retryAt: retryAt, reason: "the transport gave no answer"))
    }
    try engine.confirm(lane: lane, results + failed, now: now)
  }

  private func settle() throws {
    var report = try engine.tick(now: time())
    // Between shards a receipt goes on from here.
    if engine.hasPipeline, exchange == nil, !isStopping, !report.hasMore, mailbox.count >= ShardLoop.worthHandingOver {
      try handOver()
    } else {
      try tell()
    }
    // A backlog goes tick by tick: joined it would be one transaction without a bound.
    while report.hasMore { report = try engine.tick(now: time()) }
    nextDue = report.nextDue
    advances.advance(to: engine.durableSequence)
    guard !isStopping else { return }
    if let exchange {
      for departure in try engine.depart() { exchange.bring(departure, from: shard) }
      for home in engine.takeNudges() { exchange.nudge(home) }
    }
    for stream in streams { try send(stream) }
  }

  /// Hands a lane's transport what is ready, in as many calls as it may have at once.
  private func send(_ stream: ShardRunner.LaneStream) throws {
    let lane = stream.lane
    while inFlight[lane.name, default: [:]].count < lane.concurrency {
      let ready = try engine.takeOutgoing(lane: lane.name, limit: lane.messagesPerSend, now: time())
      guard !ready.isEmpty else { return }
      nextBatch += 1
      inFlight[lane.name, default: [:]][nextBatch] = ready.map(\.position)
      stream.continuation.yield(ShardRunner.OutgoingBatch(number: nextBatch, messages: ready))
    }
  }

  /// What time it is. A wall clock that leaps against the monotonic one must not fire months of timers at once: every time that the
  /// engine is given has been looked at.
  private func time() -> Timestamp {
    let reading = readClock()
    let offset = reading.wall.milliseconds - reading.monotonicMilliseconds
    if abs(offset - clockOffset) > engine.configuration.maxClockLeapMilliseconds {
      logger.error(
        "the wall clock jumped; timers wait until an operator confirms it",
        metadata: ["seconds": "\((offset - clockOffset) / 1000)"])
      engine.holdClock()
    }
    clockOffset = offset
    return reading.wall
  }

  /// Sets the gauges, which need no better than a second's resolution.
  private func sample() throws {
    let now = WallClock.monotonicMilliseconds
    guard now - lastSample >= ShardLoop.sampleMilliseconds else { return }
    lastSample = now
    metrics.set(.inboxWaitingMessages, Double(mailbox.count), of: shard)
    metrics.set(.unfoldedRows, Double(engine.lastSequence - engine.foldedSequence), of: shard)
    metrics.set(.clockHeld, engine.isClockHeld || engine.isClockAhead ? 1 : 0, of: shard)
    metrics.add(engine.foreignCount - countedForeign, to: .foreignMessages)
    countedForeign = engine.foreignCount
    for lag in metrics.isOn ? try engine.laneLags(now: time()) : [] {
      metrics.set(.outboxLagRows, Double(lag.rows), lag.lane, of: shard)
      metrics.set(.outboxLagSeconds, Double(lag.milliseconds) / 1000, lag.lane, of: shard)
      metrics.set(.heldMessages, Double(lag.heldCount), lag.lane, of: shard)
    }
  }

  private var waitTime: Int64 {
    let sinceWork = WallClock.monotonicMilliseconds - lastWork
    let untilIdle = sinceWork < ShardLoop.idleMilliseconds ? ShardLoop.idleMilliseconds - sinceWork : 1000
    let now = WallClock.now
    // What is past was tried just now: it waits for an answer that is on its way.
    let retries = streams.compactMap { engine.nextRetry(lane: $0.lane.name) }.filter { $0 > now }
    guard let next = (retries + [nextDue].compactMap { $0 }).min() else { return untilIdle }
    return min(untilIdle, max(0, next.milliseconds - now.milliseconds))
  }
}
