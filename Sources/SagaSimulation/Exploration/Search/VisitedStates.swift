/// The states that a search has found, each once, in the order in which they were found, with where each was found from.
///
/// The order of finding is the queue of a breadth-first search, so the states need no second place. The table is open
/// addressing with linear probing; a slot has the number of a state and a part of its hash, so that states are compared
/// almost only where they are equal. Nothing is ever taken for something else: a state's two words are compared whole,
/// unlike in bitstate hashing (Holzmann, 1998), where a collision would hide states.
struct VisitedStates {
  /// By number.
  private(set) var states: [PackedState] = []
  /// By number: the state from which a state was found first; its own number for an initial state.
  private(set) var parents: [UInt32] = []
  /// High half: a part of the hash. Low half: number plus one; a free slot is zero.
  private var slots: [UInt64]
  private var mask: Int

  /// The bits of a state's high word that hold its allowance: counters of four bits, of which the highest is free.
  private let allowance: UInt64
  private let guards: UInt64

  /// Numbers are 32 bits wide.
  static let maximum = Int(UInt32.max) - 1

  /// - Parameter allowance: see `TransitionSystem.allowance`.
  init(allowance: UInt64 = 0) {
    self.allowance = allowance
    guards = allowance & 0x8888_8888_8888_8888
    slots = [UInt64](repeating: 0, count: 1 << 12)
    mask = slots.count - 1
  }

  var count: Int { states.count }

  /// Memory that the states take, in bytes.
  var bytes: Int { 16 * states.capacity + 4 * parents.capacity + 8 * slots.count }

  enum Insertion { case known, new, full }

  /// Whether a known state is the same as another, with as much or more of each allowance.
  ///
  /// All counters are compared at once: with the guard bits set in the one, no borrow leaves a counter, and a guard bit
  /// stays where its counter was not less.
  @inline(__always)
  private func covers(_ known: PackedState, _ state: PackedState) -> Bool {
    guard known.low == state.low, (known.high ^ state.high) & ~allowance == 0 else { return false }
    let difference = (known.high & allowance | guards) &- (state.high & allowance)
    return difference & guards == guards
  }

  @inline(__always)
  private func hash(_ state: PackedState) -> UInt64 {
    PackedState(low: state.low, high: state.high & ~allowance).spread
  }

  /// Adds a state unless one that covers it is known or there are `limit` states already.
  @inline(__always)
  mutating func insert(_ state: PackedState, from parent: UInt32, limit: Int) -> Insertion {
    let hash = hash(state)
    let tag = hash & 0xffff_ffff_0000_0000
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let entry = slots[slot]
      if entry & 0xffff_ffff_0000_0000 == tag, covers(states[Int(UInt32(truncatingIfNeeded: entry)) - 1], state) {
        return .known
      }
      slot = (slot + 1) & mask
    }
    if states.count >= limit { return .full }
    states.append(state)
    parents.append(parent)
    slots[slot] = tag | UInt64(states.count)
    if 4 * states.count > 3 * slots.count { grow() }
    return .new
  }

  private mutating func grow() {
    slots = [UInt64](repeating: 0, count: 2 * slots.count)
    mask = slots.count - 1
    for (number, state) in states.enumerated() {
      let hash = hash(state)
      var slot = Int(truncatingIfNeeded: hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = hash & 0xffff_ffff_0000_0000 | UInt64(number + 1)
    }
  }

  /// The numbers of the states on the way to a state, the initial one first.
  func path(to number: Int) -> [Int] {
    var path = [number]
    while let last = path.last, Int(parents[last]) != last { path.append(Int(parents[last])) }
    return path.reversed()
  }
}
