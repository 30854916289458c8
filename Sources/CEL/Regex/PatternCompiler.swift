/// One step of the matching machine.
enum PatternInstruction: Sendable {
  case scalar(Unicode.Scalar)
  /// Place in ``PatternProgram/sets``.
  case set(Int)
  case assertion(PatternAssertion)
  case jump(Int)
  case split(Int, Int)
  case match
}

struct PatternProgram: Sendable {
  fileprivate(set) var instructions: [PatternInstruction] = []
  fileprivate(set) var sets: [CharacterClass] = []

  var count: Int { instructions.count }
}

/// Compiles a syntax tree to a program of bounded size (Thompson's construction).
struct PatternCompiler {
  private(set) var program = PatternProgram()
  private let maximumInstructions: Int
  /// Visits of tree nodes: repetitions of nothing emit no instruction and still take time.
  private var visits = 0

  init(maximumInstructions: Int) { self.maximumInstructions = maximumInstructions }

  mutating func compile(_ syntax: PatternSyntax) throws(CELError) {
    try emit(syntax)
    try append(.match)
  }

  private mutating func emit(_ syntax: PatternSyntax) throws(CELError) {
    visits += 1
    if visits > 4 * maximumInstructions { throw tooLarge }
    switch syntax {
    case .empty: break
    case .scalar(let scalar): try append(.scalar(scalar))
    case .set(let set):
      program.sets.append(set)
      try append(.set(program.sets.count - 1))
    case .assertion(let assertion): try append(.assertion(assertion))
    case .sequence(let parts):
      for part in parts { try emit(part) }
    case .alternatives(let branches): try emit(branches)
    case .repetition(let body, let minimum, let maximum): try emit(body, minimum, maximum)
    }
  }

  private mutating func emit(_ branches: [PatternSyntax]) throws(CELError) {
    var jumps: [Int] = []
    for branch in branches.dropLast() {
      let split = program.count
      try append(.split(split + 1, 0))
      try emit(branch)
      jumps.append(program.count)
      try append(.jump(0))
      program.instructions[split] = .split(split + 1, program.count)
    }
    if let last = branches.last { try emit(last) }
    for jump in jumps { program.instructions[jump] = .jump(program.count) }
  }

  private mutating func emit(_ body: PatternSyntax, _ minimum: Int, _ maximum: Int?) throws(CELError) {
    for _ in 0..<minimum { try emit(body) }
    guard let maximum else {
      let split = program.count
      try append(.split(split + 1, 0))
      try emit(body)
      try append(.jump(split))
      program.instructions[split] = .split(split + 1, program.count)
      return
    }
    var splits: [Int] = []
    for _ in minimum..<maximum {
      splits.append(program.count)
      try append(.split(program.count + 1, 0))
      try emit(body)
    }
    for split in splits { program.instructions[split] = .split(split + 1, program.count) }
  }

  private mutating func append(_ instruction: PatternInstruction) throws(CELError) {
    if program.count >= maximumInstructions { throw tooLarge }
    program.instructions.append(instruction)
  }

  private var tooLarge: CELError {
    let message = "the pattern needs more than \(maximumInstructions) instructions"
    return CELError(kind: .limit, message: message, offset: 0)
  }
}
