import Foundation
import SagaCore

/// Says whether a shard has an instance that answers to a key, as of the shard's last commit. Used by one thread.
public protocol KeyProbe: AnyObject {
  /// - Throws: what the store throws.
  func has(_ key: Hash128) throws -> Bool
}

/// What the shards of one process have to agree on about values recorded with `correlate`: who is about to have one, and where a message
/// waits for one.
///
/// Who has a value is in the shards' stores, written in the commit that claims it. Here is only what nobody can read there: claims that are
/// being decided, so that two shards cannot decide the same one, and values for which messages wait, so that a claim does not pass by a
/// message that is being parked. A process that dies loses both, and decides neither.
///
/// `@unchecked Sendable`: every access to the tables holds the lock.
public final class ShardKeys: @unchecked Sendable {
  /// Opens a look into a shard; called by each other shard, on its thread.
  let probe: @Sendable (_ shard: Int) throws -> any KeyProbe
  private let lock = NSLock()
  /// Claims that are being decided, and the shard that decides.
  private var reserved: [Hash128: Int] = [:]
  /// Values for which messages wait at their home, or are about to.
  private var awaited: Set<Hash128> = []
  /// By home: values that have got an owner while messages wait for one.
  private var found: [Int: [Hash128]] = [:]

  /// - Parameter probe: opens a look into the shard of a number.
  public init(probe: @escaping @Sendable (_ shard: Int) throws -> any KeyProbe) { self.probe = probe }

  /// - Returns: false where another shard is deciding a claim of the value.
  func reserve(_ key: Hash128, for shard: Int) -> Bool {
    lock.withLock {
      if let other = reserved[key], other != shard { return false }
      reserved[key] = shard
      return true
    }
  }

  /// Ends claims, durable or dropped.
  func release(_ keys: some Sequence<Hash128>) { lock.withLock { for key in keys { reserved[key] = nil } } }

  /// A message is about to wait for the value. Said before its owner is looked for: whoever claims the value after that look finds it.
  func expect(_ key: Hash128) { _ = lock.withLock { awaited.insert(key) } }

  /// Nothing waits for the value any more.
  func forget(_ key: Hash128) { _ = lock.withLock { awaited.remove(key) } }

  /// A value has an owner, durably.
  ///
  /// - Returns: whether messages wait for it at its home, which is told.
  func own(_ key: Hash128, home: Int) -> Bool {
    lock.withLock {
      guard awaited.contains(key) else { return false }
      found[home, default: []].append(key)
      return true
    }
  }

  /// Values of a home that have got an owner.
  func takeFound(at home: Int) -> [Hash128] { lock.withLock { found.removeValue(forKey: home) ?? [] } }

  /// Whether `takeFound` would find any.
  func hasFound(at home: Int) -> Bool { lock.withLock { found[home] != nil } }
}
