import SagaCore
import SagaRuntime
import SagaSQLite
import Testing

@testable import SagaSQLiteFaults

/// Moves the fold position and leaves out an instance of each portion.
private final class ForgetfulFold: ForwardingStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    if batch.fold?.instances.isEmpty == false { batch.fold?.instances.removeLast() }
    return try inner.commit(batch)
  }
}

/// Never moves the fold position.
private final class StandingFold: ForwardingStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    let position = (try? inner.recover().foldedSequence) ?? 0
    batch.fold?.completion?.foldedSequence = position
    return try inner.commit(batch)
  }
}

/// Does not write the ids that no longer fit into their instances.
private final class NoSpilledIDs: ForwardingStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    batch.fold?.spilled = []
    return try inner.commit(batch)
  }
}

/// Writes the rows of a batch in one transaction and what the batch does to the tables in the next.
private final class TwoTransactions: ForwardingStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    guard batch.rows.count > 1, batch.births.isEmpty else { return try inner.commit(batch) }
    var first = batch
    first.rows = [batch.rows[0]]
    (first.fold, first.parked, first.deadLetters, first.held, first.keys) = (nil, .init(), .init(), .init(), [])
    _ = try inner.commit(first)
    var second = batch
    second.rows.removeFirst()
    second.expectedLast += 1
    return try inner.commit(second)
  }
}

@Suite("A planted fault is found")
struct PlantedFaultTests {
  /// The kinds of what is found, or of what already the undisturbed run comes to grief of.
  private func found(
    _ mode: SQLiteOptions.JournalMode = .writeAheadLog, stride: Int = 71,
    _ plant: (inout CrashPointSweep.Planted) -> Void
  ) throws -> Set<String> {
    var planted = CrashPointSweep.Planted()
    plant(&planted)
    var options = CrashPointSweep.Options()
    options.journalMode = mode
    options.stride = stride
    options.subsets = 1
    options.includesFaults = false
    let sweep = CrashPointSweep(try Sagas.subject("order-fulfillment"), options: options, planted: planted)
    do {
      return Set(try sweep.run().findings.map(\.kind))
    } catch {
      return ["error"]
    }
  }

  @Test("nothing is found where nothing is planted", arguments: SQLiteOnDiskTests.modes)
  func nothing(mode: SQLiteOptions.JournalMode) throws {
    #expect(try found(mode) { _ in } == [])
  }

  @Test("a drive that acknowledges syncs and does not do them", arguments: SQLiteOnDiskTests.modes)
  func noSync(mode: SQLiteOptions.JournalMode) throws {
    #expect(try found(mode) { $0.disk = { $0.kind == .sync ? .pretence : nil } }.contains("lost"))
  }

  @Test("a directory that is never synced", arguments: SQLiteOnDiskTests.modes)
  func noDirectorySync(mode: SQLiteOptions.JournalMode) throws {
    let kinds = try found(mode) {
      $0.disk = { $0.kind == .syncOfNewName || $0.kind == .syncOfRemoval ? .pretence : nil }
    }
    #expect(kinds.contains("lost"))
  }

  @Test("a log that is synced one time in five")
  func noSyncOfLog() throws {
    let kinds = try found {
      $0.disk = { $0.kind == .sync && $0.role == .writeAheadLog && $0.index % 5 != 0 ? .pretence : nil }
    }
    #expect(kinds.contains("lost"))
  }

  @Test("a write that is lost in the drive")
  func lostWrite() throws {
    let kinds = try found { $0.disk = { $0.kind == .write && $0.role == .main && $0.index % 7 == 0 ? .pretence : nil } }
    #expect(!kinds.isEmpty)
  }

  @Test("a fold that leaves out an instance")
  func forgetfulFold() throws {
    #expect(try !found { $0.store = { ForgetfulFold($0) } }.isDisjoint(with: ["corrupt", "error"]))
  }

  @Test("a fold position that stays where it is")
  func standingFold() throws {
    #expect(try found { $0.store = { StandingFold($0) } } == ["error"])
  }

  @Test("ids that are not spilled")
  func spilled() throws {
    #expect(try found { $0.store = { NoSpilledIDs($0) } }.contains("corrupt"))
  }

  @Test("a batch in two transactions")
  func twoTransactions() throws {
    #expect(try found(stride: 5) { $0.store = { TwoTransactions($0) } }.contains("phantom"))
  }
}
