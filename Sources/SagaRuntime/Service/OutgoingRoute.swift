import SagaCore

/// A way out of the service: which messages leave by it, and what carries them.
public struct OutgoingRoute: Sendable {
  /// The queue in the database, and the transport that empties it.
  public var lane: OutgoingLane
  let takes: @Sendable (OutgoingMessage) -> Bool

  /// - Parameters:
  ///   - name: names the lane in the database, where its cursor is; keep it when the code changes.
  ///   - transport: carries the messages.
  ///   - concurrency: how many calls of the transport run at once; messages of one ordering key never do.
  ///   - messagesPerSend: how many messages one call is given.
  ///   - takes: which messages leave by it. Must give the same answer whenever it is asked: it is asked again after a restart.
  public init(
    _ name: String, transport: any OutgoingTransport, concurrency: Int = 1, messagesPerSend: Int = 256,
    takes: @escaping @Sendable (OutgoingMessage) -> Bool
  ) {
    lane = OutgoingLane(
      name: name, transport: transport, concurrency: concurrency, messagesPerSend: messagesPerSend)
    self.takes = takes
  }

  /// Everything that leaves the service: events, commands, replies and alerts.
  public static func all(_ name: String, transport: any OutgoingTransport) -> OutgoingRoute {
    OutgoingRoute(name, transport: transport) { _ in true }
  }

  /// Commands to one destination (a step's `to`).
  public static func commands(to destination: String, transport: any OutgoingTransport) -> OutgoingRoute {
    OutgoingRoute("commands/" + destination, transport: transport) {
      $0.kind == .command && $0.destination == destination
    }
  }

  /// What participants answer to the sagas of another service.
  public static func replies(to saga: String, transport: any OutgoingTransport) -> OutgoingRoute {
    OutgoingRoute("replies/" + saga, transport: transport) { $0.kind == .reply && $0.destination == saga }
  }

  /// Events that are published; with `types` only those.
  public static func events(_ name: String, types: Set<String>? = nil, transport: any OutgoingTransport)
    -> OutgoingRoute
  {
    OutgoingRoute(name, transport: transport) { $0.kind == .event && (types?.contains($0.event.type) ?? true) }
  }
}

/// By which lanes a message leaves.
struct LanePlan: Sendable {
  private let destinations: Set<String>
  private let consumers: [(name: String, types: Set<String>)]
  private let routes: [OutgoingRoute]
  private let takenTypes: Set<String>
  private let sagas: Set<String>
  private let hasAlertHook: Bool

  /// - Parameter machines: what runs in this service.
  init(
    participants: [Participant], consumers: [Consumer], routes: [OutgoingRoute], machines: [Machine],
    hasAlertHook: Bool = false
  ) {
    self.hasAlertHook = hasAlertHook
    destinations = Set(participants.map(\.destination))
    self.consumers = consumers.map { ($0.name, Set($0.handlers.keys)) }
    self.routes = routes
    takenTypes = Set(machines.flatMap(\.takenTypes))
    sagas = Set(machines.map(\.identity.saga))
  }

  static func lane(participant destination: String) -> String { "participants/" + destination }
  static func lane(consumer name: String) -> String { "consumers/" + name }

  func lanes(of message: OutgoingMessage) -> [String] {
    var lanes: [String] = []
    if message.kind == .command, let destination = message.destination, destinations.contains(destination) {
      lanes.append(LanePlan.lane(participant: destination))
    }
    if message.kind != .command {
      for consumer in consumers where consumer.types.contains(message.event.type) {
        lanes.append(LanePlan.lane(consumer: consumer.name))
      }
    }
    if message.kind == .alert, hasAlertHook { lanes.append(AlertPolicy.lane) }
    // A command that is handled here does not leave; a reply to one of our own sagas neither.
    if message.kind == .command ? lanes.isEmpty : !isForOurSagas(message) {
      for route in routes where route.takes(message) { lanes.append(route.lane.name) }
    }
    let mustArrive = message.kind == .command || message.kind == .reply
    if mustArrive, lanes.isEmpty, !takenTypes.contains(message.event.type) { lanes.append(UnroutedTransport.lane) }
    return lanes
  }

  /// Whether a reply answers a saga of this service. A participant's says which saga has asked; the answer of a child saga does not.
  private func isForOurSagas(_ message: OutgoingMessage) -> Bool {
    guard message.kind == .reply else { return false }
    return message.destination.map { sagas.contains($0) } ?? takenTypes.contains(message.event.type)
  }
}
