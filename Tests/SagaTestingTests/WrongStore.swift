import SagaCore

@testable import SagaRuntime

/// A store that is right but for one fault, which a test plants.
class WrongStore: ForwardingStore {
  let memory: MemoryStore
  required init(_ contents: MemoryContents) {
    memory = MemoryStore(contents)
    super.init(memory)
  }

  static func new() -> Self {
    var contents = MemoryContents()
    contents.epoch = 1
    return Self(contents)
  }
}

/// Leaves the first key of a batch that it refuses.
final class LeavesARefusedKey: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    do throws(CommitError) {
      return try inner.commit(batch)
    } catch {
      if case .refused = error, let key = batch.keys.first {
        var part = CommitBatch(expectedLast: batch.expectedLast, epoch: batch.epoch)
        part.keys = [key]
        _ = try inner.commit(part)
      }
      throw error
    }
  }
}

/// Keeps the first of the commits that are joined only.
final class ForgetsJoinedCommits: WrongStore {
  private var joined: MemoryContents?
  private var isJoining = false

  override func joinCommits() { isJoining = true }

  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let receipt = try inner.commit(batch)
    if isJoining, joined == nil { joined = memory.contents }
    return receipt
  }

  override func commitJoined() throws(CommitError) -> CommitReceipt? {
    if let joined { memory.contents = joined }
    isJoining = false
    return nil
  }
}

/// Takes batches of every epoch.
final class IgnoresTheEpoch: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    batch.epoch = memory.contents.epoch
    return try inner.commit(batch)
  }
}

/// Numbers rows anew instead of saying that others came first.
final class AppendsAnyway: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    batch.expectedLast = memory.contents.lastSequence
    for index in batch.rows.indices { batch.rows[index].sequence = batch.expectedLast + Int64(index) + 1 }
    return try inner.commit(batch)
  }
}

/// Lets one claim to a key take the place of another.
final class OverwritesKeys: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    batch.keys = batch.keys.map { if case .insert(let hash, let id) = $0 { .replace(hash, id) } else { $0 } }
    return try inner.commit(batch)
  }
}

/// Writes folded instances only with the last portion of a pass.
final class DropsPortions: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    if batch.fold?.completion == nil { batch.fold = nil }
    return try inner.commit(batch)
  }
}

/// Moves the folded position with the first portion of a pass.
final class FoldsTooEarly: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    if let fold = batch.fold, fold.completion == nil, !fold.instances.isEmpty {
      batch.fold?.completion = FoldCompletion(
        foldedSequence: batch.expectedLast, clock: Timestamp(milliseconds: 0), lanes: [])
    }
    return try inner.commit(batch)
  }
}

/// Keeps the first body of an id that is spilled twice.
final class KeepsTheFirstSpill: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    batch.fold?.spilled.removeAll { memory.contents.seen[SeenProbe(instance: $0.instance, id: $0.id)] != nil }
    return try inner.commit(batch)
  }
}

/// Adds what is written before it takes away what is removed.
final class RemovesLast: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let receipt = try inner.commit(batch)
    var rest = CommitBatch(expectedLast: receipt.lastSequence, epoch: batch.epoch)
    rest.parked.removed = batch.parked.removed
    rest.held.removed = batch.held.removed
    return try inner.commit(rest)
  }
}

/// Answers a key with its instance besides.
final class LoadsTooMuch: WrongStore {
  override func load(_ wanted: LoadRequest) throws -> Loaded {
    var more = wanted
    more.instances += try inner.load(wanted).keys.values
    return try inner.load(more)
  }
}

/// Has the newest parked message first.
final class ParksBackwards: WrongStore {
  override func load(_ wanted: LoadRequest) throws -> Loaded {
    var loaded = try inner.load(wanted)
    loaded.parked = loaded.parked.mapValues { $0.reversed() }
    return loaded
  }
}

/// Gives rows in the order of the journal, whatever was asked.
final class SortsRows: WrongStore {
  override func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] { try inner.rows(sequences.sorted()) }
}

/// Begins a page of wakes with the last one of the page before.
final class RepeatsWakes: WrongStore {
  override func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try inner.wakes(through: through, after: after.map { Wake(at: $0.at, instance: $0.instance - 1) }, limit: limit)
  }
}

/// Leaves out wakes due at the very time that is asked for.
final class ForgetsThePresent: WrongStore {
  override func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    try inner.wakes(through: through, after: after, limit: limit).filter { $0.at < through }
  }
}

/// Says that a full page is the last one.
final class EndsAtAFullPage: WrongStore {
  override func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    var page = try inner.page(query, after: after, limit: limit)
    if page.parked.count == limit { page.next = nil }
    return page
  }
}

