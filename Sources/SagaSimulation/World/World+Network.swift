import SagaCore
import SagaRuntime

extension World {
  /// Puts a message on the network.
  ///
  /// - Returns: what the destination says.
  func publish(
    _ delivery: OutgoingDelivery, by lane: String, from service: SimulatedService, _ reading: Timestamp
  ) throws -> DeliveryResult.Outcome {
    let stream = stream(of: delivery.orderingKey)
    let event: CloudEvent
    do throws(MessageFault) { event = try CloudEvent.decode(delivery.bytes) } catch {
      throw Violation("outbox", "\(service.name) sends what is no message: \(error.message)")
    }
    try observeSent(delivery, event, by: lane, from: service)
    if strikes(.unreachable, .loss, stream) {
      let retryAt = reading.advanced(byMilliseconds: 30_000)
      if let key = event.idempotencykey { observations.doubt(key) }
      switch choices.choose(delivery.kind == .command ? 3 : 2, .loss, stream) {
      case 0:
        tell(.environment, service.name, "\(delivery.type) is not taken; it will be sent again")
        return .failed(retryAt: retryAt, reason: "not taken")
      case 1:
        tell(.environment, service.name, "the destination of \(delivery.type) is down")
        return .unavailable(retryAt: downtime(of: lane, of: service, reading))
      default:
        tell(.environment, service.name, "\(delivery.type) is refused for good")
        return .refused(reason: "not wanted")
      }
    }
    if service.downUntil.contains(where: { $0.key != lane && $0.value > reading }) { coverage.sentPastDown += 1 }
    let isToParticipant = delivery.kind == .command && !services.contains { $0.takes(delivery.type) }
    if isToParticipant {
      transportCommand(
        CommandParcel(event: event, destination: delivery.destination ?? "", from: service.index, stream: stream))
      observations.confirmed[service.index, default: []].insert(delivery.position)
      return .confirmed
    }
    noteAddress(of: event, delivery.bytes)
    // What the service itself takes comes back by its local lane.
    for other in services where other !== service && other.takes(delivery.type) {
      transport(
        Parcel(
          number: 0, to: other.index, message: IncomingMessage(bytes: delivery.bytes).decoded(), type: delivery.type,
          key: delivery.orderingKey,
          identity: "\(event.source)#\(event.id)", from: service.name, stream: stream,
          correlation: delivery.kind == .reply ? event.correlationid : nil),
        mayVanish: false)
    }
    observations.confirmed[service.index, default: []].insert(delivery.position)
    return .confirmed
  }

  /// Whom a message is for, by what it says and by nothing that an engine makes of it.
  func noteAddress(of event: CloudEvent, _ bytes: [UInt8]) {
    if event.messagekind == MessageKind.reply.rawValue {
      if let key = event.callKey { observations.addresses[bytes.contentHash] = .call(key.hex) }
      return
    }
    let shape = setup.participants.shapes[event.type]
    guard case .primary(let path)? = shape.key, !shape.hasOtherKeys else { return }
    switch event.data?.value(at: path) {
    case .string(let text)?: observations.addresses[bytes.contentHash] = .key(text)
    case .int(let number)?: observations.addresses[bytes.contentHash] = .key(String(number))
    // A list is for each of those that it names.
    default: break
    }
  }

  private func transportCommand(_ command: CommandParcel) {
    for delay in fates(
      from: services[command.from].name, to: command.destination, command.event.type, command.stream, mayVanish: true)
    {
      agenda.plan(.command(command), at: now.advanced(byMilliseconds: delay))
    }
  }

  /// Sends a message to a service, through everything that may happen on the way.
  ///
  /// - Parameter mayVanish: it travels on something that may lose it for ever; events travel on a broker, which does not.
  func transport(_ parcel: Parcel, mayVanish: Bool, after delay: Int64 = 0) {
    for more in fates(from: parcel.from, to: services[parcel.to].name, parcel.type, parcel.stream, mayVanish: mayVanish)
    {
      var copy = parcel
      copy.number = numberParcel()
      agenda.plan(.arrive(copy), at: now.advanced(byMilliseconds: delay + more))
    }
  }

