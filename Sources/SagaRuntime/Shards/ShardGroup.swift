import Foundation
import SagaCore

/// The engines of all shards as one, for a caller that drives them by hand: each call is divided among the shards, which work on it
/// at the same time on threads of their own, and comes back when all have.
///
/// With one shard every call is that engine's own, on the caller's thread.
public final class ShardGroup {
  /// In the order of their numbers.
  public let engines: [ShardEngine]
  private let crew: ShardCrew?

  /// A message that left a shard by one of its lanes.
  public struct Delivery: Sendable {
    /// The shard's number.
    public var shard: Int
    /// What it sends.
    public var message: OutgoingDelivery
    /// What `confirm` names it by.
    public var position: Position { Position(shard: shard, position: message.position) }
  }

  /// Where a message stands: in which journal, and where in that.
  public struct Position: Sendable, Hashable, Comparable {
    /// The shard's number.
    public var shard: Int
    /// The place in the shard's journal.
    public var position: OutgoingPosition

    public static func < (left: Position, right: Position) -> Bool {
      (left.shard, left.position) < (right.shard, right.position)
    }
  }

  /// What became of a message that `takeOutgoing` gave out.
  public struct Result: Sendable {
    /// Which message.
    public var position: Position
    /// What became of it.
    public var outcome: DeliveryResult.Outcome
    /// A transport's answer.
    public init(position: Position, outcome: DeliveryResult.Outcome) {
      self.position = position
      self.outcome = outcome
    }
  }

  /// - Parameter engines: every shard of a journal, in the order of their numbers.
  public init(_ engines: [ShardEngine]) {
    precondition(!engines.isEmpty, "a journal has at least one shard")
    for (index, engine) in engines.enumerated() {
      precondition(engine.configuration.shard == ShardPlace(index: index, of: engines.count), "shards are out of order")
    }
    self.engines = engines
    crew = engines.count > 1 ? ShardCrew(engines) : nil
  }

  /// What the engines have in common: the limits.
  public var configuration: EngineConfiguration { engines[0].configuration }

  /// The greatest of the shards' journals' times.
  public var clock: Timestamp { engines.map(\.clock).max() ?? Timestamp(milliseconds: 0) }

  /// Whether timers of a shard wait until an operator has confirmed the clock.
  public var isClockHeld: Bool { engines.contains(where: \.isClockHeld) }

  /// As `ShardEngine.holdClock`, in every shard.
  public func holdClock() { for engine in engines { engine.holdClock() } }

  /// As `ShardEngine.nextDue`, of all shards.
  public func nextDue(now: Timestamp) throws -> Timestamp? { try engines.compactMap { try $0.nextDue(now: now) }.min() }

  /// As `ShardEngine.nextRetry`, of all shards.
  public func nextRetry(lane name: String) -> Timestamp? { engines.compactMap { $0.nextRetry(lane: name) }.min() }

  // MARK: In

  /// As `ShardEngine.offer`: a message goes to every shard that has a saga it is for, and is acknowledged when all have it.
  public func offer(_ deliveries: [IncomingMessage], now: Timestamp) throws -> [Receipt] {
    guard let crew else { return try engines[0].offer(deliveries, now: now) }
    let mail = noMail()
    for (index, addressed) in try address(deliveries, crew).enumerated() {
      for shard in addressed.shards { mail[shard].add(addressed.message, from: index) }
    }
    return try bring(mail, of: deliveries.count, crew, now: now)
  }

  /// Gives every shard its mail, and what goes on from there to others, until nothing does.
  ///
  /// - Returns: a receipt for each sender.
  private func bring(_ mail: [Mail], of senders: Int, _ crew: ShardCrew, now: Timestamp) throws -> [Receipt] {
    var receipts = [Receipt](repeating: Receipt(deliveries: []), count: senders)
    var mail = mail
    while mail.contains(where: { !$0.isEmpty }) {
      let round = mail
      mail = noMail()
      for (_, answers) in try crew.run(round.indices.filter { !round[$0].isEmpty }, { try round[$0].give($1, now) }) {
        for (sender, deliveries, onward) in answers {
          if receipts[sender].deliveries.isEmpty {
            receipts[sender].deliveries = deliveries
          } else {
            receipts[sender].deliveries += deliveries
          }
          for (message, shard) in onward { mail[shard].add(message, from: sender) }
        }
      }
    }
    return receipts
  }

  private func noMail() -> [Mail] { engines.map { _ in Mail() } }

  /// Reads the messages, each shard's thread a part of them, whomever they are for.
  private func address(_ deliveries: [IncomingMessage], _ crew: ShardCrew) throws -> [AddressedMessage] {
    let part = (deliveries.count + engines.count - 1) / engines.count
    let parts = part < ShardGroup.leastPart ? [deliveries] : deliveries.chunked(by: part)
    return try crew.run(Array(parts.indices)) { shard, engine in parts[shard].map { engine.address($0) } }.flatMap(
      \.value)
  }

  /// Fewer messages than this are not worth a thread.
  private static let leastPart = 4

