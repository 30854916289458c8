/// The one source of everything that is not determined in a simulated world.
///
/// `choose` answers a question with one of `count` answers; 0 is the answer of a world without faults. Where the answers
/// come from is the mode: a seed (random), a list (replay and shrinking), or an odometer that goes through all of them.
///
/// Questions have a label and a stream, and each pair has numbers of its own: the answer to the third question of a label
/// in a stream depends on nothing that any other label or stream was asked, so a new kind of question leaves old seeds as
/// they were, and taking one fault out of a trace leaves the others where they are. The idea of one interface for random
/// tests, replay and exhaustive search is that of QuickCheck's descendants with integrated shrinking (Hypothesis) and of
/// TigerBeetle's simulator.
public final class Choices {
  private enum Mode {
    case seeded(UInt64)
    case recorded([Choice.Place: UInt32])
    case odometer
  }

  /// How many streams a label has; sagas beyond it share.
  public static let streams = 16

  private let mode: Mode
  /// How many questions each label and stream was asked.
  @exclusivity(unchecked) private var asked: [UInt32]
  @exclusivity(unchecked) private var digits: [Digit] = []
  @exclusivity(unchecked) private var position = 0
  /// Every answer so far, in order; kept only when asked for.
  @exclusivity(unchecked) public private(set) var record: [Choice] = []
  private let isRecording: Bool
  /// A rolling hash of all questions and answers: equal in two runs exactly when they went the same way.
  @exclusivity(unchecked) public private(set) var hash: UInt64 = 0x9e37_79b9_7f4a_7c15

  private struct Digit {
    var value: UInt32
    var count: UInt32
  }

  private init(_ mode: Mode, isRecording: Bool) {
    self.mode = mode
    self.isRecording = isRecording
    asked = [UInt32](repeating: 0, count: (Int(ChoiceLabel.allCases.map(\.rawValue).max() ?? 0) + 1) * Choices.streams)
  }

  /// Answers drawn from a seed.
  public static func seeded(_ seed: UInt64, isRecording: Bool = false) -> Choices {
    Choices(.seeded(seed), isRecording: isRecording)
  }

  /// Answers from a list; 0 where it has none. Order does not matter, since each entry names its question.
  public static func recorded(_ choices: some Sequence<Choice>) -> Choices {
    var answers: [Choice.Place: UInt32] = [:]
    for choice in choices where choice.value != 0 { answers[choice.place] = choice.value }
    return Choices(.recorded(answers), isRecording: true)
  }

  /// Goes through every combination of answers: run, then `advance` to the next combination until it says false.
  public static func odometer() -> Choices { Choices(.odometer, isRecording: true) }

  /// One of `count` answers.
  ///
  /// - Precondition: `count` is at least 1 and fits in 32 bits.
  public func choose(_ count: Int, _ label: ChoiceLabel, _ stream: Int = 0) -> Int {
    answer(count, label, stream) { raw in UInt32(truncatingIfNeeded: raw % UInt64(count)) }
  }

  /// Whether something with this probability, in thousandths, happens. Nothing is asked where it cannot.
  public func happens(_ perMille: Int, _ label: ChoiceLabel, _ stream: Int = 0) -> Bool {
    if perMille <= 0 { return false }
    return answer(2, label, stream) { raw in raw % 1000 < UInt64(perMille) ? 1 : 0 } == 1
  }

  /// One of the answers, each as often as its weight says.
  ///
  /// - Precondition: some weight is positive, none is negative.
  public func weighted(_ weights: [Int], _ label: ChoiceLabel, _ stream: Int = 0) -> Int {
    let total = weights.reduce(0, +)
    precondition(total > 0, "one of the weights must be positive")
    return answer(weights.count, label, stream) { raw in
      var point = Int(raw % UInt64(total))
      for (index, weight) in weights.enumerated() {
        point -= weight
        if point < 0 { return UInt32(index) }
      }
      return 0
    }
  }

  /// Moves an odometer on to the next combination and begins a new run.
  ///
  /// - Returns: false when every combination has been.
  public func advance() -> Bool {
    guard case .odometer = mode else { preconditionFailure("only an odometer advances") }
    digits.removeSubrange(position...)
    while let last = digits.last, last.value + 1 >= last.count { digits.removeLast() }
    guard !digits.isEmpty else { return false }
    digits[digits.count - 1].value += 1
    position = 0
    record.removeAll(keepingCapacity: true)
    for index in asked.indices { asked[index] = 0 }
    return true
  }

  /// Mixes something that happened into the hash.
  public func note(_ value: UInt64) { hash = Choices.mix(hash ^ value) }

  private func answer(_ count: Int, _ label: ChoiceLabel, _ stream: Int, _ draw: (UInt64) -> UInt32) -> Int {
    precondition(count > 0 && count <= Int(UInt32.max), "a question needs at least one answer")
    let stream = UInt8(truncatingIfNeeded: stream % Choices.streams)
    let place = Int(label.rawValue) * Choices.streams + Int(stream)
    let index = asked[place]
    asked[place] += 1
    let value: UInt32
    switch mode {
    case .seeded(let seed):
      value = draw(Choices.number(seed: seed, label: label, stream: stream, index: index))
    case .recorded(let answers):
      let known = answers[Choice.Place(label: label, stream: stream, index: index)] ?? 0
      value = min(known, UInt32(count - 1))
    case .odometer:
      if position == digits.count { digits.append(Digit(value: 0, count: UInt32(count))) }
      value = digits[position].value
      position += 1
    }
    hash = Choices.mix(hash ^ (UInt64(place) << 48 | UInt64(count) << 24 | UInt64(value)))
    if isRecording {
      record.append(Choice(label: label, stream: stream, index: index, count: UInt32(count), value: value))
    }
    return Int(value)
  }

  /// The number behind a question of a random run.
  private static func number(seed: UInt64, label: ChoiceLabel, stream: UInt8, index: UInt32) -> UInt64 {
    let place = UInt64(label.rawValue) << 8 | UInt64(stream)
    return mix(mix(seed &+ place &* 0x9e37_79b9_7f4a_7c15) &+ UInt64(index) &* 0xd134_2543_de82_ef95)
  }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
  static func mix(_ input: UInt64) -> UInt64 {
    var value = input &+ 0x9e37_79b9_7f4a_7c15
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
