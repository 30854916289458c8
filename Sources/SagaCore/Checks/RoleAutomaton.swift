/// A role's situations as numbers, with what can be done in each, computed once.
struct RoleAutomaton {
  /// What a situation allows.
  struct Options {
    var answers: [NumberedMove]
    var timers: [NumberedMove]
    /// By type; nil until asked for.
    var receptions: [NumberedReception?]
  }

  struct NumberedMove {
    var next: Int
    var move: RoleMove
  }

  enum NumberedReception {
    case kept, late, refused
    case moves([NumberedMove])
  }

  let moves: RoleMoves
  private(set) var situations: [RoleSituation] = []
  private var numbers: [RoleSituation: Int] = [:]
  private var options: [Options?] = []

  init(_ moves: RoleMoves) {
    self.moves = moves
    _ = number(of: .absent)
  }

  mutating func number(of situation: RoleSituation) -> Int {
    if let known = numbers[situation] { return known }
    situations.append(situation)
    options.append(nil)
    numbers[situation] = situations.count - 1
    return situations.count - 1
  }

  mutating func options(in number: Int) -> Options {
    if let known = options[number] { return known }
    let situation = situations[number]
    let answers = moves.answers(situation).map { NumberedMove(next: self.number(of: $0.next), move: $0) }
    let timers = moves.timers(situation).map { NumberedMove(next: self.number(of: $0.next), move: $0) }
    let result = Options(
      answers: answers, timers: timers, receptions: Array(repeating: nil, count: moves.vocabulary.types.count))
    options[number] = result
    return result
  }

  mutating func reception(of type: Int, in number: Int) -> NumberedReception {
    if let known = options(in: number).receptions[type] { return known }
    let result: NumberedReception
    switch moves.receive(type, situations[number]) {
    case .kept: result = .kept
    case .late: result = .late
    case .refused: result = .refused
    case .moves(let found): result = .moves(found.map { NumberedMove(next: self.number(of: $0.next), move: $0) })
    }
    options[number]?.receptions[type] = result
    return result
  }
}
