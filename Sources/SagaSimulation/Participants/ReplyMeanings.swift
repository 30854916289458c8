import CEL
import SagaCore

/// What an answer says of its command. One type of answer may say different things, by the `when` of its alternatives; then
/// its data tell.
struct ReplyMeanings: Sendable {
  enum Meaning: Sendable, Hashable {
    /// The command is done.
    case done
    /// It is not, and will not be.
    case refused
    /// It is not done yet: the participant asks to be called again.
    case postponed
  }

  private struct Alternative: Sendable, Hashable {
    let when: String?
    let meaning: Meaning
  }

  private enum Reading: Sendable {
    case always(Meaning)
    case byData([(when: CELProgram?, meaning: Meaning)])
    /// Calls of one command read it in different ways, or by what cannot be read here.
    case unclear
  }

  private struct Place: Sendable, Hashable {
    let command: String
    let reply: String
  }

  private var readings: [Place: Reading] = [:]
  private let shapes: MessageShapes

  init(_ definitions: [Definition], _ shapes: MessageShapes) {
    self.shapes = shapes
    // As the calls of a command read it: nearly always all alike.
    var said: [Place: Set<[Alternative]>] = [:]
    for role in definitions.flatMap(\.roles) {
      role.visitCalls { call, _ in
        guard let command = call.command?.type.value else { return }
        for (reply, alternatives) in Dictionary(grouping: call.replies, by: \.type) {
          said[Place(command: command, reply: reply), default: []].insert(
            alternatives.map { Alternative(when: $0.when?.text, meaning: Meaning($0)) })
        }
      }
    }
    readings = said.mapValues { lists in
      let meanings = Set(lists.joined().map(\.meaning))
      if let only = meanings.first, meanings.count == 1 { return .always(only) }
      return lists.count == 1 ? ReplyMeanings.read(lists.first ?? []) : .unclear
    }
  }

  private static let environment = CELEnvironment(variables: [(name: "event", type: .dyn)])

  /// - Returns: `unclear` where something besides the answer is read, such as the saga's own data.
  private static func read(_ alternatives: [Alternative]) -> Reading {
    var read: [(when: CELProgram?, meaning: Meaning)] = []
    for alternative in alternatives {
      let program = alternative.when.flatMap { try? environment.compile($0) }
      if (program == nil) != (alternative.when == nil) { return .unclear }
      read.append((program, alternative.meaning))
    }
    return .byData(read)
  }

  /// Whether answers of this type say different things.
  func isOpen(_ reply: String, to command: String) -> Bool {
    if case .always? = readings[Place(command: command, reply: reply)] { false } else { true }
  }

  /// - Returns: nil where that cannot be told by the answer alone.
  func meaning(of reply: String, _ data: @autoclosure () -> JSON?, to command: String) -> Meaning? {
    switch readings[Place(command: command, reply: reply)] {
    case .always(let meaning): return meaning
    case .byData(let alternatives):
      let normal = data().map { shapes[reply].schema?.normalise($0) ?? $0.withDoubles }
      let event = CELValue(.object(["type": .string(reply), "data": normal ?? .null]))
      for alternative in alternatives {
        guard let when = alternative.when else { return alternative.meaning }
        guard case .bool(let holds)? = try? when.evaluate(Answer(event: event)) else { return nil }
        if holds { return alternative.meaning }
      }
      return nil
    case .unclear, nil: return nil
    }
  }

  private struct Answer: CELActivation {
    let event: CELValue
    func value(forVariable index: Int) -> CELValue? { event }
  }
}

extension ReplyMeanings.Meaning {
  fileprivate init(_ reply: ReplyDefinition) {
    self = reply.again != nil ? .postponed : reply.fail != nil ? .refused : .done
  }
}
