import SagaCore
import SagaRuntime

/// Knows every letter and who takes which type.
struct PostOffice {
  var letters = LetterTable()
  var sets = LetterSets()
  /// The services that take a type, in order.
  let takers: [String: [Int]]
  /// By destination, the number of the ledger that its participants share.
  let participants: [String: Int]
  /// Types that nobody takes and that were sent: what the outside world hears.
  private(set) var heard: Set<String> = []

  /// Which service gave a call its idempotency key.
  private(set) var issuers: [Hash128: Int] = [:]

  init(services: [Set<String>], participants: [String: Int]) {
    var takers: [String: [Int]] = [:]
    for (number, types) in services.enumerated() {
      for type in types.sorted() { takers[type, default: []].append(number) }
    }
    self.takers = takers
    self.participants = participants
  }

  /// Whether a message becomes a letter.
  func reachesAnyone(_ message: SentMessage, from sender: Int?) -> Bool {
    if message.event.messagekind == MessageKind.command.rawValue {
      return participants[message.destination ?? ""] != nil
    }
    return takers[message.event.type]?.contains { $0 != sender } ?? false
  }

  /// Makes letters of messages that a service or a participant sent, or that come from outside.
  ///
  /// - Parameter sender: the service that sent them, which has its own already.
  /// - Returns: the number of the set.
  mutating func post(_ messages: [SentMessage], from sender: Int?) -> UInt32 {
    var numbers: Set<UInt32> = []
    for message in messages {
      let event = message.event
      guard reachesAnyone(message, from: sender) else {
        heard.insert(event.type)
        continue
      }
      let bytes = event.encode()
      if event.messagekind == MessageKind.command.rawValue {
        let destination = message.destination ?? ""
        guard let ledger = participants[destination] else { continue }
        if let sender, let key = event.callKey { issuers[key] = sender }
        let letter = Letter(receiver: .participants(ledger), destination: destination, bytes: bytes)
        numbers.insert(letters.number(of: letter, event))
        continue
      }
      for taker in takers[event.type] ?? [] where taker != sender {
        numbers.insert(letters.number(of: Letter(receiver: .node(taker), destination: "", bytes: bytes), event))
      }
    }
    return sets.number(of: numbers.sorted())
  }
}

extension CloudEvent {
  /// The idempotency key of the call that a command makes or a reply answers.
  var callKey: Hash128? {
    if let key = idempotencykey { return Hash128(hex: key) }
    // The correlation of a call is three digits of its slot and the key.
    guard messagekind == MessageKind.reply.rawValue, let correlationid, correlationid.utf8.count == 35 else {
      return nil
    }
    return Hash128(hex: String(correlationid.dropFirst(3)))
  }
}
