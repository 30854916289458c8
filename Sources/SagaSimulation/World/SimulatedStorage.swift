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
  /// Whether the world looks at what there is, for its oracles: meanwhile nothing fails.
  var isLookedAt: Bool { get set }
  /// How many faults of the disk have struck since this was asked last.
  func takeFaultCount() -> Int
  /// No more faults.
  func heal()
  /// Whether a second process can have the shard open: for services that wake up beside their successor.
  var allowsZombies: Bool { get }
}

/// A shard in memory: every transaction is durable at once, and what is not whole is gone with the process.
public final class MemoryStorage: SimulatedStorage {
  private let memory = MemoryStore()
  private let transactions: MemoryTransactions

  /// An empty shard.
  public init() { transactions = MemoryTransactions(memory) }

  public func open() throws -> any Store { transactions }
  public func reader() throws -> any Store { memory }
  public func crash(_ choices: Choices, _ stream: Int) { transactions.rollBack() }
  public func arm(perMille: Int, _ choices: Choices, _ stream: Int) {}
  public func heal() {}
  public func takeFaultCount() -> Int { 0 }
  public var isLookedAt = false
  public var isDown: Bool { false }
  public var allowsZombies: Bool { true }
}

/// Makes commits that are joined one transaction: what it was before, it can become again.
///
/// It keeps what was committed and writes that again, rather than a copy of the contents at each beginning: beginnings are many, and
/// crashes in the middle few.
private final class MemoryTransactions: ForwardingStore {
  private let memory: MemoryStore
  /// As of before `done`.
  private var base: MemoryContents
  private var done: [CommitBatch] = []
  /// Of the transaction that is open; nil outside of one.
  private var open: [CommitBatch]?

  init(_ memory: MemoryStore) {
    self.memory = memory
    base = memory.contents
    super.init(memory)
  }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let receipt = try memory.commit(batch)
    if open == nil { done.append(batch) } else { open?.append(batch) }
    return receipt
  }

  override func joinCommits() { open = [] }

  override func commitJoined() throws(CommitError) -> CommitReceipt? {
    guard let batches = open, !batches.isEmpty else {
      open = nil
      return nil
    }
    done += batches
    open = nil
    return CommitReceipt(lastSequence: memory.contents.lastSequence, logFrames: 0)
  }

  override func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    let progress = try memory.maintain(work, budget: budget)
    if case .checkpoint = work { return progress }
    base = memory.contents
    done = []
    return progress
  }

  func rollBack() {
    defer { open = nil }
    guard let lost = open, !lost.isEmpty else { return }
    memory.contents = base
    for batch in done { memory.contents.write(batch) }
  }
}
