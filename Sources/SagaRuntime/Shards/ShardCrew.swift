import Foundation

/// A thread for each shard but the first, whose work is done on the caller's.
///
/// `@unchecked Sendable`: an engine is used by one thread at a time: by its own between `begin` and `wait`, by the caller's
/// otherwise, and the condition's lock stands between the two.
final class ShardCrew: @unchecked Sendable {
  private let engines: [ShardEngine]
  private let hands: [Hand]

  init(_ engines: [ShardEngine]) {
    self.engines = engines
    hands = engines.indices.dropFirst().map { Hand(name: "saga shard \($0)") }
  }

  deinit { for hand in hands { hand.stop() } }

  /// Does something in several shards at the same time, and waits for all.
  ///
  /// - Returns: by shard, in the order of their numbers.
  /// - Throws: what the first of the shards threw.
  func run<Value>(
    _ shards: [Int], _ body: @escaping (_ shard: Int, _ engine: ShardEngine) throws -> Value
  ) throws -> [(shard: Int, value: Value)] {
    guard shards.count > 1 else { return try shards.map { ($0, try body($0, engines[$0])) } }
    let slips = shards.map { _ in Slip<Swift.Result<Value, any Error>>() }
    let work = zip(shards, slips).map { shard, slip in
      Work { [engines] in slip.value = Swift.Result { try body(shard, engines[shard]) } }
    }
    // One is done here, when the others have begun: the first shard has no thread of its own.
    let own = shards[0] == 0 ? 0 : shards.count - 1
    for index in shards.indices where index != own { hands[shards[index] - 1].begin(work[index]) }
    work[own].body()
    for index in shards.indices where index != own { hands[shards[index] - 1].wait() }
    return try zip(shards, slips).map { ($0, try $1.taken.get()) }
  }

  /// `@unchecked Sendable`: whoever gives it to a hand waits for it.
  private struct Work: @unchecked Sendable {
    let body: () -> Void
  }

  /// One thread, and what it is to do.
  ///
  /// `@unchecked Sendable`: every access to `work` and `isStopped` holds the condition's lock.
  private final class Hand: @unchecked Sendable {
    private let condition = NSCondition()
    private var work: Work?
    private var isStopped = false

    init(name: String) {
      let thread = Thread { [self] in serve() }
      thread.name = name
      thread.stackSize = 4 << 20
      thread.start()
    }

    func begin(_ work: Work) {
      condition.lock()
      self.work = work
      condition.broadcast()
      condition.unlock()
    }

    func wait() {
      condition.lock()
      while work != nil { condition.wait() }
      condition.unlock()
    }

    func stop() {
      condition.lock()
      isStopped = true
      condition.broadcast()
      condition.unlock()
    }

    private func serve() {
      while true {
        condition.lock()
        while work == nil, !isStopped { condition.wait() }
        guard let next = work else { return condition.unlock() }
        condition.unlock()
        next.body()
        condition.lock()
        work = nil
        condition.broadcast()
        condition.unlock()
      }
    }
  }
}
