/// What is left of the bounds in a state, and what else a state must remember, in half a word.
struct Allowance: Sendable, Hashable {
  var word: UInt32

  enum Kind: UInt32 {
    case duplicates = 0
    case losses = 4
    case crashes = 8
    case timeouts = 12
    case externals = 16
  }

  /// Messages from outside that are waited for: each comes once. At most this many types.
  static let maximumAwaited = 10
  private static let awaitedShift: UInt32 = 20
  private static let faultShift: UInt32 = 30

  /// What the step that led to a state did wrong: nothing is looked at after that.
  enum Fault: UInt32 {
    case forgotten = 1
    case undoneAfterPivot = 2
    case undoneTooEarly = 3

    var text: String {
      switch self {
      case .forgotten: "a service has forgotten a message that it had taken"
      case .undoneAfterPivot: "something is undone after the pivot"
      case .undoneTooEarly: "something is undone before what came after it is"
      }
    }
  }

  /// The bits of the counters.
  static let counters: UInt32 = 0x000f_ffff

  init(word: UInt32) { self.word = word }

  init(_ bounds: ExplorationBounds) {
    word = 0
    for (kind, count) in [
      (Kind.duplicates, bounds.duplicates), (.losses, bounds.losses), (.crashes, bounds.crashes),
      (.timeouts, bounds.timeouts), (.externals, bounds.externals),
    ] {
      word |= UInt32(min(max(0, count), ExplorationBounds.maximum)) << kind.rawValue
    }
  }

  @inline(__always)
  func has(_ kind: Kind) -> Bool { word >> kind.rawValue & 15 != 0 }

  func left(_ kind: Kind) -> Int { Int(word >> kind.rawValue & 15) }

  @inline(__always)
  func spending(_ kind: Kind) -> Allowance { Allowance(word: word - 1 << kind.rawValue) }

  func hasCome(_ awaited: Int) -> Bool { word >> (Allowance.awaitedShift + UInt32(awaited)) & 1 != 0 }

  func coming(_ awaited: Int) -> Allowance { Allowance(word: word | 1 << (Allowance.awaitedShift + UInt32(awaited))) }

  var fault: Fault? { Fault(rawValue: word >> Allowance.faultShift) }

  /// The same for a state that a step with a fault leads to; of two faults the first is told.
  func with(_ fault: Fault) -> Allowance {
    self.fault == nil ? Allowance(word: word | fault.rawValue << Allowance.faultShift) : self
  }
}
