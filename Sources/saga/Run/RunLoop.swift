import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// What the loop does with time and with its end.
struct RunOptions {
  /// The logical time is the greatest `time` of the messages seen.
  var isEventClock = false
  /// Stay for good, whatever the input does.
  var follows = false
  /// After the input has ended, wait for what is due within this time.
  var lingerMilliseconds: Int64 = 0
  /// With the event clock: let time run on to this at the end.
  var until: Timestamp?
  /// With the event clock: a longer leap forward is a dead letter.
  var maxLeapMilliseconds: Int64 = 366 * 86_400_000
}

/// Drives the engines of all shards: input in, outbox out, participants between, timers when due.
final class RunLoop {
  private let engine: ShardGroup
  private let mailbox: Mailbox<RunInput>
  private let room: InputRoom
  private let output: OutputWriter
  private var participants: ParticipantDriver?
  private let options: RunOptions
  private(set) var summary = RunSummary()
  private var now: Timestamp
  private var nextDue: Timestamp?
  private var hasEnded = false
  private var hasStopped = false
  /// Timers wait until what had come in before the restart has been offered.
  private var isCatchingUp = false
  private var lastWork: Int64
  private var clockOffset: Int64
  /// Messages that are taken from the input at a time.
  private let batch: Int

  /// How long nothing must come in before idle work is done.
  static let idleMilliseconds: Int64 = 50
  /// Messages of each shard that share a commit.
  static let batch = 100
  /// How long a restarted engine with overdue timers waits for input that has not come yet.
  static let restartWaitMilliseconds: Int64 = 200

  init(
    engine: ShardGroup, mailbox: Mailbox<RunInput>, room: InputRoom, output: OutputWriter,
    participants: ParticipantDriver?, options: RunOptions
  ) {
    self.engine = engine
    self.mailbox = mailbox
    self.room = room
    self.output = output
    self.participants = participants
    self.options = options
    batch = RunLoop.batch * engine.engines.count
    now = options.isEventClock ? engine.clock : WallClock.now
    lastWork = WallClock.monotonicMilliseconds
    clockOffset = WallClock.now.milliseconds - WallClock.monotonicMilliseconds
  }

  /// Runs until the input has ended and nothing is due, or for good.
  ///
  /// - Throws: `Failure`, `EngineError`; everything that was acknowledged is durable.
  func run() throws {
    if engine.isClockHeld {
      Console.error("the database's time is far ahead of the clock: timers wait for `saga resume --clock`")
    }
    try catchUp()
    try settle()
    while !hasStopped {
      let items = take(limit: batch, waitMilliseconds: hasEnded && !options.follows ? 0 : waitTime)
      if !options.isEventClock { followWallClock() }
      try handle(items)
      if items.isEmpty {
        if !options.isEventClock { try settle() }
        if hasEnded, !options.follows, try isDone() { break }
      }
      try rest(isIdle: items.isEmpty)
    }
    try finish()
  }

  /// After a restart, what waited goes before timers that fell due meanwhile: first the answers of participants, then the
  /// input, at most `maximumRestartMessages` of it.
  private func catchUp() throws {
    guard !options.isEventClock, let due = try engine.nextDue(now: now), due <= now else { return }
    isCatchingUp = true
    defer { isCatchingUp = false }
    try settle()
    var left = engine.configuration.maximumRestartMessages
    while left > 0, !hasStopped, !hasEnded {
      let items = take(limit: min(left, batch), waitMilliseconds: RunLoop.restartWaitMilliseconds)
      if items.isEmpty { return }
      left -= items.count
      try handle(items)
    }
  }

  // MARK: Input

  /// Takes what has come in, so that there is room for as many bytes more.
  private func take(limit: Int, waitMilliseconds: Int64) -> [RunInput] {
    let items = mailbox.take(limit: limit, waitMilliseconds: waitMilliseconds)
    var bytes = 0
    for case .line(let line) in items { bytes += line.count }
    room.leave(bytes)
    return items
  }