  /// As `ShardEngine.tick`, in every shard; then what sagas of one shard sent to sagas of another is brought to them.
  public func tick(now: Timestamp) throws -> TickReport {
    guard let crew else { return try engines[0].tick(now: now) }
    var report = TickReport()
    for (_, one) in try crew.run(Array(engines.indices), { _, engine in try engine.tick(now: now) }) {
      report.add(one)
    }
    if try bringAcross(crew, now: now) > 0 || engines.contains(where: \.hasOwnLocalWork) { report.hasMore = true }
    return report
  }

  /// - Returns: how many messages went from one shard to another.
  private func bringAcross(_ crew: ShardCrew, now: Timestamp) throws -> Int {
    let mail = noMail()
    var left: [(source: Int, origin: Departure.Origin)] = []
    for (source, engine) in engines.enumerated() {
      // All are awake: the next tick looks.
      _ = engine.takeNudges()
      for departure in try engine.depart() {
        for shard in departure.shards { mail[shard].add(departure.message, from: left.count) }
        left.append((source, departure.origin))
      }
    }
    if left.isEmpty { return 0 }
    _ = try bring(mail, of: left.count, crew, now: now)
    for (source, engine) in engines.enumerated() {
      let origins = left.filter { $0.source == source }.map(\.origin)
      if !origins.isEmpty { try engine.arrived(origins, now: now) }
    }
    return left.count
  }

  // MARK: Out

  /// As `ShardEngine.takeOutgoing`: of the first shard first.
  public func takeOutgoing(lane name: String, limit: Int, now: Timestamp) throws -> [Delivery] {
    var taken: [Delivery] = []
    for (shard, engine) in engines.enumerated() {
      taken += try engine.takeOutgoing(lane: name, limit: limit - taken.count, now: now)
        .map { Delivery(shard: shard, message: $0) }
    }
    return taken
  }

  /// As `ShardEngine.confirm`.
  public func confirm(lane name: String, _ results: [Result], now: Timestamp) throws {
    for (shard, engine) in engines.enumerated() {
      let own = results.filter { $0.position.shard == shard }
      if own.isEmpty { continue }
      try engine.confirm(
        lane: name, own.map { DeliveryResult(position: $0.position.position, outcome: $0.outcome) }, now: now)
    }
  }

  /// As `ShardEngine.maintain`, in every shard.
  public func maintain(now: Timestamp, isIdle: Bool) throws -> MaintenanceReport {
    guard let crew else { return try engines[0].maintain(now: now, isIdle: isIdle) }
    var report = MaintenanceReport()
    // Between commits there is mostly nothing to do, which is not worth a thread.
    let busy = engines.indices.filter { isIdle || engines[$0].logFrames >= configuration.checkpointFrames }
    for (_, one) in try crew.run(busy, { _, engine in try engine.maintain(now: now, isIdle: isIdle) }) {
      report.add(one)
    }
    return report
  }
}

/// What is brought to one shard in one call.
private final class Mail {
  private var messages: [IncomingMessage] = []
  /// Who sent each of them.
  private var senders: [Int] = []

  var isEmpty: Bool { messages.isEmpty }

  func add(_ message: IncomingMessage, from sender: Int) {
    messages.append(message)
    senders.append(sender)
  }

  typealias Answer = (sender: Int, deliveries: [DeliveryReceipt], onward: [(message: IncomingMessage, shard: Int)])

  /// Offers the messages on the shard's thread, which is the last to have them: ending what was decoded costs as much there
  /// as elsewhere, but not one shard after the other.
  func give(_ engine: ShardEngine, _ now: Timestamp) throws -> [Answer] {
    let messages = self.messages
    self.messages = []
    let receipts = try engine.offer(messages, now: now)
    return receipts.indices.map { index in
      let onward = receipts[index].onward.map { (messages[index].going($0), $0.shard) }
      return (senders[index], receipts[index].deliveries, onward)
    }
  }
}

extension ShardEngine {
  /// Which shards a message is for, and the message with what was found out on the way.
  func address(_ incoming: IncomingMessage) -> AddressedMessage {
    let prepared = prepare(incoming)
    guard let event = prepared.event else { return AddressedMessage(message: incoming, shards: [0]) }
    return AddressedMessage(message: IncomingMessage(bytes: incoming.bytes, event: event), shards: prepared.shards)
  }
}

/// A message and the shards that it is for.
struct AddressedMessage: Sendable {
  var message: IncomingMessage
  var shards: [Int]
}

extension TickReport {
  /// Adds what another shard did.
  mutating func add(_ other: TickReport) {
    localMessages += other.localMessages
    firedTimers += other.firedTimers
    expiredMessages += other.expiredMessages
    hasMore = hasMore || other.hasMore
    nextDue = [nextDue, other.nextDue].compactMap { $0 }.min()
    isClockHeld = isClockHeld || other.isClockHeld
    isClockAhead = isClockAhead || other.isClockAhead
  }
}

extension MaintenanceReport {
  /// Adds what another shard did.
  mutating func add(_ other: MaintenanceReport) {
    wroteMarks = wroteMarks || other.wroteMarks
    foldedInstances += other.foldedInstances
    checkpointed = checkpointed || other.checkpointed
    unfoldedRows += other.unfoldedRows
    logFrames += other.logFrames
    hasMore = hasMore || other.hasMore
  }
}
