import Foundation

/// A lane's transport that the shards share: all of them together have as many calls at once as the lane allows.
struct SharedTransport: OutgoingTransport {
  let transport: any OutgoingTransport
  let gate: ConcurrencyGate

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    await gate.enter()
    let results = await transport.send(messages)
    gate.leave()
    return results
  }
}

extension OutgoingLane {
  /// The lane as several shards may have it together.
  var shared: OutgoingLane {
    var lane = self
    lane.transport = SharedTransport(transport: transport, gate: ConcurrencyGate(concurrency))
    return lane
  }
}

/// Lets a number of callers in at once, the others in the order in which they came.
///
/// `@unchecked Sendable`: every access to its variables holds the lock.
final class ConcurrencyGate: @unchecked Sendable {
  private let lock = NSLock()
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ limit: Int) { free = limit }

  func enter() async {
    await withCheckedContinuation { continuation in
      let isIn = lock.withLock {
        guard free > 0 else {
          waiting.append(continuation)
          return false
        }
        free -= 1
        return true
      }
      if isIn { continuation.resume() }
    }
  }

  func leave() {
    let next: CheckedContinuation<Void, Never>? = lock.withLock {
      if waiting.isEmpty {
        free += 1
        return nil
      }
      return waiting.removeFirst()
    }
    next?.resume()
  }
}
