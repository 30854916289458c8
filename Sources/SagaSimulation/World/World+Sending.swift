import SagaCore
import SagaRuntime

/// What leaves a service, lane by lane, as its loop hands it to transports (`ShardLoop.send`): one lane may be down while the
/// others go on, and whatever else happens happens while messages are under way.
extension World {
  /// Messages that a transport is given at a time.
  private static let batchLimit = 16

  /// Hands out what the lanes hold.
  ///
  /// - Returns: whether anything went.
  func relay(_ service: SimulatedService, _ engine: ShardEngine, _ reading: Timestamp) throws -> Bool {
    var handed: [MessagesUnderWay] = []
    for lane in service.lanes.names where service.batchesUnderWay(lane) < service.lanes.concurrency ?? 1 {
      let deliveries = try engine.takeOutgoing(lane: lane, limit: World.batchLimit, now: reading)
      if !deliveries.isEmpty { handed.append(MessagesUnderWay(lane: lane, deliveries: deliveries)) }
    }
    guard let first = handed.first?.deliveries[0] else { return false }
    if strikes(.crash, .crash, service.stream) {
      crash(service, "before sending \(first.type)")
      return false
    }
    if service.lanes.concurrency != nil {
      for batch in handed { try send(batch, from: service, reading) }
      // Until something is answered there is more only where a batch was full.
      return handed.contains { $0.deliveries.count == World.batchLimit }
    }
    for index in handed.indices { try publish(&handed[index], from: service, reading) }
    if strikes(.crash, .crash, service.stream) {
      crash(service, "after sending \(first.type), before noting it")
      return false
    }
    join(service, engine)
    for batch in handed { try engine.confirm(lane: batch.lane, batch.results ?? [], now: reading) }
    return true
  }

  /// Milliseconds until a transport answers; it takes long only while faults go on.
  private static let answers: [Int64] = [0, 2, 60, 2_000, 20_000]

  /// Messages go on their way: now, or when they are answered for.
  private func send(_ batch: MessagesUnderWay, from service: SimulatedService, _ reading: Timestamp) throws {
    var batch = batch
    let pause = World.answers[choices.choose(isHealed ? 3 : World.answers.count, .sending, service.stream)]
    if choices.choose(2, .sending, service.stream) == 0 { try publish(&batch, from: service, reading) }
    let number = numberBatch()
    service.underWay[number] = batch
    agenda.plan(.answer(service: service.index, batch: number), at: now.advanced(byMilliseconds: pause))
  }

  private func publish(
    _ batch: inout MessagesUnderWay, from service: SimulatedService, _ reading: Timestamp
  ) throws {
    batch.results = []
    for delivery in batch.deliveries {
      let outcome = try publish(delivery, by: batch.lane, from: service, reading)
      if outcome != .confirmed { service.hindered.insert(batch.lane) }
      batch.results?.append(DeliveryResult(position: delivery.position, outcome: outcome))
    }
  }

  /// A service hears what became of messages; of those that a process has handed out that is no more nobody hears.
  func answer(_ service: SimulatedService, _ number: Int) throws {
    guard var batch = service.underWay.removeValue(forKey: number), let engine = service.engine else { return }
    let reading = read(service)
    if batch.results == nil { try publish(&batch, from: service, reading) }
    let type = batch.deliveries[0].type
    if strikes(.crash, .crash, service.stream) {
      return crash(service, "before it notes what became of \(type)")
    }
    if strikes(.unreachable, .sending, service.stream) {
      tell(.environment, service.name, "nobody says whether \(type) was taken; it will be sent again")
      leaveUnanswered(&batch, of: service, reading)
    }
    do {
      join(service, engine)
      coverage.answeredLate += 1
      try engine.confirm(lane: batch.lane, batch.results ?? [], now: reading)
    } catch {
      return try failed(service, error, while: "noting what became of \(type)")
    }
    try pump(service)
  }

  /// What a transport does not answer for has failed for all that the engine knows (`ShardLoop`), and may have arrived.
  private func leaveUnanswered(_ batch: inout MessagesUnderWay, of service: SimulatedService, _ reading: Timestamp) {
    service.hindered.insert(batch.lane)
    let retryAt = reading.advanced(byMilliseconds: 1_000)
    batch.results = batch.deliveries.map { delivery in
      if let key = (try? CloudEvent.decode(delivery.bytes))?.idempotencykey { observations.doubt(key) }
      return DeliveryResult(
        position: delivery.position, outcome: .failed(retryAt: retryAt, reason: "the transport gave no answer"))
    }
  }

  /// A frozen process's transports go on where they were: what they answer must not count.
  func answer(zombie: ShardEngine, of service: SimulatedService) throws {
    for (_, batch) in service.zombieUnderWay.sorted(by: { $0.key < $1.key }) {
      var batch = batch
      if batch.results == nil { try publish(&batch, from: service, read(service)) }
      try zombie.confirm(lane: batch.lane, batch.results ?? [], now: read(service))
    }
  }

  /// When a message that failed may go again.
  func nextRetry(of service: SimulatedService, _ engine: ShardEngine, _ reading: Timestamp) throws -> Timestamp? {
    var next: Timestamp?
    for lane in service.lanes.names {
      guard let retry = engine.nextRetry(lane: lane) else { continue }
      guard service.hindered.contains(lane) else {
        throw Violation("lanes", "\(service.name) puts off what leaves by \(lane), where nothing has failed")
      }
      // What is past was tried just now: it waits for an answer that is on its way (`ShardLoop`).
      if retry <= reading, service.batchesUnderWay(lane) > 0 { continue }
      next = next.map { min($0, retry) } ?? retry
    }
    return next
  }

  /// How long the destination of a lane is down. One of several may be so for long, while the others go on.
  func downtime(of lane: String, of service: SimulatedService, _ reading: Timestamp) -> Timestamp {
    var pause: Int64 = 30_000
    if service.lanes.names.count > 1 {
      pause = [30_000, 5_000, 600_000, 7_200_000][choices.weighted([4, 2, 1, 1], .sending, service.stream)]
    }
    let end = reading.advanced(byMilliseconds: pause)
    service.downUntil[lane] = end
    return end
  }
}