  private func handle(_ items: [RunInput]) throws {
    var lines: [IncomingMessage] = []
    for item in items {
      switch item {
      case .line(let bytes):
        summary.lines += 1
        if options.isEventClock { try handleInTime(bytes) } else { lines.append(IncomingMessage(bytes: bytes)) }
      case .endOfInput: hasEnded = true
      case .failed(let message): throw Failure.environment(message)
      case .stop: hasStopped = true
      case .request(let request, let answer):
        try offer(&lines)
        answer(try serve(request))
        try settle()
      }
    }
    try offer(&lines)
  }

  private func offer(_ lines: inout [IncomingMessage]) throws {
    guard !lines.isEmpty else { return }
    summary.count(try engine.offer(lines, now: now))
    lines = []
    try settle()
  }

  /// Event clock: everything due before the message happens first, one message at a time, so that a run that was
  /// killed decides the same as one that was not.
  private func handleInTime(_ bytes: [UInt8]) throws {
    var message = IncomingMessage(bytes: bytes)
    if let time = (try? CloudEvent.decode(bytes))?.timestamp, time > now {
      let leap = time.milliseconds - now.milliseconds
      if now.milliseconds > 0, leap > options.maxLeapMilliseconds {
        message.fault = MessageFault(
          code: "message.leap",
          message:
            "its time \(time.rfc3339) is \(leap / 86_400_000) days after the clock; raise --max-leap if it is right")
      } else {
        try advance(to: time)
      }
    }
    summary.count(try engine.offer([message], now: now))
    try settle()
  }

  private func serve(_ request: SocketRequest) throws -> OperatorAnswer {
    switch request {
    case .operate(let operation, let shard):
      return .operated(try engine.operate(operation, shard: shard, now: now))
    case .send(let bytes): return .sent(try engine.offer([IncomingMessage(bytes: bytes)], now: now))
    case .bury(let line):
      do {
        return .sent(try engine.offer([try DeadLetterLine.message(line)], now: now))
      } catch let fault as MessageFault {
        return .operated(.refused(fault))
      }
    }
  }

  // MARK: Time

  private func followWallClock() {
    let wall = WallClock.now
    let monotonic = WallClock.monotonicMilliseconds
    let offset = wall.milliseconds - monotonic
    if abs(offset - clockOffset) > engine.configuration.maxClockLeapMilliseconds {
      Console.error(
        "the wall clock jumped by \((offset - clockOffset) / 1000) s: timers wait for `saga resume --clock`")
      engine.holdClock()
    }
    clockOffset = offset
    // A wall clock that went back is the engine's to deal with.
    now = wall
  }

  /// Lets logical time run on, with everything that is due on the way in its order.
  private func advance(to time: Timestamp) throws {
    while let next = nextEvent, next <= time {
      now = max(now, next)
      try settle()
    }
    now = max(now, time)
  }

  private var nextEvent: Timestamp? {
    [nextDue, participants?.nextAt, participants == nil ? nil : engine.nextRetry(lane: ParticipantDriver.lane)]
      .compactMap { $0 }.min()
  }

  /// How long to wait for input, in milliseconds.
  private var waitTime: Int64 {
    let idle = max(0, RunLoop.idleMilliseconds - (WallClock.monotonicMilliseconds - lastWork))
    let untilIdle = idle > 0 ? idle : 60_000
    if options.isEventClock { return untilIdle }
    guard let next = nextEvent else { return untilIdle }
    return min(untilIdle, max(0, next.milliseconds - WallClock.now.milliseconds))
  }

  private func isDone() throws -> Bool {
    if options.isEventClock {
      try advance(to: options.until ?? now.advanced(byMilliseconds: options.lingerMilliseconds))
      return true
    }
    guard let next = nextEvent else { return true }
    let left = next.milliseconds - WallClock.now.milliseconds
    if left > options.lingerMilliseconds, participants?.hasPending != true { return true }
    if left > 0 { Thread.sleep(forTimeInterval: Double(min(left, 50)) / 1000) }
    return false
  }

