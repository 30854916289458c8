import SagaCore
import SagaRuntime

extension ScriptedRun {
  /// Takes what every lane has to send, until there is no more.
  func drain(_ engine: ShardEngine) throws {
    for lane in engine.laneNames where lane != localLane {
      while true {
        let deliveries = try engine.takeOutgoing(lane: lane, limit: 3, now: state.now)
        if deliveries.isEmpty { break }
        let results = try deliveries.map { DeliveryResult(position: $0.position, outcome: try send($0, lane: lane)) }
        do {
          try engine.confirm(lane: lane, results, now: state.now)
        } catch EngineError.full {
          // What became of the messages is still to be told.
          try engine.confirm(lane: lane, results, now: state.now)
        }
      }
    }
  }

  private func send(_ delivery: OutgoingDelivery, lane: String) throws -> DeliveryResult.Outcome {
    if delivery.position.sequence > state.expected.lastSequence {
      throw Broken(fault: .lost("row \(delivery.position.sequence) was sent before it was durable"))
    }
    // One of four fails at first and is held; the same one whenever it comes for the first time.
    let sum = delivery.id.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
    if sum % 4 == 0, delivery.attempts == 0, state.sent[delivery.id] == nil {
      return .failed(retryAt: state.now.advanced(byMilliseconds: 1500), reason: "not yet")
    }
    state.progress += 1
    state.sent[delivery.id] = delivery.type
    if lane == Self.participantsLane { try answer(delivery) }
    return .confirmed
  }

  private func answer(_ delivery: OutgoingDelivery) throws {
    guard state.received.insert(delivery.id).inserted else { return }
    let command = try CloudEvent.decode(delivery.bytes)
    let answers = try state.participants?.receive(
      command, destination: delivery.destination ?? "", now: command.timestamp ?? state.now)
    for answer in answers ?? [] {
      state.answerCount += 1
      state.answers.append(
        RunState.Answer(
          at: answer.at, serial: state.answerCount, message: IncomingMessage(bytes: answer.event.encode())))
    }
    state.answers.sort { ($0.at, $0.serial) < ($1.at, $1.serial) }
  }
}
