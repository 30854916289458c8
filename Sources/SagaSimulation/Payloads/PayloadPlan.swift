import SagaCore

/// How to make values that a JSON Schema accepts: the schema turned into candidates, once.
///
/// Every question's first answer is the plainest value. Values that are known already (the command's data, for an answer)
/// are taken over where a member has the same name and they fit.
indirect enum PayloadPlan: Sendable {
  case constant(JSON)
  /// One of the values; `isCut` where the definition mentions more that fit.
  case candidates([JSON], isCut: Bool = false)
  case object([Member])
  /// `lengths` are the numbers of elements to choose from; `allowsMore` where the schema has no such limit.
  case array(PayloadPlan, lengths: [Int], allowsMore: Bool)
  case either([PayloadPlan])

  struct Member: Sendable {
    var name: String
    var isRequired: Bool
    /// What a known value must satisfy to be taken over; nil for everything.
    var schema: Schema?
    var plan: PayloadPlan
  }

  /// Makes a value.
  ///
  /// - Parameter echo: what is known of the value.
  func value(_ choices: Choices, _ stream: Int, echo: JSON? = nil) -> JSON {
    switch self {
    case .constant(let value): return value
    case .candidates(let values, _):
      return values.count == 1 ? values[0] : values[choices.choose(values.count, .payload, stream)]
    case .object(let members):
      var result: [(String, JSON)] = []
      result.reserveCapacity(members.count)
      for member in members {
        if !member.isRequired, choices.choose(3, .payload, stream) == 2 { continue }
        let known = echo?[member.name]
        if let known, member.schema?.isValid(known) ?? true {
          result.append((member.name, known))
        } else {
          result.append((member.name, member.plan.value(choices, stream, echo: known)))
        }
      }
      return .object(JSONObject(result))
    case .array(let element, let lengths, _):
      let count = lengths.count == 1 ? lengths[0] : lengths[choices.choose(lengths.count, .payload, stream)]
      return .array((0..<count).map { _ in element.value(choices, stream) })
    case .either(let plans):
      return plans[choices.choose(plans.count, .payload, stream)].value(choices, stream, echo: echo)
    }
  }
}
