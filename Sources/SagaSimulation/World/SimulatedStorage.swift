import SagaCore
import SagaRuntime

/// What a simulated service keeps its shard on: survives the process, and may lose what was not synced.
///
/// Memory here (`MemoryStorage`); real SQLite on a simulated disk plugs in from outside, since this module names no store.
public protocol SimulatedStorage: AnyObject {
  /// Opens the shard, as a process does when it starts.
  func open() throws -> any Store
  /// Opens the shard for reading only, beside the process that has it open.
  func reader() throws -> any Store
  /// The process has died. `choose` decides what of unsynced data survives.
  func crash(_ choices: Choices, _ stream: Int)
  /// Draws the faults of the disk until the next `crash` or `heal`; nothing where there is no disk.
  func arm(perMille: Int, _ choices: Choices, _ stream: Int)
  /// Whether the machine's power is gone: nothing works until the process has died and its machine is back.
  var isDown: Bool { get }
  /// No more faults.
  func heal()
  /// Whether a second process can have the shard open: for services that wake up beside their successor.
  var allowsZombies: Bool { get }
}

/// A shard in memory: every commit is durable at once.
public final class MemoryStorage: SimulatedStorage {
  private let store = MemoryStore()

  /// An empty shard.
  public init() {}

  public func open() throws -> any Store { store }
  public func reader() throws -> any Store { store }
  public func crash(_ choices: Choices, _ stream: Int) {}
  public func arm(perMille: Int, _ choices: Choices, _ stream: Int) {}
  public func heal() {}
  public var isDown: Bool { false }
  public var allowsZombies: Bool { true }
}
