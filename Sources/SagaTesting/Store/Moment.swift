import SagaCore
import SagaRuntime

/// Everything a store shows at one moment, to compare two.
struct Moment: Equatable, CustomStringConvertible {
  var positions: [Int64]
  var clock: Timestamp
  var journalID: [UInt8]
  var lanes: [LanePosition]
  var held: [HeldMessage]
  var machines: [StoredMachine]
  var journal: [JournalRow]
  var instances: [StoredInstance]
  var deadLetters: [DeadLetterEntry]
  var parked: [ParkedMessage]

  init(_ store: any Store) throws {
    let recovered = try store.recover()
    positions = [recovered.epoch, recovered.lastSequence, recovered.foldedSequence, recovered.sweptSequence]
    clock = recovered.clock
    journalID = recovered.journalID
    lanes = recovered.lanes
    held = recovered.held
    machines = recovered.machines
    journal = try store.journal(after: 0, limit: 10_000)
    instances = try store.page(.instances(statuses: nil, machines: nil), after: nil, limit: 10_000).instances
    deadLetters = try store.page(.deadLetters(onlyUnresolved: false), after: nil, limit: 10_000).deadLetters
    parked = try store.page(.parked(expiringBy: nil), after: nil, limit: 10_000).parked
  }

  var description: String {
    """
    positions \(positions), \(journal.count) rows, instances \(instances.map { "\($0.id)@\($0.sequence)/\($0.status)" }), \
    lanes \(lanes.map { "\($0.id)@\($0.sequence).\($0.effect)" }), \(held.count) held, machines \(machines.map(\.id)), \
    dead letters \(deadLetters.map(\.sequence)), parked \(parked.map(\.sequence))
    """
  }
}
