import SagaCore
import SagaRuntime

/// By which lanes a service's messages leave, as a service's routes say it, and how they are emptied.
struct OutgoingLanes: Sendable {
  /// Everything that has no lane of its own.
  static let output = "output"

  /// In the order in which they are served.
  private(set) var names = [OutgoingLanes.output]
  /// Participants whose commands have a lane of their own.
  private var destinations: Set<String> = []
  /// Types that only the service's own roles take, and that do not leave it.
  private var kept: Set<String> = []
  /// How many batches of a lane may be under way at a time; nil where each is answered for at once.
  private(set) var concurrency: Int?

  /// One lane that is answered at once.
  init() {}

  /// - Parameters:
  ///   - destinations: participants that the service's roles send commands to.
  ///   - own: types that its own roles send and that no other service takes.
  init(destinations: Set<String>, own: Set<String>, _ choices: Choices, _ stream: Int) {
    if !destinations.isEmpty, choices.choose(3, .topology, stream) == 2 {
      self.destinations = destinations
      names += destinations.sorted().map(OutgoingLanes.name)
    }
    if !own.isEmpty, choices.choose(2, .topology, stream) == 1 { kept = own }
    concurrency = [nil, 1, 2][choices.weighted([10, 1, 1], .sending, stream)]
  }

  private static func name(destination: String) -> String { "commands/" + destination }

  /// The lanes of a message; the engine adds that of messages between its roles.
  func lanes(of message: OutgoingMessage) -> [String] {
    if kept.contains(message.event.type) { return [] }
    if message.kind == .command, let destination = message.destination, destinations.contains(destination) {
      return [OutgoingLanes.name(destination: destination)]
    }
    return [OutgoingLanes.output]
  }

  /// What they are, for stories; nil where there is nothing to say.
  var summary: String? {
    var parts: [String] = []
    if names.count > 1 { parts.append("has a lane for each participant") }
    if !kept.isEmpty { parts.append("keeps to itself what only its own roles take") }
    if concurrency != nil { parts.append("goes on while its messages are under way") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

/// Messages that a lane has handed out, of which nobody has said what became of them.
struct MessagesUnderWay {
  var lane: String
  var deliveries: [OutgoingDelivery]
  /// What became of them, which the engine has not heard; nil where they have not left yet.
  var results: [DeliveryResult]?
}
