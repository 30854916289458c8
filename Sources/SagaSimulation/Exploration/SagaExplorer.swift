import SagaCore
import SagaRuntime

/// Explores everything that can become of one saga within bounds: every order of messages, every answer that participants
/// may give, and every loss, repetition, crash and timeout, nearest first.
///
/// The decisions are those of the engine that production runs. `Exploration.Verdict` says `exhausted` only where every
/// state was looked at.
public struct SagaExplorer {
  private let world: ExploredWorld
  /// How much may go wrong, and how many states are looked at.
  public let bounds: ExplorationBounds

  /// - Parameters:
  ///   - loaded: definitions without errors; all their roles run together, each with a store of its own.
  ///   - scenario: participants that act otherwise than the definitions allow, and the user's own properties. Its `start` is
  ///     not used: one saga is explored, begun in every way that the definitions allow.
  ///   - bounds: how many faults a path may have, and how much is searched.
  /// - Throws: `ExplorationError`.
  public init(
    _ loaded: [LoadedDefinition], scenario: SimulationScenario = SimulationScenario(),
    bounds: ExplorationBounds = ExplorationBounds()
  )
    throws
  {
    world = try ExploredWorld(loaded, scenario: scenario)
    self.bounds = bounds
  }

  /// Runs the search.
  ///
  /// - Parameter onProgress: told how far it is; the search stops, bounded, when it says false.
  /// - Throws: `ExplorationError`, or what the engine throws.
  public func run(onProgress: @escaping (ExplorationProgress) -> Bool = { _ in true }) throws -> SagaExploration {
    do {
      return try run(tracksTaken: false, configure: { _ in }, onProgress)
    } catch is TakenMatters {
      return try run(tracksTaken: true, configure: { _ in }, onProgress)
    }
  }

  /// - Parameter configure: turns off what makes the search smaller, to test that nothing is lost by it.
  func run(
    tracksTaken: Bool, configure: (inout SagaModel) -> Void = { _ in },
    _ onProgress: @escaping (ExplorationProgress) -> Bool = { _ in true }
  ) throws -> SagaExploration {
    var model = try SagaModel(world, bounds: bounds, tracksTaken: tracksTaken)
    configure(&model)
    var search = BreadthFirstSearch(model, limit: bounds.states)
    search.onProgress = onProgress
    let result = try search.run()
    return SagaExploration(result, search.model)
  }
}

/// What an exploration found.
public struct SagaExploration: Sendable, Hashable {
  /// The verdict and the size of the search.
  public var search: Exploration
  /// Distinct states of all services together, each reached by the engine.
  public var serviceStates: Int
  /// Inputs that the engine decided; every other step was looked up.
  public var engineTransitions: Int
  /// Ways in which a crash leads elsewhere than going on would; none where recovery is perfect.
  public var visibleCrashes: Int
  /// Distinct states of participants' ledgers.
  public var ledgerStates: Int
  /// Distinct messages that were on their way.
  public var letters: Int
  /// Distinct sets of messages that were on their way together.
  public var letterSets: Int
  /// Types of messages that have more payloads that may decide something than were tried, sorted. Where there are any, the
  /// search is not exhausted.
  public var cutTypes: [String]
  /// Types of which the scenario gives a saga several, sorted, where some role came to rest that may wait for the next: each comes once
  /// here. Where there are any, the search is not exhausted.
  public var repeatedTypes: [String]
  /// How many elements lists had at most that may decide something and may have more by their schemas: another bound of the
  /// search; nil where there is no such list.
  public var listElements: Int?
  /// Names of the scenario's `reach` properties that came about.
  public var cameAbout: [String]
  /// Role, state and status of instances where everything had come to rest, sorted.
  public var ends: [String]
  /// Role, state and status that some instance was in, sorted.
  public var statuses: [String]
  /// Types that left for the outside world, sorted.
  public var heard: [String]
  /// Whether some participant undid something.
  public var hasCompensated: Bool
  /// What all tables take, in bytes, about.
  public var memoryBytes: Int

  init(_ search: Exploration, _ model: SagaModel) {
    self.search = search
    serviceStates = model.services.reduce(0) { $0 + $1.states.count }
    engineTransitions = model.services.reduce(0) { $0 + $1.transitions.count }
    visibleCrashes = model.services.reduce(0) { sum, service in
      sum + service.crashes.values.reduce(0) { $0 + $1.count }
    }
    ledgerStates = model.participants.reduce(0) { $0 + $1.ledgers.count }
    letters = model.post.letters.count
    letterSets = model.post.sets.count
    cutTypes = model.participants.reduce(model.world.cutTypes) { $0.union($1.cutTypes) }.sorted()
    repeatedTypes = model.judge.typesToCome.sorted()
    if search.verdict == .exhausted, !cutTypes.isEmpty || !repeatedTypes.isEmpty {
      self.search.verdict = .bounded(at: search.distinctStates)
    }
    listElements = ([model.world.listElements] + model.participants.map(\.listElements)).compactMap { $0 }.max()
    cameAbout = model.judge.cameAbout.sorted()
    ends = model.judge.reached.sorted()
    var statuses: Set<String> = []
    for service in model.services {
      for state in service.states.indices {
        for (machine, instance) in service.instances(of: UInt32(state)) {
          statuses.insert("\(service.name): \(machine?.stateName(of: instance) ?? "?") (\(instance.status.name))")
        }
      }
    }
    self.statuses = statuses.sorted()
    heard = model.post.heard.sorted()
    hasCompensated = model.participants.contains { $0.outcomes.contains { $0.contains(where: \.undoes) } }
    memoryBytes =
      search.memoryBytes + model.services.reduce(0) { $0 + $1.bytes } + model.post.sets.bytes
      + model.serviceTuples.bytes + model.ledgerTuples.bytes
  }
}
