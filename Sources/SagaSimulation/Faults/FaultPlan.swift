/// Which faults one run has, and how often: drawn per seed, so that some runs have one fault and others a storm.
///
/// Turning faults off at random finds more than having all of them always (Groce and others, "Swarm Testing", 2012).
public struct FaultPlan: Sendable, Hashable {
  /// By `FaultKind.allCases` order, in thousandths of the occasions.
  private var rates: [Int]

  private init(rates: [Int]) { self.rates = rates }

  /// A world in which nothing goes wrong.
  public static let none = FaultPlan(rates: FaultKind.allCases.map { _ in 0 })

  /// Draws the mix of a run from the kinds that are allowed.
  static func draw(_ allowed: Set<FaultKind>, _ choices: Choices) -> FaultPlan {
    var plan = FaultPlan.none
    for (index, kind) in FaultKind.allCases.enumerated() where allowed.contains(kind) {
      // Off, rare, now and then, often.
      plan.rates[index] = [0, kind.rate / 4, kind.rate, kind.rate * 3][choices.choose(4, .plan)]
    }
    return plan
  }

  /// How often a kind strikes, in thousandths of its occasions.
  subscript(kind: FaultKind) -> Int {
    switch kind {
    case .duplicate: rates[0]
    case .redelivery: rates[1]
    case .reorder: rates[2]
    case .loss: rates[3]
    case .drop: rates[4]
    case .unreachable: rates[5]
    case .crash: rates[6]
    case .zombie: rates[7]
    case .commit: rates[8]
    case .disk: rates[9]
    case .clock: rates[10]
    case .upgrade: rates[11]
    case .participant: rates[12]
    case .contradiction: rates[13]
    case .operator: rates[14]
    case .replay: rates[15]
    case .poison: rates[16]
    }
  }

  /// How participants behave under this plan.
  var temper: ParticipantTemper {
    var temper = ParticipantTemper()
    let rate = self[.participant]
    temper.refusal = rate
    temper.postponement = rate / 2
    temper.silence = rate
    temper.lostAnswer = rate
    temper.twice = rate
    temper.refusedUndo = rate / 4
    temper.contradiction = self[.contradiction]
    return temper
  }
}

extension FaultKind {
  /// How often it strikes when it strikes now and then, in thousandths of its occasions.
  fileprivate var rate: Int {
    switch self {
    case .duplicate, .reorder: 150
    case .redelivery: 40
    case .loss, .drop: 60
    case .unreachable: 60
    case .crash: 25
    case .zombie: 10
    case .commit: 20
    case .disk: 5
    case .clock: 60
    case .upgrade: 200
    case .participant: 70
    case .contradiction: 20
    case .operator: 150
    case .replay: 300
    case .poison: 60
    }
  }
}
