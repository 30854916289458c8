import DequeModule
import SagaCore

/// The outgoing queue of one destination: a cursor over the journal, a window of messages after it, and what is held.
///
/// Like what its engine holds, what a lane holds is not watched for overlapping accesses at run time.
final class Lane {
  /// A message in the window.
  struct Entry {
    enum Status: Hashable { case ready, inFlight, done }
    var position: OutgoingPosition
    var ordering: Hash128
    /// nil once the message is done: it only keeps its place.
    var message: Message?
    var status = Status.ready
    var attempts: Int64 = 0
    /// Not before; set when it failed and nothing more may be held.
    var retryAt: Timestamp?
  }

  /// What is sent. Shared by the entries of all lanes that the message leaves by.
  final class Message {
    let orderingKey: String
    let id: String
    let type: String
    let kind: MessageKind
    let destination: String?
    /// Who sent it; nil for rows of the embedding service's own transactions.
    let instance: InstanceID?
    let bytes: [UInt8]

    init(
      orderingKey: String, id: String, type: String, kind: MessageKind, destination: String?, instance: InstanceID?,
      bytes: [UInt8]
    ) {
      self.orderingKey = orderingKey
      self.id = id
      self.type = type
      self.kind = kind
      self.destination = destination
      self.instance = instance
      self.bytes = bytes
    }
  }

  let id: LaneID
  let name: String
  /// Whether a durable row or the lane table names the lane.
  @exclusivity(unchecked) var isAnnounced: Bool
  /// Whether the lane table has it, so that held messages may refer to it.
  @exclusivity(unchecked) var isInTable: Bool
  /// Messages after the cursor, in order; the first one is not done.
  @exclusivity(unchecked) private(set) var window = Deque<Entry>()
  /// Events in the window that were refused for good when no more could be held, and why.
  @exclusivity(unchecked) var refused: [OutgoingPosition: String] = [:]
  /// Rows at or before it have been put into the window.
  @exclusivity(unchecked) private(set) var scanned: JournalSequence
  /// Messages before it are confirmed, whatever the window says.
  private let floor: OutgoingPosition
  /// Ordering keys with a message on its way.
  @exclusivity(unchecked) private(set) var inFlight: Set<Hash128> = []
  /// Confirmed messages that no durable mark covers.
  @exclusivity(unchecked) private(set) var unmarked = 0
  /// Nothing goes before this time: the destination is down.
  @exclusivity(unchecked) var stoppedUntil: Timestamp?
  @exclusivity(unchecked) var held = HeldQueue()
  /// Whether the window takes what the batch being applied sends.
  @exclusivity(unchecked) var isFeeding = false

  init(id: LaneID, name: String, position: OutgoingPosition, isAnnounced: Bool, isInTable: Bool) {
    self.id = id
    self.name = name
    self.isAnnounced = isAnnounced
    self.isInTable = isInTable
    floor = position
    scanned = position.sequence - 1
  }

  /// Everything before it is confirmed or held.
  var position: OutgoingPosition {
    max(floor, window.first?.position ?? OutgoingPosition(sequence: scanned + 1, effect: 0))
  }

  var needsMark: Bool { unmarked > 0 || !isAnnounced }

  var mark: LaneMark {
    #if SAGA_MUTANTS
      if Mutant.is(.cursorAheadOfConfirmed) {
        return LaneMark(lane: id, name: isAnnounced ? "" : name, sequence: scanned + 1, effect: 0)
      }
      if Mutant.is(.localPassedUntaken), name == localLane {
        return LaneMark(lane: id, name: isAnnounced ? "" : name, sequence: scanned + 1, effect: 0)
      }
      if Mutant.is(.handedOutTakenForSent) {
        let ready = window.first { $0.status == .ready }?.position
        let position = max(floor, ready ?? OutgoingPosition(sequence: scanned + 1, effect: 0))
        return LaneMark(
          lane: id, name: isAnnounced ? "" : name, sequence: position.sequence, effect: position.effect)
      }
    #endif
    return LaneMark(lane: id, name: isAnnounced ? "" : name, sequence: position.sequence, effect: position.effect)
  }

  var stored: LanePosition {
    LanePosition(id: id, name: name, sequence: position.sequence, effect: position.effect)
  }

  func marked(confirmed count: Int) {
    unmarked = max(0, unmarked - count)
    isAnnounced = true
  }

  /// Puts a message at the end of the window, unless it is already past the cursor or held.
  func append(_ entry: Entry) {
    if takes(entry.position) { window.append(entry) }
  }

  /// Whether `append` would add a message of this position.
  func takes(_ position: OutgoingPosition) -> Bool {
    guard position >= floor, !held.contains(position) else { return false }
    return window.last.map { position > $0.position } ?? true
  }

  func advanceScan(to sequence: JournalSequence) { scanned = max(scanned, sequence) }

  /// The window's index of a message.
  func index(of position: OutgoingPosition) -> Int? {
    var low = 0
    var high = window.count
    while low < high {
      let middle = (low + high) / 2
      if window[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low < window.count && window[low].position == position ? low : nil
  }

  func markInFlight(_ index: Int) {
    window[index].status = .inFlight
    inFlight.insert(window[index].ordering)
  }

  /// The message may be given out again.
  func release(_ index: Int, attempts: Int64, retryAt: Timestamp?) {
    inFlight.remove(window[index].ordering)
    window[index].status = .ready
    window[index].attempts = attempts
    window[index].retryAt = retryAt
  }

  /// What waits for a time that is too far to be one of the clock's is tried now; what waits for an operator is not.
  func retryNow(putOffBeyond limit: Timestamp) {
    if let until = stoppedUntil, until > limit { stoppedUntil = nil }
    for index in window.indices {
      if let retryAt = window[index].retryAt, retryAt > limit, retryAt < Timestamp(milliseconds: .max) {
        window[index].retryAt = nil
      }
    }
  }

  /// Whether a held message stands behind one of its key that is not done: a crash forgets what was confirmed and not yet
  /// marked, and those go again before what came after them.
  func isBehindWindow(_ held: HeldMessage) -> Bool {
    window.prefix { $0.position < held.position }.contains { $0.status != .done && $0.ordering == held.ordering }
  }

  /// The message needs no more attention here: it was confirmed, held or given back.
  func finish(_ position: OutgoingPosition) {
    refused[position] = nil
    guard let index = index(of: position), window[index].status != .done else { return }
    inFlight.remove(window[index].ordering)
    window[index].status = .done
    window[index].message = nil
    unmarked += 1
    while let first = window.first, first.status == .done { window.removeFirst() }
  }
}
