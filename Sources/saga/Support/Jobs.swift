import Foundation
import Synchronization

/// Work that is done on several threads at a time, each with values of its own.
enum Jobs {
  /// Does `work` on so many threads, the caller's among them, and comes back when nobody is at it any more.
  ///
  /// Where the system gives fewer threads there are fewer; a thread that comes late is not waited for. So `work` has to take what
  /// there is to do piece by piece, and once it has come to an end anywhere there must be nothing left to take.
  ///
  /// - Parameter caller: done by the caller in the place of `work`.
  static func run(_ count: Int, _ work: @escaping @Sendable () -> Void, caller: (() -> Void)? = nil) {
    let crew = Crew()
    for _ in 1..<max(1, count) {
      let thread = Thread {
        crew.enter()
        work()
        crew.leave()
      }
      // As much as a program's first thread has: definitions nest.
      thread.stackSize = 8 << 20
      thread.start()
    }
    if let caller { caller() } else { work() }
    crew.waitUntilEmpty()
  }

  /// Counts those at work.
  ///
  /// `@unchecked Sendable`: the condition's lock guards the count.
  private final class Crew: @unchecked Sendable {
    private let condition = NSCondition()
    private var count = 0

    func enter() { condition.withLock { count += 1 } }

    func leave() {
      condition.withLock {
        count -= 1
        condition.broadcast()
      }
    }

    func waitUntilEmpty() { condition.withLock { while count > 0 { condition.wait() } } }
  }

  /// What `make` gives for the numbers below `count`, handed to `show` in their order as soon as all before are there.
  ///
  /// - Throws: what `make` throws for the lowest number for which it does, when all before have been shown.
  static func inOrder<Value: Sendable>(
    _ count: Int, jobs: Int, make: @escaping @Sendable (Int) throws -> Value, show: @escaping @Sendable (Value) -> Void
  ) throws {
    let shared = Ordered<Value>()
    run(min(jobs, count)) {
      while true {
        let number: Int? = shared.state.withLock { state in
          guard state.next < count, state.lowestFailure == nil else { return nil }
          state.next += 1
          return state.next - 1
        }
        guard let number else { return }
        let made = Result { try make(number) }
        shared.state.withLock { state in
          switch made {
          case .success(let value): state.waiting[number] = value
          case .failure(let error):
            if number < state.lowestFailure?.number ?? .max { state.lowestFailure = (number, error) }
          }
          while let value = state.waiting.removeValue(forKey: state.shown) {
            state.shown += 1
            show(value)
          }
        }
      }
    }
    if let (_, error) = shared.state.withLock({ $0.lowestFailure }) { throw error }
  }
}

/// What threads share that make values to be shown in their order.
private final class Ordered<Value: Sendable>: Sendable {
  struct State: Sendable {
    var next = 0
    var shown = 0
    var waiting: [Int: Value] = [:]
    var lowestFailure: (number: Int, error: any Error)?
  }
  let state = Mutex(State())
}
