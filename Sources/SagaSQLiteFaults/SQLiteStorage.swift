import SagaRuntime
import SagaSQLite
import SagaSimulation

/// Real SQLite as the storage of a simulated service, on a disk that fails and forgets.
///
/// Each life of a process has at most one armed fault: an operation of the file system that fails, or before which the
/// power goes. When the process dies, it either is killed (the system and all that was written stay) or loses its power
/// (what was not synced survives as the choices say).
public final class SQLiteStorage: SimulatedStorage {
  private let shard: SimulatedSQLite
  /// How many operations ahead a fault is armed at most.
  private static let reach = 256

  /// - Throws: `StoreOpenError` when no empty database can be made.
  public init(journalMode: SQLiteOptions.JournalMode = .writeAheadLog) throws {
    shard = try SimulatedSQLite(options: SimulatedSQLite.options(journalMode: journalMode))
  }

  public func open() throws -> any Store { try shard.open() }

  public func reader() throws -> any Store { try shard.openReader() }

  public func crash(_ choices: Choices, _ stream: Int) {
    // Without faults of the disk a process is killed and its machine stays; one whose power is gone comes back.
    let losesPower = isArmed && choices.choose(2, .disk, stream) == 1
    guard losesPower || isDown else { return shard.killProcess() }
    shard.losePower { count, _ in choices.choose(count, .disk, stream) }
  }

  public func arm(perMille: Int, _ choices: Choices, _ stream: Int) {
    isArmed = perMille > 0
    shard.fault = nil
    guard choices.happens(min(1000, perMille * 20), .disk, stream) else { return }
    let last = shard.machine.operationCount + 1 + choices.choose(Self.reach, .disk, stream)
    let kind = choices.choose(5, .disk, stream)
    var isSpent = false
    shard.fault = { [unowned self] operation in
      guard !isSpent, !isLookedAt, operation.index >= last else { return nil }
      let fault: DiskFault
      switch kind {
      case 0: fault = .ioError
      case 1 where operation.kind.takesRoom: fault = .full
      case 2 where operation.kind.mayBeBusy: fault = .busy
      case 3 where operation.kind == .sync: fault = .ioError
      case 1...3: return nil
      default: fault = .powerLoss
      }
      faultCount += 1
      // The power stays away.
      isSpent = fault != .powerLoss
      return fault
    }
  }

  private var isArmed = false
  private var faultCount = 0
  public var isLookedAt = false

  public func takeFaultCount() -> Int {
    defer { faultCount = 0 }
    return faultCount
  }

  public var isDown: Bool { shard.machine.isDown }

  public func heal() {
    isArmed = false
    shard.fault = nil
  }

  /// Exactly one writer may have a database open.
  public var allowsZombies: Bool { false }
}
