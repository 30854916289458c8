import Foundation

/// A bounded queue between the threads that bring things in and the one that runs the engine.
///
/// `@unchecked Sendable`: every access to `items` and `isClosed` holds the condition's lock.
public final class Mailbox<Item: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var items: [Item] = []
  private var isClosed = false
  /// What may still come in although the mailbox is closing.
  private var exception: (@Sendable (Item) -> Bool)?
  private let capacity: Int

  /// - Parameter capacity: `put` blocks while this many items wait; `putUrgent` does not.
  public init(capacity: Int = 1024) { self.capacity = capacity }

  /// Adds an item, waiting for room.
  ///
  /// - Returns: false when the mailbox is closed and the item was not taken.
  @discardableResult
  public func put(_ item: Item) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while items.count >= capacity, !isClosed { condition.wait() }
    if isClosed { return false }
    items.append(item)
    condition.broadcast()
    return true
  }

  /// Adds an item at the end without waiting for room: for callers that wait for its answer, and so are bounded themselves.
  @discardableResult
  public func putUnbounded(_ item: Item) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if isClosed, exception?(item) != true { return false }
    items.append(item)
    condition.broadcast()
    return true
  }

  /// Adds an item even when the mailbox is full, before all others: for what must not wait behind the input.
  @discardableResult
  public func putUrgent(_ item: Item) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if isClosed { return false }
    items.insert(item, at: 0)
    condition.broadcast()
    return true
  }

  /// How many items wait.
  public var count: Int {
    condition.lock()
    defer { condition.unlock() }
    return items.count
  }

  /// Takes up to `limit` items, waiting at most so long for the first.
  public func take(limit: Int, waitMilliseconds: Int64) -> [Item] {
    condition.lock()
    defer { condition.unlock() }
    if items.isEmpty, waitMilliseconds > 0 {
      let deadline = Date(timeIntervalSinceNow: Double(min(waitMilliseconds, 3_600_000)) / 1000)
      while items.isEmpty, !isClosed || exception != nil, condition.wait(until: deadline) {}
    }
    let taken = Array(items.prefix(limit))
    items.removeFirst(taken.count)
    if !taken.isEmpty { condition.broadcast() }
    return taken
  }

  /// Refuses further items and wakes everyone.
  ///
  /// - Parameter exception: what `putUnbounded` still takes, until `close` is called again; nothing unless given.
  public func close(except exception: (@Sendable (Item) -> Bool)? = nil) {
    condition.lock()
    isClosed = true
    self.exception = exception
    condition.broadcast()
    condition.unlock()
  }
}