/// Lists resolved dead letters among those that wait.
final class ListsTheResolved: WrongStore {
  override func page(_ query: StoreQuery, after: PageToken?, limit: Int) throws -> Page {
    if case .deadLetters = query {
      return try inner.page(.deadLetters(onlyUnresolved: false), after: after, limit: limit)
    }
    return try inner.page(query, after: after, limit: limit)
  }
}

/// Sweeps what closed at the cut too.
final class SweepsTheCut: WrongStore {
  override func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    guard case .sweep(let cut, let through, let archive) = work else { return try inner.maintain(work, budget: budget) }
    return try inner.maintain(
      .sweep(closedBefore: cut.advanced(byMilliseconds: 1), through: through, archive: archive), budget: budget)
  }
}

/// Deletes before it archives.
final class ArchivesTooLate: WrongStore {
  override func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    guard case .sweep(let cut, let through, let archive?) = work else {
      return try inner.maintain(work, budget: budget)
    }
    var gone: [JournalRow] = []
    let progress = try inner.maintain(
      .sweep(closedBefore: cut, through: through, archive: { gone += $0 }), budget: budget)
    if !gone.isEmpty { try archive(gone) }
    return progress
  }
}

/// Looks at more rows than the budget allows.
final class OverspendsItsBudget: WrongStore {
  override func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    try inner.maintain(work, budget: PageBudget(rows: budget.rows < 1000 ? budget.rows + 1 : budget.rows))
  }
}

/// Forgets the clock when it is opened again.
final class LosesItsClock: WrongStore {
  required init(_ contents: MemoryContents) {
    var contents = contents
    contents.clock = Timestamp(milliseconds: 0)
    super.init(contents)
  }
}

/// Gives away its own contents for a copy.
final class CopiesNothing: WrongStore {}

/// Hands on the ids that the batch names and none of the spilled ones.
final class InheritsOnlyTheRecent: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    // Nobody has spilled anything there.
    for index in batch.inherited.indices { batch.inherited[index].formerOwner += 1000 }
    return try inner.commit(batch)
  }
}

/// Hands on spilled ids and none of those that the batch names.
final class InheritsOnlyTheSpilled: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    var batch = batch
    for index in batch.inherited.indices { batch.inherited[index].recent = [] }
    return try inner.commit(batch)
  }
}

/// Answers for one key with the ids of all.
final class InheritsForEveryKey: WrongStore {
  private var keys: Set<Hash128> = []
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    keys.formUnion(batch.inherited.map(\.key))
    return try inner.commit(batch)
  }
  override func load(_ wanted: LoadRequest) throws -> Loaded {
    var loaded = try inner.load(wanted)
    for probe in wanted.inherited {
      for key in keys {
        var more = LoadRequest()
        more.inherited = [InheritedProbe(key: key, id: probe.id)]
        if let body = try inner.load(more).inherited[more.inherited[0]] { loaded.inherited[probe] = body }
      }
    }
    return loaded
  }
}

/// Overwrites the body of an id that a key has already.
final class InheritsTheLastBody: WrongStore {
  private var bodies: [InheritedProbe: UInt64] = [:]
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    let receipt = try inner.commit(batch)
    for inherited in batch.inherited {
      for identity in inherited.recent {
        bodies[InheritedProbe(key: inherited.key, id: identity.id)] = identity.body
      }
    }
    return receipt
  }
  override func load(_ wanted: LoadRequest) throws -> Loaded {
    var loaded = try inner.load(wanted)
    for probe in loaded.inherited.keys { loaded.inherited[probe] = bodies[probe] ?? loaded.inherited[probe] }
    return loaded
  }
}

/// Hands ids on though it refuses the batch.
final class InheritsRefused: WrongStore {
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    do throws(CommitError) {
      return try inner.commit(batch)
    } catch {
      if case .refused = error {
        var part = CommitBatch(expectedLast: batch.expectedLast, epoch: batch.epoch)
        part.inherited = batch.inherited
        _ = try inner.commit(part)
      }
      throw error
    }
  }
}

/// Keeps inherited ids for ever.
final class NeverForgetsInherited: WrongStore {
  private var inherited: [InheritedIDs] = []
  override func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    inherited += batch.inherited
    return try inner.commit(batch)
  }
  override func maintain(_ work: Maintenance, budget: PageBudget) throws -> MaintenanceProgress {
    let progress = try inner.maintain(work, budget: budget)
    var again = CommitBatch(expectedLast: memory.contents.lastSequence, epoch: memory.contents.epoch)
    again.inherited = inherited
    _ = try inner.commit(again)
    return progress
  }
}

/// Says after it is opened that no key has passed.
final class HidesInherited: WrongStore {
  override func recover() throws -> Recovered {
    var recovered = try inner.recover()
    recovered.hasInheritedIDs = false
    return recovered
  }
}