  // MARK: Work that follows

  /// Does everything that is ready now: answers, timers, local messages, the outbox.
  private func settle() throws {
    var hasMore = true
    while hasMore {
      hasMore = try askParticipants()
      hasMore = try deliverAnswers() || hasMore
      if isCatchingUp { continue }
      let report = try engine.tick(now: now)
      summary.timers += report.firedTimers
      nextDue = report.nextDue
      hasMore = report.hasMore || hasMore
      hasMore = try publish() || hasMore
    }
    lastWork = WallClock.monotonicMilliseconds
  }

  private func publish() throws -> Bool {
    let ready = try engine.takeOutgoing(lane: RunCommandLanes.output, limit: 1000, now: now)
    if ready.isEmpty { return false }
    try output.write(ready.map(\.message.bytes))
    summary.published += ready.count
    let results = ready.map { ShardGroup.Result(position: $0.position, outcome: .confirmed) }
    try engine.confirm(lane: RunCommandLanes.output, results, now: now)
    return true
  }

  private func askParticipants() throws -> Bool {
    guard participants != nil else { return false }
    let commands = try engine.takeOutgoing(lane: ParticipantDriver.lane, limit: 1000, now: now)
    var done: [ShardGroup.Result] = []
    // The lane is pipelined: what was given out behind a command that fails has to be given back, or it would overtake.
    var blocked: Set<String> = []
    var downUntil: Timestamp?
    for command in commands {
      if let downUntil {
        done.append(ShardGroup.Result(position: command.position, outcome: .unavailable(retryAt: downUntil)))
        continue
      }
      if blocked.contains(command.message.orderingKey) {
        done.append(ShardGroup.Result(position: command.position, outcome: .unavailable(retryAt: now)))
        continue
      }
      var outcome: DeliveryResult.Outcome?
      do {
        outcome = try participants!.receive(command, now: now)
      } catch let failure as Failure {
        // The ledger is not written: to answer all the same would forget what was done.
        throw failure
      } catch {
        // The scenario cannot say what it would answer: the command is refused, and the instance hears of it.
        outcome = .refused(reason: "\(error)")
      }
      switch outcome {
      case .failed: blocked.insert(command.message.orderingKey)
      case .unavailable(let retryAt): downUntil = retryAt
      case .confirmed, .refused, nil: break
      }
      if let outcome { done.append(ShardGroup.Result(position: command.position, outcome: outcome)) }
    }
    if !done.isEmpty { try engine.confirm(lane: ParticipantDriver.lane, done, now: now) }
    return !commands.isEmpty
  }

  private func deliverAnswers() throws -> Bool {
    guard participants != nil else { return false }
    let due = participants!.takeDue(now: now, limit: options.isEventClock ? 1 : batch)
    if due.isEmpty { return false }
    summary.count(try engine.offer(due.map { IncomingMessage(bytes: $0.event.encode()) }, now: now))
    summary.answers += due.count
    var done: [ShardGroup.Result] = []
    for answer in due where participants!.delivered(answer.position) {
      done.append(ShardGroup.Result(position: answer.position, outcome: .confirmed))
    }
    if !done.isEmpty { try engine.confirm(lane: ParticipantDriver.lane, done, now: now) }
    return true
  }

  private func rest(isIdle: Bool) throws {
    let isQuiet = isIdle && WallClock.monotonicMilliseconds - lastWork >= RunLoop.idleMilliseconds
    var report = try engine.maintain(now: now, isIdle: isQuiet)
    while isQuiet, report.hasMore { report = try engine.maintain(now: now, isIdle: true) }
  }

  /// Leaves a folded, checkpointed file behind.
  private func finish() throws {
    var report = try engine.maintain(now: now, isIdle: true)
    while report.hasMore { report = try engine.maintain(now: now, isIdle: true) }
  }
}

/// The lanes of `saga run`.
enum RunCommandLanes {
  static let output = "output"
}
