import SagaCore
import SagaRuntime

/// One service of a simulated world: a shard's engine, its storage, its clock, and whether the process lives.
final class SimulatedService {
  let index: Int
  let name: String
  let definition: SimulationSetup.Service
  let storage: any SimulatedStorage
  @exclusivity(unchecked) var clock: SimulatedClock
  /// The latest time that it was seen to show.
  @exclusivity(unchecked) var latestReading: Timestamp
  /// nil while the process is down.
  @exclusivity(unchecked) var engine: ShardEngine?
  @exclusivity(unchecked) var store: ObservedStore?
  /// Messages that wait to be taken in one batch.
  @exclusivity(unchecked) var inbox: [Parcel] = []
  /// When the service comes back.
  @exclusivity(unchecked) var upAt: Timestamp?
  /// The time at which it is woken next; older wakes in the agenda are passed over.
  @exclusivity(unchecked) var wakeAt: Timestamp?
  /// Whether the newer version of the definition is loaded.
  @exclusivity(unchecked) var isUpgraded = false
  /// The engine that froze and was replaced.
  @exclusivity(unchecked) var zombie: ShardEngine?
  /// When what the engine decides becomes durable.
  let commitStyle: CommitStyle
  /// By which lanes its messages leave.
  let lanes: OutgoingLanes
  /// Messages that were handed out and that nobody has answered for, by the number of their batch.
  @exclusivity(unchecked) var underWay: [Int: MessagesUnderWay] = [:]
  /// Those of the engine that froze.
  @exclusivity(unchecked) var zombieUnderWay: [Int: MessagesUnderWay] = [:]
  /// Until when lanes are down, by the service's clock.
  @exclusivity(unchecked) var downUntil: [String: Timestamp] = [:]
  /// Lanes of which something did not arrive, since the process started or before.
  @exclusivity(unchecked) var hindered: Set<String> = []
  /// The store that makes it durable.
  @exclusivity(unchecked) var durableStore: FailingStore?
  /// What the engine's commits have said.
  @exclusivity(unchecked) var book = JournalBook()
  /// Instances that have changed since it was last looked at what moves them on.
  @exclusivity(unchecked) var moved: Set<InstanceID> = []
  /// The journal as far as it was read when the service came back last.
  @exclusivity(unchecked) var audited = JournalFold()
  /// Rows that were swept from the journal.
  @exclusivity(unchecked) var archive: [JournalSequence: JournalRow] = [:]
  /// What instances were when they ended, for those of which a sweep may have left nothing else.
  @exclusivity(unchecked) var swept: [InstanceID: Instance] = [:]
  /// Whether what is decided now is a part of a transaction that has not ended.
  @exclusivity(unchecked) var isJoining = false
  /// As of what is durable, where `book` is ahead of it: nothing of this may ever be missing.
  @exclusivity(unchecked) var durableBook: JournalBook?
  /// Messages that were taken, by decisions that are not durable.
  @exclusivity(unchecked) var taken: [Taken] = []
  /// Messages that were taken when the process died, by decisions of which the next recovery tells whether they are durable.
  @exclusivity(unchecked) var lost: [Taken] = []
  /// What is on its way to be durable, oldest first.
  @exclusivity(unchecked) var handedOver: [HandedOver] = []

  /// Messages that were taken by one call.
  struct Taken {
    var parcels: [Parcel]
    var receipts: [Receipt]
    /// The journal's last row after it.
    var row: JournalSequence
    /// When that was.
    var order: Int
  }

  /// A transaction that the engine has handed over.
  struct HandedOver {
    var taken: [Taken]
    /// As of its end.
    var book: JournalBook
  }

  init(
    index: Int, definition: SimulationSetup.Service, storage: any SimulatedStorage, commitStyle: CommitStyle,
    lanes: OutgoingLanes, now: Timestamp
  ) {
    self.index = index
    self.commitStyle = commitStyle
    self.lanes = lanes
    name = definition.name
    self.definition = definition
    self.storage = storage
    clock = SimulatedClock(at: now)
    latestReading = now
  }

  /// The stream of choices about this service.
  var stream: Int { 8 + index % 8 }

  var machines: [Machine] { isUpgraded ? definition.upgraded : definition.machines }

  /// A machine of the service, in whichever version.
  func machine(_ identity: MachineIdentity) -> Machine? {
    (definition.machines + definition.upgraded).first { $0.identity == identity }
  }

  func takes(_ type: String) -> Bool { definition.takes.contains(type) }

  /// Whether several roles share the engine.
  var hasSeveralRoles: Bool { definition.machines.count > 1 }

  /// How many batches of a lane nobody has answered for.
  func batchesUnderWay(_ lane: String) -> Int { underWay.isEmpty ? 0 : underWay.values.count { $0.lane == lane } }
}

/// A message on its way to a service.
struct Parcel {
  /// Numbers parcels; copies of one message have their own.
  var number: Int
  var to: Int
  /// Decoded once, as a service does before its engine sees a message: copies and redeliveries share it.
  var message: IncomingMessage
  var type: String
  /// The saga it is about, for people.
  var key: String
  /// The message's id and source, for oracles.
  var identity: String
  var from: String
  var stream: Int
  /// The call that a reply answers.
  var correlation: String?
  /// No message at all, or one that breaks a rule on purpose.
  var isPoison = false
  /// It has the id of a message that was taken, and a body that was never sent.
  var contradicts = false
  /// How often it has been handed over.
  var deliveries = 0

  var bytes: [UInt8] { message.bytes }
}
