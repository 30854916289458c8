import SagaCore

/// Messages of a lane that its cursor has passed without their being confirmed, in journal order.
struct HeldQueue {
  private(set) var messages: [HeldMessage] = []
  /// Messages given out and not answered.
  private(set) var inFlight: Set<OutgoingPosition> = []
  private var countByKey: [Hash128: Int] = [:]

  var count: Int { messages.count }

  func contains(_ position: OutgoingPosition) -> Bool { message(at: position) != nil }

  func holdsKey(_ ordering: Hash128) -> Bool { countByKey[ordering] != nil }

  func message(at position: OutgoingPosition) -> HeldMessage? {
    let index = lowerBound(position)
    return index < messages.count && messages[index].position == position ? messages[index] : nil
  }

  /// Adds a message or replaces the one at its position.
  mutating func put(_ message: HeldMessage) {
    inFlight.remove(message.position)
    let index = lowerBound(message.position)
    if index < messages.count, messages[index].position == message.position {
      messages[index] = message
    } else {
      messages.insert(message, at: index)
      countByKey[message.ordering, default: 0] += 1
    }
  }

  mutating func remove(_ position: OutgoingPosition) {
    let index = lowerBound(position)
    inFlight.remove(position)
    guard index < messages.count, messages[index].position == position else { return }
    let key = messages.remove(at: index).ordering
    let left = (countByKey[key] ?? 1) - 1
    countByKey[key] = left == 0 ? nil : left
  }

  mutating func release(_ position: OutgoingPosition) { inFlight.remove(position) }

  /// Takes the messages that may go now: of each ordering key the first, when its time has come.
  mutating func take(limit: Int, now: Timestamp) -> [HeldMessage] {
    var taken: [HeldMessage] = []
    var blocked: Set<Hash128> = []
    for message in messages {
      if taken.count == limit { break }
      guard blocked.insert(message.ordering).inserted, !inFlight.contains(message.position) else { continue }
      if message.isReady(now: now) { taken.append(message) }
    }
    for message in taken { inFlight.insert(message.position) }
    return taken
  }

  /// When the next message may go; nil when all wait for an operator or for an answer. Of each ordering key only the first
  /// one counts: what stands behind it cannot go, whatever its own time is.
  var nextAt: Timestamp? {
    var seen: Set<Hash128> = []
    return messages.lazy.filter { seen.insert($0.ordering).inserted && !inFlight.contains($0.position) }
      .compactMap(\.nextAt).min()
  }

  private func lowerBound(_ position: OutgoingPosition) -> Int {
    var low = 0
    var high = messages.count
    while low < high {
      let middle = (low + high) / 2
      if messages[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension HeldMessage {
  var position: OutgoingPosition { OutgoingPosition(sequence: sequence, effect: effect) }

  /// A message that never failed only stands behind another one of its key.
  func isReady(now: Timestamp) -> Bool { attempts == 0 || nextAt.map { $0 <= now } ?? false }
}
