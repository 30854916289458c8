/// How often participants do other than what they are asked, in thousandths of commands.
public struct ParticipantTemper: Sendable, Hashable {
  /// Refuses: nothing is done.
  public var refusal = 0
  /// Asks to be called again later.
  public var postponement = 0
  /// Does nothing and answers nothing.
  public var silence = 0
  /// Does it, and the answer is lost.
  public var lostAnswer = 0
  /// Does it and answers twice.
  public var twice = 0
  /// Does it, and claims to have refused: instead of answering, or after it.
  public var contradiction = 0
  /// Refuses an undo.
  public var refusedUndo = 0

  /// Does what it is asked, until something is set.
  public init() {}

  /// Does what it is asked.
  public static let honest = ParticipantTemper()

  /// Everything may happen: for exhaustive search.
  public static let anything: ParticipantTemper = {
    var temper = ParticipantTemper()
    temper.refusal = 1
    temper.postponement = 1
    temper.silence = 1
    temper.lostAnswer = 1
    temper.refusedUndo = 1
    return temper
  }()

  /// The weights of alternatives; that of the first is what is left.
  func weights(_ alternatives: [ParticipantModel.Alternative]) -> [Int] {
    var weights = alternatives.map { $0.kind == .success ? 0 : weight(of: $0.kind) * $0.weight }
    let left = max(1, 1000 - weights.reduce(0, +))
    let successes = alternatives.filter { $0.kind == .success }.reduce(0) { $0 + $1.weight }
    for (index, alternative) in alternatives.enumerated() where alternative.kind == .success {
      weights[index] = max(1, left * alternative.weight / max(1, successes))
    }
    // A command that can only be refused.
    if weights.allSatisfy({ $0 == 0 }) { weights[0] = 1 }
    return weights
  }

  private func weight(of kind: ParticipantModel.Alternative.Kind) -> Int {
    switch kind {
    case .success: 0
    case .refusal: refusal
    case .postponement: postponement
    case .silence: silence
    case .lostAnswer: lostAnswer
    case .twice: twice
    case .contradiction, .denial: contradiction
    case .refusedUndo: refusedUndo
    }
  }
}
