import SagaCore
import SagaRuntime

/// One simulated run: services with real engines, participants, a network, clocks and people, in virtual time, driven by
/// choices alone.
///
/// First faults happen (safety: nothing bad is ever done), then they end and everything must settle (liveness), the two
/// phases of TigerBeetle's simulator. Oracles watch: by the participants' ledgers and what the network carried, not by
/// what the engine says of itself.
final class World {
  let setup: SimulationSetup
  let options: SimulationOptions
  let choices: Choices
  let plan: FaultPlan
  let isTelling: Bool
  @exclusivity(unchecked) var now: Timestamp
  @exclusivity(unchecked) var agenda = Agenda()
  @exclusivity(unchecked) var services: [SimulatedService] = []
  @exclusivity(unchecked) var participants: SimulatedParticipants
  @exclusivity(unchecked) var observations = Observations()
  @exclusivity(unchecked) var coverage = Coverage()
  @exclusivity(unchecked) var story: [StoryEntry] = []
  /// The rolling hash after each thing that happened; kept when the story is.
  @exclusivity(unchecked) var steps: [UInt32] = []
  /// When the last thing happens that was planned from outside.
  @exclusivity(unchecked) private(set) var lastPlanned = Timestamp(milliseconds: .min)
  /// When everything must have settled; nil when that has been asked, or cannot be told.
  @exclusivity(unchecked) private var settlesBy: Timestamp?
  /// Faults have ended.
  @exclusivity(unchecked) var isHealed = false
  /// Numbers everything that happens.
  @exclusivity(unchecked) var order = 0
  /// The event at which faults end at the latest; after that, the one before which the world must be at rest.
  @exclusivity(unchecked) var eventLimit: Int
  /// What the sagas of a choices' stream are doing.
  @exclusivity(unchecked) var phases = [Coverage.Phase](repeating: .idle, count: Choices.streams)
  @exclusivity(unchecked) private var nextParcel = 0
  @exclusivity(unchecked) private var nextBatch = 0
  /// The limits of engines in this run.
  @exclusivity(unchecked) var configuration = EngineConfiguration()
  /// How long services keep what has ended, in milliseconds; nil where they keep everything.
  @exclusivity(unchecked) private(set) var keepMilliseconds: Int64?
  /// Numbers the keys of sagas: `s-1`, or `1` where the schema wants an integer.
  let keys: [String]
  /// A commit that broke the journal, found while the engine was inside it.
  @exclusivity(unchecked) var commitViolation: Violation?

  init(
    _ setup: SimulationSetup, _ options: SimulationOptions, choices: Choices, isTelling: Bool,
    storage: (Int, Choices) throws -> any SimulatedStorage
  ) throws {
    self.setup = setup
    self.options = options
    eventLimit = options.maximumEvents
    self.choices = choices
    self.isTelling = isTelling
    now = SimulationOptions.start
    plan = FaultPlan.draw(options.faults, choices)
    participants = SimulatedParticipants(model: setup.participants, temper: plan.temper)
    keys = World.drawKeys(options.sagas, setup, choices)
    drawLimits()
    keepMilliseconds = drawKeeping()
    let topology = World.drawTopology(setup, choices)
    for (index, definition) in topology.enumerated() {
      let stream = 8 + index % 8
      let style = CommitStyle.allCases[choices.choose(CommitStyle.allCases.count, .joining, stream)]
      let elsewhere = topology.indices.filter { $0 != index }.map { topology[$0].takes }
      let own = elsewhere.reduce(definition.takes.intersection(definition.sends)) { $0.subtracting($1) }
      services.append(
        SimulatedService(
          index: index, definition: definition, storage: try storage(index, choices), commitStyle: style,
          lanes: OutgoingLanes(destinations: definition.destinations, own: own, choices, stream),
          now: SimulationOptions.start))
    }
    coverage.noteTopology(services, of: setup)
  }

