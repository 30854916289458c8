import SagaCore

/// What became of many instances.
public struct BulkReport: Sendable, Hashable {
  /// Done; of a dry run, those that it would be done to.
  public private(set) var done = 0
  /// Nothing to do: it was so already.
  public private(set) var unchanged = 0
  /// Not in the store any more.
  public private(set) var missing = 0
  /// Refused, by the code and text of the reason, most frequent first; last those for reasons beyond `maximumReasons`,
  /// as one.
  public var refusals: [Refusal] {
    let known = found.sorted {
      ($1.count, $0.fault.code, $0.fault.message) < ($0.count, $1.fault.code, $1.fault.message)
    }
    return known + (other.map { [$0] } ?? [])
  }
  private var found: [Refusal] = []
  /// Refused for other reasons than those.
  private var other: Refusal?

  /// A reason for which instances refused.
  public struct Refusal: Sendable, Hashable {
    /// The code and the reason.
    public var fault: MessageFault
    /// How many instances refused for it.
    public var count: Int
    /// Some of them; at most `BulkReport.maximumExamples`.
    public var examples: [InstanceAddress]

    fileprivate mutating func add(_ address: InstanceAddress) {
      count += 1
      if examples.count < BulkReport.maximumExamples { examples.append(address) }
    }
  }

  /// How many instances are named for each reason.
  public static let maximumExamples = 5
  /// Reasons that are told apart; more of them count as one, with the code `otherReasons`.
  public static let maximumReasons = 100
  /// The code of refusals whose reasons are not told apart.
  public static let otherReasons = "refusal.other"

  /// Of no instances.
  public init() {}

  /// How many instances it is about.
  public var count: Int { done + unchanged + missing + refused }
  /// How many instances refused.
  public var refused: Int { found.reduce(other?.count ?? 0) { $0 + $1.count } }

  /// Adds what became of one instance.
  public mutating func add(_ address: InstanceAddress, _ reply: OperatorReply) {
    switch reply {
    case .done, .replayed, .each: done += 1
    case .unchanged: unchanged += 1
    case .notFound: missing += 1
    case .refused(let fault): refuse(address, fault)
    }
  }

  private mutating func refuse(_ address: InstanceAddress, _ fault: MessageFault) {
    // The key in a message would make every instance a reason of its own.
    let message = fault.message.replacing(word: address.key, with: "…")
    if let index = found.firstIndex(where: { $0.fault.code == fault.code && $0.fault.message == message }) {
      found[index].add(address)
    } else if found.count < BulkReport.maximumReasons {
      found.append(Refusal(fault: MessageFault(code: fault.code, message: message), count: 1, examples: [address]))
    } else if other != nil {
      other?.add(address)
    } else {
      let text =
        "Other reasons than the \(BulkReport.maximumReasons) that are told apart (maximumReasons). Mend those first, "
        + "or choose fewer instances, and ask again."
      other = Refusal(
        fault: MessageFault(code: BulkReport.otherReasons, message: text), count: 1, examples: [address])
    }
  }
}

extension String {
  /// With a word replaced wherever it stands alone.
  fileprivate func replacing(word: String, with other: String) -> String {
    if word.isEmpty { return self }
    func isPart(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
    var result = ""
    var rest = self[...]
    while let found = rest.firstRange(of: word) {
      let before = rest[..<found.lowerBound]
      let isAlone = !isPart(before.last ?? result.last) && !isPart(rest[found.upperBound...].first)
      result += before + (isAlone ? other : word)
      rest = rest[found.upperBound...]
    }
    return result + rest
  }
}
