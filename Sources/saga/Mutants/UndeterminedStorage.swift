#if SAGA_MUTANTS
  import Foundation
  import SagaRuntime
  import SagaSimulation

  /// Storage that makes a run another one in each process as soon as a service starts again: `saga simulate --twice` must see it.
  ///
  /// No mutant of the engine: the worlds stay as they are, and only what is said of them differs, so no oracle has to notice. The
  /// environment variable `SAGA_RANDOM_WORLDS` puts it into all worlds of a process.
  final class UndeterminedStorage: SimulatedStorage {
    static let isAskedFor = ProcessInfo.processInfo.environment["SAGA_RANDOM_WORLDS"] != nil

    private let storage: any SimulatedStorage
    private let choices: Choices
    private var starts = 0

    init(_ storage: any SimulatedStorage, _ choices: Choices) {
      self.storage = storage
      self.choices = choices
    }

    func open() throws -> any Store {
      starts += 1
      // Swift's hashes have a seed of their own in each process.
      if starts > 1 { choices.note(UInt64(truncatingIfNeeded: starts.hashValue)) }
      return try storage.open()
    }

    func reader() throws -> any Store { try storage.reader() }
    func crash(_ choices: Choices, _ stream: Int) { storage.crash(choices, stream) }
    func arm(perMille: Int, _ choices: Choices, _ stream: Int) { storage.arm(perMille: perMille, choices, stream) }
    var isLookedAt: Bool {
      get { storage.isLookedAt }
      set { storage.isLookedAt = newValue }
    }
    func takeFaultCount() -> Int { storage.takeFaultCount() }
    var isDown: Bool { storage.isDown }
    func heal() { storage.heal() }
    var allowsZombies: Bool { storage.allowsZombies }
  }
#endif
