import Foundation

/// Tells whoever waits that the journal has grown.
///
/// `@unchecked Sendable`: every access holds the lock.
final class JournalSignal: @unchecked Sendable {
  private let lock = NSLock()
  private var last: JournalSequence = 0
  private var hasFinished = false
  private var waiting: [Int: (after: JournalSequence, continuation: CheckedContinuation<Bool, Never>)] = [:]
  private var nextWaiter = 0

  /// Called on the shard's thread after commits.
  func advance(to sequence: JournalSequence) {
    lock.lock()
    guard sequence > last else { return lock.unlock() }
    last = sequence
    let ready = waiting.filter { $0.value.after < sequence }
    for number in ready.keys { waiting[number] = nil }
    lock.unlock()
    for entry in ready.values { entry.continuation.resume(returning: true) }
  }

  /// The engine has stopped: nothing more will come.
  func finish() {
    lock.lock()
    hasFinished = true
    let ready = waiting
    waiting = [:]
    lock.unlock()
    for entry in ready.values { entry.continuation.resume(returning: false) }
  }

  /// Waits until there is a row after `sequence`.
  ///
  /// - Returns: false when none will come: the engine has stopped, or the waiting task was cancelled.
  func wait(after sequence: JournalSequence) async -> Bool {
    let number = lock.withLock {
      nextWaiter += 1
      return nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        lock.lock()
        if last > sequence || hasFinished || Task.isCancelled {
          let answer = last > sequence && !Task.isCancelled
          lock.unlock()
          continuation.resume(returning: answer)
        } else {
          waiting[number] = (sequence, continuation)
          lock.unlock()
        }
      }
    } onCancel: {
      let entry = lock.withLock { waiting.removeValue(forKey: number) }
      entry?.continuation.resume(returning: false)
    }
  }
}
