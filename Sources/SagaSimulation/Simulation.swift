import SagaCore
import SagaRuntime

/// Runs a definition, with its participants, in worlds where everything goes wrong that can.
///
/// The engine is the one that production runs (`ShardEngine`); only clock, transport, participants, process and disk are
/// simulated. A run is determined by its choices, so a violation is replayed, shortened and told.
public final class Simulation {
  /// What one run came to.
  public struct Outcome: Sendable {
    /// The property that was broken first; nil when all held.
    public var violation: Violation?
    /// Equal in two runs exactly when they made the same choices and the same commits.
    public var hash: UInt64
    /// Things that happened.
    public var events: Int
    /// The rolling hash after each thing that happened, cut to 32 bits, where it was asked for.
    public var steps: [UInt32] = []
    /// Every choice, where it was asked for.
    public var choices: [Choice] = []
    /// What happened, where it was asked for.
    public var story: [StoryEntry] = []
    /// What the participants did, where the story was asked for.
    public var ledger = ParticipantLedger()
  }

  /// What runs in the worlds.
  public let setup: SimulationSetup
  /// How much happens in them, and which faults.
  public let options: SimulationOptions
  private let storage: (Int, Choices) throws -> any SimulatedStorage
  /// What all runs so far have reached.
  public private(set) var coverage = Coverage()

  /// - Parameters:
  ///   - setup: what runs in the worlds.
  ///   - options: how much happens in them, and which faults.
  ///   - storage: makes the storage of a service, by its number; memory unless given.
  public init(
    _ setup: SimulationSetup, options: SimulationOptions = SimulationOptions(),
    storage: @escaping (Int, Choices) throws -> any SimulatedStorage = { _, _ in MemoryStorage() }
  ) {
    self.setup = setup
    self.options = options
    self.storage = storage
  }

  /// Runs one seed.
  ///
  /// - Throws: what makes a run impossible, such as a scenario whose expressions fail; violations are returned.
  public func run(seed: UInt64, isRecording: Bool = false, isTelling: Bool = false) throws -> Outcome {
    try run(Choices.seeded(seed, isRecording: isRecording), isTelling: isTelling, counts: true)
  }

  /// Runs a list of choices; what the list does not say goes the way of a world without faults.
  public func replay(_ choices: [Choice], isTelling: Bool = false) throws -> Outcome {
    try run(Choices.recorded(choices), isTelling: isTelling, counts: false)
  }

  private func run(_ choices: Choices, isTelling: Bool, counts: Bool) throws -> Outcome {
    let world = try World(setup, options, choices: choices, isTelling: isTelling, storage: storage)
    var violation: Violation?
    do {
      try world.run()
    } catch let broken as Violation {
      violation = broken
      world.tell(.violation, "world", "\(broken)")
    } catch let fault as DecodingFault {
      let broken = Violation("journal", "cannot be read again: \(fault)")
      violation = broken
      world.tell(.violation, "world", "\(broken)")
    }
    if counts {
      world.coverage.events = world.order
      world.coverage.finishRun()
      coverage.add(world.coverage)
    }
    return Outcome(
      violation: violation, hash: choices.hash, events: world.order, steps: world.steps, choices: choices.record,
      story: world.story, ledger: isTelling ? world.participants.ledger : ParticipantLedger())
  }
}
