import SagaCore
import SagaRuntime

/// A journal against what the world has seen: everything taken stands in it, everything in it is sent, nothing parked is
/// lost.
struct Books {
  /// A parked message.
  struct Parked {
    var hash: UInt64
    /// For which of several roles of the engine; nil where there is one.
    var role: RoleName?
    var row: JournalRow
  }

  /// A message at a role.
  private struct Place: Hashable {
    var hash: UInt64
    var role: RoleName?
  }

  /// A message at an instance.
  private struct Taken: Hashable {
    var instance: InstanceID
    var hash: UInt64
  }

  /// The lane of messages between the engine's own roles; nil where there were none.
  private let local: LaneID?
  /// Hashes of the messages that rows took in.
  private var inputs: Set<UInt64> = []
  /// Parked messages that no later row has taken.
  private var parked: [Place: Parked] = [:]
  /// Dead letters.
  private var dead: [Place: JournalSequence] = [:]
  /// Hashes of messages that some instance has taken.
  private var takenBySome: Set<UInt64> = []
  private var taken: Set<Taken> = []
  /// The messages that the journal sends.
  private var outgoing: Set<OutgoingPosition> = []
  /// What roles of the engine sent one another, in order.
  private var sentLocally: [(row: JournalSequence, effect: Int, record: OutgoingRecord)] = []

  init(local: LaneID?) { self.local = local }

  /// Reads on by one row.
  ///
  /// - Parameters:
  ///   - role: whose row it is, where the engine has several.
  ///   - sent: what the service sent.
  ///   - confirmed: what of it arrived. A command may be given back instead.
  mutating func enter(
    _ row: JournalRow, role: RoleName?, sent: [OutgoingPosition: String], _ confirmed: Set<OutgoingPosition>,
    _ service: String
  ) throws {
    if let input = row.input {
      let place = Place(hash: input.contentHash, role: role)
      inputs.insert(place.hash)
      parked[place] = row.kind == .parked ? Parked(hash: place.hash, role: role, row: row) : nil
      if row.kind == .dead {
        dead[place] = row.sequence
        // One that was kept and refused when it was offered again may be replayed.
        taken = taken.filter { $0.hash != place.hash }
      }
      if let id = row.instance, row.kind == .message || row.kind == .reoffer {
        takenBySome.insert(place.hash)
        if row.kind == .message, !taken.insert(Taken(instance: id, hash: place.hash)).inserted {
          throw Violation("duplicate", "row \(row.sequence) of \(service) takes what its instance has taken before")
        }
      }
    }
    guard let bytes = row.outgoing else { return }
    for (effect, record) in try OutgoingRecord.decode(bytes).enumerated() {
      if let local, record.lanes.contains(local) {
        sentLocally.append((row.sequence, effect, record))
        if record.lanes.count == 1 { continue }
      }
      let position = OutgoingPosition(sequence: row.sequence, effect: Int64(effect))
      outgoing.insert(position)
      let isDone = record.kind == .command ? sent[position] != nil : confirmed.contains(position)
      if !isDone { throw Violation("outbox", "message \(effect) of row \(row.sequence) of \(service) never went out") }
    }
  }

  /// What roles of the engine sent one another, and no row took.
  var untaken: [(row: JournalSequence, effect: Int, record: OutgoingRecord)] {
    sentLocally.filter { !inputs.contains($0.record.event.contentHash) }
  }

  /// Compares when all rows are read.
  ///
  /// - Parameters:
  ///   - taken: the types of messages that were acknowledged as taken, by the hashes of their bytes.
  ///   - mayBeGone: whether nothing may be left of a parked message that another role has taken.
  func close(
    taken: [UInt64: String], _ store: any Store, sent: [OutgoingPosition: String], _ service: String,
    mayBeGone: (Parked) throws -> Bool
  ) throws {
    if let lost = taken.filter({ !inputs.contains($0.key) }).map(\.value).min() {
      throw Violation("acknowledged-is-kept", "\(service) acknowledged a \(lost) that its journal does not have")
    }
    if let unwritten = sent.keys.filter({ !outgoing.contains($0) }).min() {
      throw Violation("outbox", "\(service) sent a message of row \(unwritten.sequence) that its journal does not have")
    }
    if parked.isEmpty { return }
    let waiting = Set(try store.page(.parked(expiringBy: nil), after: nil, limit: 10_000).parked.map(\.sequence))
    // One that was replayed and waited in vain once more has its old dead letter again.
    let letters = try store.page(.deadLetters(onlyUnresolved: true), after: nil, limit: 10_000).deadLetters
    let open = Set(letters.map(\.sequence))
    let missing = parked.filter { place, message in
      !waiting.contains(message.row.sequence) && !(dead[place].map(open.contains) ?? false)
    }
    for message in missing.values.sorted(by: { $0.row.sequence < $1.row.sequence }) {
      if message.role != nil, takenBySome.contains(message.hash), try mayBeGone(message) { continue }
      throw Violation(
        "nothing-lost", "what row \(message.row.sequence) of \(service) parked was neither taken nor a dead letter")
    }
  }
}
