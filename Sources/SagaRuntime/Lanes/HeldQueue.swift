import SagaCore

/// Messages of a lane that its cursor has passed without their being confirmed, in journal order.
struct HeldQueue {
  private(set) var messages: [HeldMessage] = []
  /// Messages given out and not answered.
  private(set) var inFlight: Set<OutgoingPosition> = []
  /// Of each ordering key how many there are, and the first one's place.
  private var keys: [Hash128: (count: Int, first: OutgoingPosition)] = [:]

  var count: Int { messages.count }

  func contains(_ position: OutgoingPosition) -> Bool { message(at: position) != nil }

  /// Whether a message of a key is held that goes before a place.
  func holdsKey(_ ordering: Hash128, before position: OutgoingPosition) -> Bool {
    keys[ordering].map { $0.first < position } ?? false
  }

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
      let known = keys[message.ordering]
      keys[message.ordering] = (
        (known?.count ?? 0) + 1, min(known?.first ?? message.position, message.position)
      )
    }
  }

  mutating func remove(_ position: OutgoingPosition) {
    let index = lowerBound(position)
    inFlight.remove(position)
    guard index < messages.count, messages[index].position == position else { return }
    let key = messages.remove(at: index).ordering
    guard let known = keys[key], known.count > 1 else {
      keys[key] = nil
      return
    }
    let next = messages[index...].first { $0.ordering == key }?.position
    keys[key] = (known.count - 1, known.first == position ? next ?? known.first : known.first)
  }

  mutating func release(_ position: OutgoingPosition) { inFlight.remove(position) }

  /// Takes the messages that may go now: of each ordering key the first, when its time has come.
  ///
  /// - Parameter waits: whether a message stands behind one that is not held.
  mutating func take(limit: Int, now: Timestamp, waits: (HeldMessage) -> Bool) -> [HeldMessage] {
    var taken: [HeldMessage] = []
    var blocked: Set<Hash128> = []
    for message in messages {
      if taken.count == limit { break }
      guard blocked.insert(message.ordering).inserted, !inFlight.contains(message.position) else { continue }
      if message.isReady(now: now), !waits(message) { taken.append(message) }
    }
    for message in taken { inFlight.insert(message.position) }
    return taken
  }

  /// When the next message may go; nil when all wait for an operator or for an answer. Of each ordering key only the first
  /// one counts: what stands behind it cannot go, whatever its own time is.
  ///
  /// - Parameter waits: whether a message stands behind one that is not held.
  func nextAt(waits: (HeldMessage) -> Bool) -> Timestamp? {
    var seen: Set<Hash128> = []
    return messages.filter {
      seen.insert($0.ordering).inserted && !inFlight.contains($0.position) && !waits($0)
    }.compactMap(\.nextAt).min()
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
