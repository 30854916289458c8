import Foundation

/// Bounds the bytes of input that have been read and wait to be taken: the mailbox bounds their lines, and a line may be
/// of many megabytes.
///
/// `@unchecked Sendable`: every access to `waiting` and `isClosed` holds the condition's lock.
final class InputRoom: @unchecked Sendable {
  private let condition = NSCondition()
  private let maximumBytes: Int
  private var waiting = 0
  private var isClosed = false

  /// - Parameter maximumBytes: how many bytes may wait; one line alone may have more.
  init(maximumBytes: Int = 67_108_864) { self.maximumBytes = maximumBytes }

  /// How many bytes wait.
  var waitingBytes: Int {
    condition.lock()
    defer { condition.unlock() }
    return waiting
  }

  /// Counts the bytes of a line in, waiting until there is room for them, or until no others wait.
  ///
  /// - Returns: false when the room is closed, and they were not counted.
  func enter(_ bytes: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while waiting > 0, waiting + bytes > maximumBytes, !isClosed { condition.wait() }
    if isClosed { return false }
    waiting += bytes
    return true
  }

  /// Counts bytes out that somebody has taken.
  func leave(_ bytes: Int) {
    condition.lock()
    defer { condition.unlock() }
    waiting -= bytes
    condition.broadcast()
  }

  /// Lets nothing in any more, and wakes whoever waits.
  func close() {
    condition.lock()
    defer { condition.unlock() }
    isClosed = true
    condition.broadcast()
  }
}
