import SagaCore

/// A shard in memory, with the constraints of a real store: for tests, simulations and services that can lose it.
///
/// Everything is one value, `contents`: copying it is a consistent backup, and a store made from an earlier copy is what
/// a crash left. The value is not watched for overlapping accesses at run time: nothing that it calls comes back to it.
public final class MemoryStore: Store {
  /// All that the shard holds.
  @exclusivity(unchecked) public var contents: MemoryContents
  @exclusivity(unchecked) var passes = MemoryPasses()

  /// A store of these contents; by default a new, empty one.
  public init(_ contents: MemoryContents = MemoryContents()) { self.contents = contents }

  public func recover() throws -> Recovered {
    var recovered = Recovered(
      journalID: contents.journalID, epoch: contents.epoch, foldedSequence: contents.foldedSequence,
      sweptSequence: contents.sweptSequence, lastSequence: contents.lastSequence, clock: contents.clock,
      lanes: contents.lanes, held: contents.held.values.sorted { $0.place < $1.place }, machines: contents.machines,
      hasInheritedIDs: contents.hasInheritedIDs)
    recovered.shard = contents.shard
    return recovered
  }

  public func load(_ wanted: LoadRequest) throws -> Loaded {
    var loaded = Loaded()
    for key in wanted.keys { loaded.keys[key] = contents.keys[key] }
    for id in wanted.instances { loaded.instances[id] = contents.instances[id] }
    for probe in wanted.seen { loaded.seen[probe] = contents.seen[probe] }
    for key in wanted.parkedByKey {
      if let parked = contents.parked[key] { loaded.parked[key] = parked }
    }
    for fingerprint in wanted.fingerprints { loaded.deadLetters[fingerprint] = contents.deadLetters[fingerprint] }
    for probe in wanted.inherited { loaded.inherited[probe] = contents.inheritedBody(probe) }
    return loaded
  }

  public func commit(_ batch: CommitBatch) throws(CommitError) -> CommitReceipt {
    #if SAGA_MUTANTS
      if Mutant.is(.zombieMayWrite) {
        contents.write(batch)
        return CommitReceipt(lastSequence: contents.lastSequence, logFrames: 0)
      }
    #endif
    if batch.epoch != contents.epoch { throw .fenced(contents.epoch) }
    if batch.expectedLast != contents.lastSequence { throw .moved(actualLast: contents.lastSequence) }
    try contents.check(batch)
    contents.write(batch)
    return CommitReceipt(lastSequence: contents.lastSequence, logFrames: 0)
  }

  public func journal(after sequence: JournalSequence, limit: Int) throws -> [JournalRow] {
    Array(contents.journal[contents.index(after: sequence)...].prefix(limit))
  }

  public func rows(_ sequences: [JournalSequence]) throws -> [JournalRow] { sequences.compactMap { contents.row($0) } }

  public func wakes(through: Timestamp, after: Wake?, limit: Int) throws -> [Wake] {
    let all = contents.instances.values.compactMap { stored in
      stored.wakeAt.map { Wake(at: $0, instance: stored.id) }
    }
    let chosen = all.filter { $0.at <= through && (after?.precedes($0) ?? true) }
    return Array(chosen.sorted { $0.precedes($1) }.prefix(limit))
  }

  /// Copies the contents into a store that `copies` then holds under the path.
  public func copy(to destination: BackupDestination) throws { copies[destination.path] = MemoryStore(contents) }

  /// What `copy` has made, by path.
  public private(set) var copies: [String: MemoryStore] = [:]
}

extension HeldMessage {
  /// The primary key of the table.
  package struct Place: Hashable, Comparable {
    var lane: LaneID
    var position: OutgoingPosition
    package static func < (left: Place, right: Place) -> Bool {
      (left.lane, left.position) < (right.lane, right.position)
    }
  }
  var place: Place { Place(lane: lane, position: position) }
}