  /// Runs to the end.
  ///
  /// - Throws: `Violation` for the first broken property; `SimulationFailure` when the world itself cannot go on.
  func run() throws {
    for service in services {
      service.storage.arm(perMille: rate(.disk), choices, service.stream)
      if service.commitStyle != .apart {
        tell(.environment, service.name, service.commitStyle.summary)
      }
      if let summary = service.lanes.summary { tell(.environment, service.name, summary) }
      try start(service)
    }
    planEnvironment()
    lastPlanned = agenda.latest
    agenda.plan(.heal, at: now.advanced(byMilliseconds: drawDuration()))
    try runAgenda()
    var rounds = 0
    while rounds < World.maximumRounds, try careForWhatIsLeft(round: rounds) {
      rounds += 1
      if !setup.scenario.invariants.isEmpty { try checkInvariants() }
      settlesBy(after: now)
      try runAgenda()
    }
    if let commitViolation { throw commitViolation }
    try judge()
  }

  /// Faults go on for the time that the options say, and in some runs until after the longest wait of a saga.
  private func drawDuration() -> Int64 {
    let (longest, isTooLong) = setup.budget.longestAfter.multipliedReportingOverflow(by: 5)
    guard !isTooLong, longest / 4 > options.faultMilliseconds else { return options.faultMilliseconds }
    return choices.choose(3, .duration) == 1 ? longest / 4 : options.faultMilliseconds
  }

  /// From here on nothing goes wrong: what the definition allows, and everything has ended or waits for people.
  func settlesBy(after time: Timestamp) {
    settlesBy = setup.budget.milliseconds.map {
      time.advanced(byMilliseconds: TimeBudget.slackMilliseconds).advanced(byMilliseconds: $0)
    }
  }

  /// How often people look after what is stuck, held or dead at the end.
  static let maximumRounds = 6

  private func runAgenda() throws {
    while let (time, happening) = agenda.next() {
      if let limit = settlesBy, time > limit {
        settlesBy = nil
        try checkSettledInTime()
      }
      now = max(now, time)
      order += 1
      if order >= eventLimit {
        guard !isHealed else {
          throw Violation("bounded-work", "\(options.maximumEvents) events after the faults the world is not at rest")
        }
        // A storm may bring more than it lets be done. Whether anything goes on for ever shows when it is over.
        try heal()
      }
      try happen(happening)
      if plan[.disk] > 0 { noteDiskFaults() }
      if isTelling { steps.append(UInt32(truncatingIfNeeded: choices.hash)) }
      if let commitViolation { throw commitViolation }
      if !setup.scenario.invariants.isEmpty { try checkInvariants() }
    }
  }

  private func happen(_ happening: Happening) throws {
    switch happening {
    case .arrive(let parcel): arrive(parcel)
    case .flush(let service): try flush(services[service])
    case .command(let command): try receive(command)
    case .answer(let service, let batch): try answer(services[service], batch)
    case .wake(let service):
      let service = services[service]
      guard let wakeAt = service.wakeAt, wakeAt <= now else { return }
      service.wakeAt = nil
      try pump(service)
    case .restart(let service): try start(services[service])
    case .thaw(let service): try thaw(services[service])
    case .send(let message): try send(message)
    case .operate(let saga): try operate(saga: saga)
    case .resume(let place): try operate(.resume, on: place)
    case .migrate(let service): try migrate(services[service])
    case .disturbClock(let service): try disturbClock(services[service])
    case .confirmClock(let service): try confirmClock(services[service])
    case .poison(let service): poison(services[service])
    case .replayDeadLetters(let service):
      // What is replayed may begin a saga only now.
      if try replayDeadLetters(services[service]), isHealed { settlesBy(after: now) }
    case .heal: if !isHealed { try heal() }
    }
  }

  /// What a service's clock shows.
  func read(_ service: SimulatedService) -> Timestamp {
    let reading = service.clock.read(at: now)
    service.latestReading = max(service.latestReading, reading)
    return reading
  }

  /// How often a kind of fault strikes now, in thousandths.
  func rate(_ kind: FaultKind) -> Int { isHealed ? 0 : plan[kind] }

