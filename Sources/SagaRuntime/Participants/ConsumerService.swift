import SagaCore

/// Runs a consumer's handlers once for each event, and counts the failures.
final class ConsumerService: Sendable {
  let consumer: Consumer
  private let transactions: ServiceTransactions
  private let telemetry: HandlerTelemetry
  private let gate = KeyedGate()

  init(_ consumer: Consumer, telemetry: HandlerTelemetry, transactions: ServiceTransactions) {
    self.consumer = consumer
    self.telemetry = telemetry
    self.transactions = transactions
  }

  /// What became of an event.
  enum Outcome: Sendable {
    case handled
    /// Handled before.
    case repeated
    /// It failed; it may come again at the time.
    case failed(retryAt: Timestamp, any Error)
    /// It has failed for good: it belongs into the dead letters.
    case poison(MessageFault)

    /// For metrics.
    var name: String {
      switch self {
      case .handled: "handled"
      case .repeated: "duplicate"
      case .failed: "failed"
      case .poison: "dead"
      }
    }
  }

  private var memory: String { "consumer/" + consumer.name }
  private var failures: String { "failures/" + consumer.name }

  /// - Throws: what the engine throws.
  func handle(_ event: CloudEvent) async throws -> Outcome {
    guard let work = consumer.handlers[event.type] else { return .handled }
    return try await gate.withKey("\(event.source)#\(event.id)") {
      try await telemetry.observe(consumer.name, event, outcome: \.name) { event in
        do {
          return try await run(work, event) ? .handled : .repeated
        } catch let error as EngineError {
          throw error
        } catch let error as RunnerError {
          throw error
        } catch  where Task.isCancelled {
          // The service stops, which says nothing about the event, whatever the handler makes of it.
          throw CancellationError()
        } catch {
          return try await failed(event, error)
        }
      }
    }
  }

  /// - Returns: whether it was the first time.
  private func run(_ work: Consumer.Work, _ event: CloudEvent) async throws -> Bool {
    let id = MessageIdentity(event).id
    switch work {
    case .inside(let body):
      return try await transactions.begin(remembering: id) { [memory] transaction in
        let isFirst = try transaction.consume(event, as: memory)
        if isFirst { try body(event, transaction) }
        return isFirst
      }
    case .outside(let body):
      let isFirst = try await transactions.begin(remembering: id) { [memory] transaction in
        try transaction.consumed(by: memory, id: id) == nil
      }
      guard isFirst else { return false }
      try await body(event)
      return try await transactions.complete(remembering: id) { [memory] in try $0.consume(event, as: memory) }
    }
  }

  /// Counts a failure in the database: a message that fails is not tried for ever because the process restarts.
  private func failed(_ event: CloudEvent, _ error: any Error) async throws -> Outcome {
    let fault = error as? MessageFault
    let id = MessageIdentity(event).id
    let (count, causes) = try await transactions.complete(remembering: id) { [failures] transaction in
      var count: Int64 = 1
      let known = try transaction.consumed(by: failures, id: id)
      if case .started(let attempts)? = try known?.result.map({ try BarrierRecord(decoding: $0) }) { count += attempts }
      let record = BarrierRecord.started(attempts: count)
      let causes = ConsumerService.causes(known?.body ?? [], adding: error)
      try transaction.remember(
        ConsumedMessage(
          consumer: failures, id: id, at: transaction.now,
          body: JSONWriter.compact(.array(causes.map { .string($0) })), result: record.encode()))
      return (count, causes)
    }
    let isFinal = fault.map { !$0.isRetryable } ?? PermanentError.isPermanent(error)
    guard isFinal || count >= consumer.policy.attempts else {
      let delay = consumer.policy.delay(afterFailures: count)
      return .failed(retryAt: WallClock.now.advanced(byMilliseconds: delay), error)
    }
    return .poison(
      MessageFault(
        code: fault?.code ?? HandlerFault.consumerFailed,
        message: "The consumer \(consumer.name) failed \(count) times on \(event.type), the last time: \(error)",
        isRetryable: true, attempts: count, causes: causes))
  }

  /// What went wrong before, and now.
  private static func causes(_ known: [UInt8], adding error: any Error) -> [String] {
    // Rows of earlier versions have none.
    let before = (try? JSONParser.parse(known))?.arrayValue?.compactMap(\.stringValue) ?? []
    return MessageFault(code: "", message: "", causes: before + ["\(error)"]).causes
  }
}
