import SagaCore
import SagaRuntime
import SagaSQLite
import SagaSimulation

/// Drives one engine on a simulated machine through a whole script in simulated time: messages in, commands to participants,
/// answers back, timers, folds, checkpoints, restarts, and at the end the pruning of it all. Each moment can be repeated after
/// a crash and then comes to the same.
final class ScriptedRun {
  static let participantsLane = "participants"
  /// How far the script goes after its last message, in days.
  static let horizonDays: Int64 = 1000

  let subject: SweepSubject
  let simulated: SimulatedSQLite
  let configuration: EngineConfiguration
  let horizon: Timestamp
  /// Puts something between the engine and the store, such as a planted fault.
  let wrap: (any Store) -> any Store
  let commitStyle: CommitStyle
  var state: RunState
  private(set) var store: SQLiteStore?
  private(set) var engine: ShardEngine?
  private(set) var recording: RecordingStore?
  /// A row that somebody heard of before it was durable.
  private var early: JournalSequence?
  /// Called when the store has acknowledged something.
  var acknowledged: (() -> Void)?
  /// Called when a process has ended as the script wants it and before the next one starts: everything there is, is on the
  /// disk and in `state`.
  var processEnded: (() throws -> Void)?

  init(
    _ subject: SweepSubject, on simulated: SimulatedSQLite, from state: RunState? = nil,
    commitStyle: CommitStyle,
    wrap: @escaping (any Store) -> any Store
  ) {
    self.commitStyle = commitStyle
    self.subject = subject
    self.simulated = simulated
    self.wrap = wrap
    configuration = SweepSubject.configuration(subject.scenario)
    let times = subject.messages.compactMap(RunState.time)
    let start = times.min() ?? Timestamp(milliseconds: 1_767_225_600_000)
    horizon = (times.max() ?? start).advanced(byMilliseconds: Self.horizonDays * 86_400_000)
    self.state =
      state ?? RunState(now: start, participants: subject.scenario.map { ModelledParticipants(scenario: $0) })
  }

  /// Goes on from wherever the run is to its end.
  ///
  /// - Throws: what the engine or the store throws; the run can be gone on with after a recovery.
  func proceed() throws {
    if !state.isForgetting, state.outcome == nil {
      var due = try work()
      while state.advance(subject.messages, due: due, horizon: horizon) {
        due = try work()
      }
    }
    try finish()
  }

  /// Everything that is to do at one moment.
  ///
  /// - Returns: when the engine wants to go on.
  private func work() throws -> Timestamp? {
    try restartIfDue()
    let engine = try running()
    try offerAgain(engine)
    let isOffering = !state.batch.isEmpty
    if isOffering { try offer(state.batch, engine) }
    if commitStyle == .pipelined { engine.joinCommits() }
    var report: TickReport
    repeat { report = try engine.tick(now: state.now) } while report.hasMore
    try engine.commitJoined()
    if isOffering, commitStyle != .apart { state.acknowledge() }
    try drain(engine)
    _ = try engine.maintain(now: state.now, isIdle: state.step % 3 == 2)
    let retry = engine.laneNames.compactMap { engine.nextRetry(lane: $0) }.min()
    // Ahead of the disk a tick may only say when to look again.
    let due = commitStyle == .pipelined ? try engine.nextDue(now: state.now) : report.nextDue
    return [due, retry].compactMap { $0 }.min()
  }

  private func offer(_ messages: [IncomingMessage], _ engine: ShardEngine) throws {
    switch commitStyle {
    case .apart:
      _ = try engine.offer(messages, now: state.now)
      state.acknowledge()
    case .joined:
      engine.joinCommits()
      _ = try engine.offer(messages, now: state.now)
    case .pipelined:
      for message in messages {
        engine.joinCommits()
        _ = try engine.offer([message], now: state.now)
        try handOver(engine)
        try drain(engine)
      }
    }
  }

  /// What is told of must be durable by then.
  private func handOver(_ engine: ShardEngine) throws {
    let told = engine.lastSequence
    // The simulated machine has one thread.
    nonisolated(unsafe) let run = self
    try engine.handOverJoined { if told > run.state.expected.lastSequence { run.early = told } }
    if let early { throw Broken(fault: .lost("row \(early) was told of before it was durable")) }
  }

  /// The script ends its process now and then: once it closes the file, once it is killed.
  private func restartIfDue() throws {
    guard state.step % 5 == 4, state.restartedAt != state.step else { return }
    state.restartedAt = state.step
    if state.step % 2 == 0 { close() } else { kill() }
    try processEnded?()
  }

  /// After a crash the senders, who may not have heard of what was acknowledged, send everything again.
  private func offerAgain(_ engine: ShardEngine) throws {
    guard state.offersAgain else { return }
    if !state.isForgetting {
      for receipt in try engine.offer(state.history, now: state.now) {
        for delivery in receipt.deliveries where delivery.outcome != .duplicate && delivery.outcome != .foreign {
          throw Redelivered(outcome: "\(delivery.outcome)", key: delivery.key ?? "")
        }
      }
    }
    state.offersAgain = false
  }

  struct Redelivered: Error {
    var outcome: String
    var key: String
  }

  private func finish() throws {
    let engine = try running()
    try offerAgain(engine)
    while try engine.maintain(now: state.now, isIdle: true).hasMore {}
    if state.outcome == nil, let store {
      state.outcome = try RunOutcome(store, sent: state.sent, machines: subject.machines)
      state.progress += 1
    }
    let end = state.now.advanced(byMilliseconds: 1)
    let start = Timestamp(milliseconds: 0)
    while try !engine.prune(closedBefore: end, forgetBefore: start, archive: nil, budget: PageBudget(rows: 9))
      .isFinished
    {}
    state.isForgetting = true
    while try !engine.prune(closedBefore: end, forgetBefore: end, archive: nil, budget: PageBudget(rows: 9)).isFinished
    {}
    close()
  }

  // MARK: Processes

  func running() throws -> ShardEngine {
    if let engine { return engine }
    let opened = try store ?? simulated.open()
    store = opened
    let recording = recording ?? RecordingStore(wrap(opened), run: self)
    self.recording = recording
    try settle(recording)
    let made = try ShardEngine(
      store: commitStyle == .pipelined ? PipelinedStore(recording, lookup: nil, worker: .caller) : recording,
      machines: subject.machines, configuration: configuration, now: state.now)
    engine = made
    return made
  }

  struct Broken: Error { var fault: SweepFinding.Fault }

  /// The journal must be what was acknowledged, whatever happened.
  private func settle(_ recording: RecordingStore) throws {
    let recovered = try recording.recover()
    let rows = try recording.journal(after: 0, limit: 1_000_000)
    if let fault = state.expected.settle(rows, foldedSequence: recovered.foldedSequence) { throw Broken(fault: fault) }
  }

  func close() {
    engine = nil
    recording = nil
    store?.close()
    store = nil
  }

  func kill() {
    simulated.killProcess()
    close()
  }

  /// The engine is lost and its store stays open, as after a commit of unknown outcome in a process that goes on.
  func dropEngine() { engine = nil }
}
