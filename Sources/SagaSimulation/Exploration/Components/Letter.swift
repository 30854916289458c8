import SagaCore
import SagaRuntime

/// A message on its way to one receiver.
struct Letter: Hashable, Sendable {
  enum Receiver: Hashable, Sendable {
    /// A service, by number.
    case node(Int)
    /// Participants that share a ledger, by number.
    case participants(Int)
  }
  var receiver: Receiver
  /// The participant it goes to; empty for what goes to a service.
  var destination: String
  /// The CloudEvent as it travels.
  var bytes: [UInt8]
}

/// All letters there have been, by number.
struct LetterTable {
  private var letters = Numbering<Letter>()
  private(set) var events: [CloudEvent] = []
  /// Those to services decoded once: each is delivered in many states.
  private var messages: [IncomingMessage] = []
  private var identities: [Hash128] = []
  /// By number: commands and their answers may be lost for ever; events travel on a broker that delivers at least once,
  /// where a loss is only a delay, and a delay is only another order.
  private(set) var canBeLost: [Bool] = []
  private var receivers: [Letter.Receiver] = []
  /// By number: the call that a command makes or a reply answers.
  private(set) var calls: [Hash128?] = []

  subscript(number: UInt32) -> Letter { letters[number] }

  var count: Int { letters.count }

  func receiver(_ number: UInt32) -> Letter.Receiver { receivers[Int(number)] }

  func event(_ number: UInt32) -> CloudEvent { events[Int(number)] }

  /// The letter as a service is handed it.
  func message(_ number: UInt32) -> IncomingMessage { messages[Int(number)] }

  /// What the engine remembers the letter by.
  func identity(_ number: UInt32) -> Hash128 { identities[Int(number)] }

  mutating func number(of letter: Letter, _ event: CloudEvent) -> UInt32 {
    let known = letters.count
    let number = letters.number(of: letter)
    if letters.count > known {
      events.append(event)
      let message = IncomingMessage(bytes: letter.bytes)
      if case .node = letter.receiver { messages.append(message.decoded()) } else { messages.append(message) }
      identities.append(MessageIdentity(event).id)
      receivers.append(letter.receiver)
      calls.append(event.callKey)
      let kind = event.messagekind
      canBeLost.append(kind == MessageKind.command.rawValue || kind == MessageKind.reply.rawValue)
    }
    return number
  }
}
