import SagaCore
import SagaRuntime

/// A journal against what the world has seen: everything taken stands in it, everything in it is sent, nothing parked is
/// lost.
struct Books {
  /// Hashes of the messages that rows took in.
  private var inputs: Set<UInt64> = []
  /// Parked messages that no later row has taken, by the hashes of their bytes.
  private var parked: [UInt64: JournalSequence] = [:]
  /// Dead letters by the hashes of their messages' bytes.
  private var dead: [UInt64: JournalSequence] = [:]
  /// The messages that the journal sends.
  private var outgoing: Set<OutgoingPosition> = []

  /// Reads on by one row.
  ///
  /// - Parameters:
  ///   - sent: what the service sent.
  ///   - confirmed: what of it arrived. A command may be given back instead.
  mutating func enter(
    _ row: JournalRow, sent: [OutgoingPosition: String], _ confirmed: Set<OutgoingPosition>, _ service: String
  ) throws {
    if let input = row.input {
      let hash = input.contentHash
      inputs.insert(hash)
      parked[hash] = row.kind == .parked ? row.sequence : nil
      if row.kind == .dead { dead[hash] = row.sequence }
    }
    guard let bytes = row.outgoing else { return }
    for (effect, record) in try OutgoingRecord.decode(bytes).enumerated() {
      let position = OutgoingPosition(sequence: row.sequence, effect: Int64(effect))
      outgoing.insert(position)
      let isDone = record.kind == .command ? sent[position] != nil : confirmed.contains(position)
      if !isDone { throw Violation("outbox", "message \(effect) of row \(row.sequence) of \(service) never went out") }
    }
  }

  /// Compares when all rows are read.
  ///
  /// - Parameter taken: the types of messages that were acknowledged as taken, by the hashes of their bytes.
  func close(
    taken: [UInt64: String], _ store: any Store, sent: [OutgoingPosition: String], _ service: String
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
    let lost = parked.filter { hash, row in !waiting.contains(row) && !(dead[hash].map(open.contains) ?? false) }
    if let lost = lost.values.min() {
      throw Violation("nothing-lost", "what row \(lost) of \(service) parked was neither taken nor a dead letter")
    }
  }
}