  /// Whether a fault strikes here.
  func strikes(_ kind: FaultKind, _ label: ChoiceLabel, _ stream: Int) -> Bool {
    guard isPlanned(kind, label, stream) else { return false }
    coverage.strike(kind, phases[stream])
    return true
  }

  /// Whether a fault is to strike later, and is counted then.
  func isPlanned(_ kind: FaultKind, _ label: ChoiceLabel, _ stream: Int) -> Bool {
    choices.happens(rate(kind), label, stream)
  }

  /// Counts the faults of disks, which strike below what the world sees.
  private func noteDiskFaults() {
    for service in services {
      for _ in 0..<service.storage.takeFaultCount() { coverage.strike(.disk, phases[service.stream]) }
    }
  }

  /// Notes what the sagas of a service are doing, for the coverage of faults.
  func notePhases(of service: SimulatedService) {
    guard let engine = service.engine else { return }
    var all = Coverage.Phase.idle
    engine.inspectStatuses { key, status in
      let phase = Coverage.Phase(status)
      phases[stream(of: key)] = phase
      if phase.rawValue > all.rawValue { all = phase }
    }
    phases[service.stream] = all
  }

  func numberParcel() -> Int {
    nextParcel += 1
    return nextParcel
  }

  func numberBatch() -> Int {
    nextBatch += 1
    return nextBatch
  }

  func tell(_ kind: StoryEntry.Kind, _ from: String, to: String? = nil, _ text: @autoclosure () -> String) {
    guard isTelling else { return }
    story.append(StoryEntry(kind: kind, event: order, time: now, from: from, to: to, text: text()))
  }

  /// In one world of four roles share an engine, where there are several.
  private static func drawTopology(_ setup: SimulationSetup, _ choices: Choices) -> [SimulationSetup.Service] {
    let shared = setup.topologies.count - 1
    guard shared > 0 else { return setup.services }
    let weights = [3 * shared] + (0..<shared).map { _ in 1 }
    return setup.topologies[choices.weighted(weights, .topology)]
  }

  /// Small limits make rare paths common: folds, spilled ids, full windows, long cascades.
  private func drawLimits() {
    func pick(_ values: [Int]) -> Int { values[choices.choose(values.count, .maintenance)] }
    configuration.maximumMessageBytes = 32_768
    configuration.foldThreshold = pick([4096, 4, 16])
    configuration.foldSpan = pick([4096, 4, 16])
    configuration.inlineSeenIDs = pick([64, 1, 4])
    configuration.maximumBatch = pick([256, 1, 2])
    configuration.relayWindow = pick([1024, 4])
    configuration.cascadeLimit = pick([64, 1, 2])
    configuration.publishAttempts = Int64(pick([20, 2]))
    configuration.timerHorizonMilliseconds = Int64(pick([600_000, 1_000, 86_400_000]))
    func pickLimit(_ values: [Int]) -> Int { values[choices.choose(values.count, .limits)] }
    configuration.heldPerLane = pickLimit([10_000, 10_000, 1])
    configuration.hotInstanceBytes = pickLimit([67_108_864, 67_108_864, 1])
    configuration.timerPage = pickLimit([4096, 1, 2])
    configuration.maximumFingerprints = pickLimit([65_536, 65_536, 1])
  }

  /// Keys as people have them: mostly plain ones, some that must be encoded where they are part of an address, some of the greatest length.
  private static func drawKeys(_ count: Int, _ setup: SimulationSetup, _ choices: Choices) -> [String] {
    let plain = (1...max(1, count)).map { "s-\($0)" }
    guard setup.participants.shapes.takesAnyKey else { return plain }
    switch choices.weighted([12, 3, 1], .keys) {
    case 0: return plain
    case 1: return plain.map { "\($0) ä/%\u{2028}\"" }
    default: return plain.map { $0 + String(repeating: "k", count: MachineLimits.maximumKeyBytes - $0.utf8.count) }
    }
  }
}
