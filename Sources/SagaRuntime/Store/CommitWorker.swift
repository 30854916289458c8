import Foundation
import SagaCore

/// Does transactions of a store on a thread of its own, one at a time.
///
/// `@unchecked Sendable`: `state` is guarded by the condition's lock. The store is the thread's from `begin` until the
/// transaction has ended, which the lock orders before everything after `wait`; otherwise it is its owner's.
final class CommitWorker: @unchecked Sendable {
  private enum State {
    case idle
    case waiting([CommitBatch], @Sendable () -> Void)
    case working
    case done(Result<CommitReceipt, CommitError>)
    case stopped
  }

  /// nil once it has stopped: whoever made the store is the last to let it go.
  private var store: (any Store)?
  private let hasThread: Bool
  private let condition = NSCondition()
  private var state = State.idle
  /// Whether a transaction was begun and not waited for; its owner's alone.
  private(set) var isBusy = false
  private var isRunning = false

  init(_ store: any Store, hasThread: Bool) {
    self.store = store
    self.hasThread = hasThread
  }

  /// Begins a transaction of these commits; the one before must have been waited for.
  ///
  /// - Parameter told: called when it is durable.
  func begin(_ batches: [CommitBatch], _ told: @escaping @Sendable () -> Void) {
    precondition(!isBusy, "a transaction is on its way; wait for it first")
    isBusy = true
    condition.lock()
    state = .waiting(batches, told)
    condition.broadcast()
    condition.unlock()
    if hasThread, !isRunning { start() }
  }

  /// Waits for the transaction's end.
  func wait() throws(CommitError) -> CommitReceipt {
    isBusy = false
    condition.lock()
    defer { condition.unlock() }
    if !hasThread { work() }
    while true {
      if case .done(let result) = state {
        state = .idle
        return try result.get()
      }
      condition.wait()
    }
  }

  private func start() {
    isRunning = true
    let thread = Thread { [self] in
      condition.lock()
      defer { condition.unlock() }
      while true {
        work()
        if case .stopped = state {
          isRunning = false
          condition.broadcast()
          return
        }
        condition.wait()
      }
    }
    thread.name = "saga commits"
    thread.start()
  }

  /// Does what waits; the lock is held before and after it.
  private func work() {
    guard case .waiting(let batches, let told) = state else { return }
    state = .working
    condition.unlock()
    let result = store.map { commit(batches, in: $0) } ?? .failure(.outcomeUnknown(RunnerError.stopped))
    if case .success = result { told() }
    condition.lock()
    state = .done(result)
    condition.broadcast()
  }

  private func commit(_ batches: [CommitBatch], in store: any Store) -> Result<CommitReceipt, CommitError> {
    do throws(CommitError) {
      #if SAGA_MUTANTS
        if Mutant.is(.transactionTornApart) {
          var last = CommitReceipt(lastSequence: 0, logFrames: 0)
          for batch in batches { last = try store.commit(batch) }
          return .success(last)
        }
      #endif
      store.joinCommits()
      var last = CommitReceipt(lastSequence: 0, logFrames: 0)
      for batch in batches { last = try store.commit(batch) }
      return .success(try store.commitJoined() ?? last)
    } catch {
      return .failure(error)
    }
  }

  /// Ends the thread, after what it has begun.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    while true {
      switch state {
      case .waiting, .working:
        guard isRunning else { return }
        condition.wait()
        continue
      case .idle, .done, .stopped: break
      }
      break
    }
    state = .stopped
    condition.broadcast()
    while isRunning { condition.wait() }
    store = nil
  }
}
