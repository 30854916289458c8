/// A state as a model packs it: two words that name the state exactly, so that equal states have equal words and the
/// set of visited states can never take one for another.
public struct PackedState: Sendable, Hashable {
  /// The first 64 bits.
  public var low: UInt64
  /// The other 64 bits; those of `allowance` are among them.
  public var high: UInt64

  /// A state that its model has packed.
  public init(low: UInt64, high: UInt64 = 0) {
    self.low = low
    self.high = high
  }

  /// Spreads the state over a table; fixed, so that every run probes alike.
  @inline(__always)
  var spread: UInt64 {
    // Two rounds of the multiply-and-fold of wyhash (Wang Yi, 2019).
    let first = (low ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: high ^ 0xe703_7ed1_a0b4_28db)
    let second = (first.high ^ first.low).multipliedFullWidth(by: 0x8ebc_6af0_9c88_c6e3 ^ low)
    return second.high ^ second.low
  }
}

/// One way on from a state.
public struct Step<Action: Sendable>: Sendable {
  /// What happens.
  public var action: Action
  /// Where it leads.
  public var next: PackedState

  /// A step out of the state that was asked about.
  public init(_ action: Action, to next: PackedState) {
    self.action = action
    self.next = next
  }
}

/// A transition system with finitely many steps out of each state, as explicit-state model checkers take it (Clarke,
/// Grumberg, Peled, "Model Checking", 1999). The functions are pure: they may remember what they have computed, but the
/// same state always has the same steps in the same order.
public protocol TransitionSystem {
  /// What happens in a step; small, since every step that is looked at carries one.
  associatedtype Action: Sendable

  /// The bits of the high word that count what may still go wrong, in counters of four bits whose highest bit is free;
  /// 0 where there are none.
  ///
  /// Of two states that differ in nothing else the one with more can do everything that the other can, so the search does
  /// not look at a state when it has found one that is equal and has as much or more of each. A shortest way to a violation
  /// stays one: what covers a state was found no later. (Covering is the subsumption of well-structured transition systems:
  /// Finkel, Schnoebelen, "Well-structured transition systems everywhere!", 2001.)
  var allowance: UInt64 { get }

  /// Where everything begins.
  mutating func initialStates() throws -> [PackedState]
  /// Appends every step out of a state. A step that leads back to the same state may be left out.
  mutating func appendSteps(from state: PackedState, to steps: inout [Step<Action>]) throws
  /// What is wrong with a state, for people; nil when nothing is.
  mutating func violation(in state: PackedState) throws -> String?
  /// What is wrong with a state out of which no step leads; nil where ending there is right.
  mutating func violation(atEnd state: PackedState) throws -> String?
  /// A step in words, for a counterexample.
  mutating func describe(_ action: Action, from state: PackedState) throws -> String
}

extension TransitionSystem {
  public var allowance: UInt64 { 0 }

  public mutating func violation(atEnd state: PackedState) throws -> String? { nil }
}
