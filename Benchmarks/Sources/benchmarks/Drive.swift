import Foundation
import SagaCore
import SagaRuntime

/// An engine on a store, with what a service does around it: messages in, outgoing ones taken and confirmed, timers,
/// background work.
struct Drive {
  let store: any Store
  let engine: ShardEngine
  private(set) var sent = 0
  private(set) var sentBytes = 0

  init(_ store: any Store, _ machines: [Machine], group: Int, now: Timestamp) throws {
    self.store = store
    var configuration = Workload.configuration()
    configuration.maximumBatch = max(configuration.maximumBatch, group)
    engine = try ShardEngine(store: store, machines: machines, configuration: configuration, now: now)
  }

  /// - Throws: where one of them became a dead letter, too.
  func offer(_ messages: ArraySlice<IncomingMessage>, now: Timestamp) throws {
    for receipt in try engine.offer(Array(messages), now: now) {
      for delivery in receipt.deliveries {
        if case .deadLettered(let code, let text) = delivery.outcome { throw BenchmarkError("\(code): \(text)") }
      }
    }
  }

  /// What comes after an offer: outgoing messages leave, what sagas sent to sagas is taken, timers fire.
  @discardableResult
  mutating func relay(now: Timestamp) throws -> TickReport {
    try send(now: now)
    var report = try engine.tick(now: now)
    while report.hasMore {
      try send(now: now)
      report = try engine.tick(now: now)
    }
    _ = try engine.maintain(now: now, isIdle: false)
    return report
  }

  private mutating func send(now: Timestamp) throws {
    while true {
      let outgoing = try engine.takeOutgoing(lane: "output", limit: 1000, now: now)
      if outgoing.isEmpty { return }
      sent += outgoing.count
      for delivery in outgoing { sentBytes += delivery.bytes.count }
      try engine.confirm(
        lane: "output", outgoing.map { DeliveryResult(position: $0.position, outcome: .confirmed) }, now: now)
    }
  }

  /// Offers all messages in groups.
  mutating func pass(_ messages: ArraySlice<IncomingMessage>, group: Int, now: (Int) -> Timestamp) throws {
    var index = messages.startIndex
    while index < messages.endIndex {
      let end = min(index + group, messages.endIndex)
      try offer(messages[index..<end], now: now(index))
      try relay(now: now(index))
      index = end
    }
  }

  /// As `pass`, and as a service's loop has it: whoever brings a message in has read it, and each group becomes durable while
  /// the next one is decided.
  mutating func passPipelined(_ messages: ArraySlice<IncomingMessage>, group: Int, now: (Int) -> Timestamp) throws {
    let coming = Mailbox<[IncomingMessage]>(capacity: 4)
    let reader = Thread {
      var index = messages.startIndex
      while index < messages.endIndex {
        let end = min(index + group, messages.endIndex)
        coming.put(messages[index..<end].map { $0.decoded() })
        index = end
      }
    }
    reader.start()
    defer { coming.close() }
    var index = messages.startIndex
    while index < messages.endIndex {
      guard let read = coming.take(limit: 1, waitMilliseconds: 60_000).first else {
        throw BenchmarkError("nothing came in for a minute")
      }
      let end = index + read.count
      try turn(read[...], now: now(index), handsOver: { end < messages.endIndex }, {})
      index = end
    }
  }

  /// What comes in and what follows from it, in one commit.
  ///
  /// - Parameters:
  ///   - handsOver: whether the commit becomes durable while the next one is decided; asked when everything is decided.
  ///   - told: called when it is durable, on any thread.
  mutating func turn(
    _ messages: ArraySlice<IncomingMessage>, now: Timestamp, handsOver: () -> Bool,
    _ told: @escaping @Sendable () -> Void
  ) throws {
    engine.joinCommits()
    try offer(messages, now: now)
    while try engine.tick(now: now).hasMore {}
    if handsOver() {
      try engine.handOverJoined(told)
    } else {
      try engine.commitJoined()
      told()
    }
    try send(now: now)
    _ = try engine.maintain(now: now, isIdle: false)
  }

  /// Folds and checkpoints everything.
  mutating func settle(now: Timestamp) throws {
    try relay(now: now)
    while try engine.maintain(now: now, isIdle: true).hasMore {}
  }
}
