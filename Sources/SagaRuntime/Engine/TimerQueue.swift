import HeapModule
import SagaCore

/// The wakes of instances by (due, instance): those of unfolded instances and, of the others, those up to `cursor`.
///
/// An entry may be out of date: whoever takes one compares it with the instance.
struct TimerQueue {
  private struct Entry: Comparable {
    var wake: Wake
    static func < (left: Entry, right: Entry) -> Bool { left.wake.precedes(right.wake) }
  }

  private var heap = Heap<Entry>()
  /// Every wake of the store at or before it is in the queue.
  private(set) var cursor = Wake(at: Timestamp(milliseconds: .min), instance: 0)

  var count: Int { heap.count }

  mutating func push(_ wake: Wake) { heap.insert(Entry(wake: wake)) }

  /// The earliest wake in the queue, which is the earliest there is only if `cursor` is not before it.
  var first: Wake? { heap.min?.wake }

  mutating func popFirst() -> Wake? { heap.popMin()?.wake }

  /// Adds a page that the store gave for `through`; a page that is not full completes the time.
  mutating func load(_ page: [Wake], through: Timestamp, isFull: Bool) {
    for wake in page { push(wake) }
    if isFull, let last = page.last {
      cursor = last
    } else {
      cursor = Wake(at: through, instance: .max)
    }
  }

  /// Keeps only the entries that `isNeeded` names.
  mutating func rebuild(keeping isNeeded: (Wake) -> Bool) {
    heap = Heap(heap.unordered.filter { isNeeded($0.wake) })
  }
}

extension Wake {
  func precedes(_ other: Wake) -> Bool { (at, instance) < (other.at, other.instance) }
}
