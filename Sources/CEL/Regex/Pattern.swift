/// A regular expression that is matched in time linear in the text: all alternatives advance together, one code point
/// at a time (Ken Thompson 1968; Rob Pike's and Russ Cox's "Regular Expression Matching: the Virtual Machine
/// Approach").
struct Pattern: Sendable {
  let program: PatternProgram

  /// - Throws: ``CELError`` of kind `invalidArgument` for syntax, `limit` for a program that is too large.
  init(_ source: String, maximumInstructions: Int) throws(CELError) {
    var parser = PatternParser(source)
    var compiler = PatternCompiler(maximumInstructions: maximumInstructions)
    try compiler.compile(try parser.parse())
    program = compiler.program
  }

  /// Whether the pattern matches anywhere in the text.
  func matches(_ text: String, charging evaluation: inout Evaluation) throws(CELError) -> Bool {
    try evaluation.charge(program.count / CostModel.patternInstructionsPerUnit)
    var machine = PatternMachine(program: program)
    var debt = 0
    var scalars = text.unicodeScalars.makeIterator()
    var before: Unicode.Scalar?
    var after = scalars.next()
    while true {
      if machine.enter(between: before, and: after) { return true }
      debt += machine.visits
      if debt >= CostModel.patternStepsPerUnit {
        try evaluation.charge(debt / CostModel.patternStepsPerUnit)
        debt %= CostModel.patternStepsPerUnit
      }
      guard let scalar = after, !machine.isStuck else { return false }
      machine.consume(scalar)
      before = scalar
      after = scalars.next()
    }
  }
}

/// The threads of one match.
private struct PatternMachine {
  let program: PatternProgram
  private let isAnchored: Bool
  /// Where threads continue after the last code point.
  private var pending: [Int] = []
  /// Threads that wait for a code point.
  private var waiting: [Int] = []
  private var stack: [Int] = []
  /// The round in which an instruction was last visited.
  private var visited: [Int]
  private var round = 0
  /// Instructions visited in this round.
  private(set) var visits = 0

  init(program: PatternProgram) {
    self.program = program
    visited = Array(repeating: 0, count: program.count)
    if case .assertion(.textStart)? = program.instructions.first { isAnchored = true } else { isAnchored = false }
  }

  /// Whether no later text can make a match.
  var isStuck: Bool { isAnchored && waiting.isEmpty }

  /// Follows all threads to where they need a code point; true when one of them has matched.
  mutating func enter(between before: Unicode.Scalar?, and after: Unicode.Scalar?) -> Bool {
    round += 1
    visits = 0
    waiting.removeAll(keepingCapacity: true)
    for thread in pending {
      if follow(thread, before, after) { return true }
    }
    return !(isAnchored && before != nil) && follow(0, before, after)
  }

  private mutating func follow(_ start: Int, _ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
    stack.append(start)
    while let place = stack.popLast() {
      visits += 1
      if visited[place] == round { continue }
      visited[place] = round
      switch program.instructions[place] {
      case .scalar, .set: waiting.append(place)
      case .assertion(let assertion):
        if assertion.holds(between: before, and: after) { stack.append(place + 1) }
      case .jump(let target): stack.append(target)
      case .split(let first, let second):
        stack.append(second)
        stack.append(first)
      case .match:
        return true
      }
    }
    return false
  }

  mutating func consume(_ scalar: Unicode.Scalar) {
    pending.removeAll(keepingCapacity: true)
    for place in waiting {
      switch program.instructions[place] {
      case .scalar(scalar): pending.append(place + 1)
      case .set(let set) where program.sets[set].contains(scalar): pending.append(place + 1)
      default: break
      }
    }
  }
}

extension PatternAssertion {
  fileprivate func holds(between before: Unicode.Scalar?, and after: Unicode.Scalar?) -> Bool {
    switch self {
    case .textStart: before == nil
    case .textEnd: after == nil
    case .lineStart: before == nil || before == "\n"
    case .lineEnd: after == nil || after == "\n"
    case .wordBoundary: Self.isWord(before) != Self.isWord(after)
    case .noWordBoundary: Self.isWord(before) == Self.isWord(after)
    }
  }

  private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
    switch scalar {
    case ("a"..."z")?, ("A"..."Z")?, ("0"..."9")?, "_"?: true
    default: false
    }
  }
}