  /// How long each copy of a message is on its way, in milliseconds; none when it is lost.
  private func fates(from: String, to: String, _ type: String, _ stream: Int, mayVanish: Bool) -> [Int64] {
    if mayVanish, strikes(.drop, .loss, stream) {
      tell(.lost, from, to: to, "\(type) is lost")
      return []
    }
    var delay = World.delays[
      rate(.reorder) > 0 && choices.happens(rate(.reorder), .delay, stream)
        ? 1 + choices.choose(World.delays.count - 1, .delay, stream) : 0]
    if delay != World.delays[0] { coverage.strike(.reorder, phases[stream]) }
    if strikes(.loss, .loss, stream) {
      delay += World.redeliveries[choices.choose(World.redeliveries.count, .loss, stream)]
      tell(.lost, from, to: to, "\(type) is lost on the way and will be sent again")
    }
    var fates = [delay]
    if strikes(.duplicate, .duplicate, stream) {
      fates.append(delay + World.delays[choices.choose(World.delays.count, .duplicate, stream)])
      tell(.duplicate, from, to: to, "\(type) will come twice")
    }
    if strikes(.redelivery, .duplicate, stream) {
      fates.append(World.redeliveries[choices.choose(World.redeliveries.count, .duplicate, stream)])
      tell(.duplicate, from, to: to, "\(type) will come again much later")
    }
    return fates
  }

  /// Milliseconds on the way; the first is a healthy network's.
  static let delays: [Int64] = [5, 1, 50, 500, 3_000, 20_000, 45_000, 400_000]
  /// Until what was lost is sent again, or a stored copy comes once more.
  static let redeliveries: [Int64] = [5_000, 60_000, 3_600_000, 30_000_000, 100_000_000]

  /// A command reaches its participant, and its answers go on their way.
  func receive(_ command: CommandParcel) throws {
    let answers: [SimulatedParticipants.Answer]
    let event = command.event
    let before = participants.ledger[event.idempotencykey ?? ""]?.effect
    do throws(MessageFault) {
      answers = try participants.receive(
        event, destination: command.destination, order: order, choices, command.stream)
    } catch {
      throw SimulationFailure(description: error.message)
    }
    switch participants.lastKind {
    case .success?, nil: break
    case .contradiction?, .denial?: coverage.strike(.contradiction, phases[command.stream])
    default: if !isHealed { coverage.strike(.participant, phases[command.stream]) }
    }
    if isTelling {
      let after = participants.ledger[event.idempotencykey ?? ""]?.effect
      let what =
        after == nil
        ? "does nothing" : before == nil ? "\(after?.rawValue ?? "")" : "knows it: \(after?.rawValue ?? "")"
      let reply = answers.isEmpty ? "no answer" : "answers " + answers.map(\.event.type).joined(separator: ", then ")
      tell(.message, services[command.from].name, to: command.destination, "\(event.type) \(event.sagakey ?? "")")
      tell(.participant, command.destination, "\(event.type) \(event.sagakey ?? ""): \(what), \(reply)")
    }
    var latency: Int64 = 0
    for answer in answers {
      latency += World.latencies[choices.choose(World.latencies.count, .latency, command.stream)]
      if answer.isContradiction {
        // It takes back what it had said: never before it said so.
        if participants.lastKind == .contradiction { latency += 7_200_000 }
        observations.contradicted.insert(event.idempotencykey ?? "")
      }
      var answered = answer.event
      answered.timestamp = now.advanced(byMilliseconds: latency)
      let bytes = answered.encode()
      if let key = event.idempotencykey { observations.addresses[bytes.contentHash] = .call(key) }
      transport(
        Parcel(
          number: 0, to: command.from, message: IncomingMessage(bytes: bytes).decoded(),
          type: answered.type, key: event.sagakey ?? "",
          identity: "\(answered.source)#\(answered.id)", from: command.destination, stream: command.stream,
          correlation: event.idempotencykey),
        mayVanish: true, after: latency)
    }
  }

  /// How long participants take, in milliseconds; some answers come after any timeout.
  static let latencies: [Int64] = [20, 200, 2_000, 29_000, 31_000, 120_000]

  /// The choices' stream of what concerns an instance.
  func stream(of key: String) -> Int {
    if let index = keys.firstIndex(of: key) ?? Int(key).map({ $0 - 1 }) { return 1 + index % 7 }
    return 1 + Int(key.utf8.stableHash % 7)
  }
}
