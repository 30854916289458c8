import Foundation
import SagaCore

/// Instances of a running engine, one by one: start, signal, query, operate.
extension SagaEngine {
  /// Starts a saga.
  ///
  /// - Parameters:
  ///   - type: a message that the definition's `start` names.
  ///   - data: its payload, from which the definition's `key` is taken.
  ///   - source: who asks, a URI reference such as `/checkout`.
  ///   - id: the same for the same request: a second call with it starts nothing and does not throw.
  /// - Returns: the started instance.
  /// - Throws: `SagaEngineError.notStarted`, or as `deliver`.
  public func start(_ type: String, _ data: JSON, source: String, id: String) async throws -> InstanceAddress {
    let receipt = try await signal(type, data, source: source, id: id)
    for delivery in receipt.deliveries where delivery.outcome == .started || delivery.outcome == .duplicate {
      guard let machine = delivery.machine, let key = delivery.key else { continue }
      return InstanceAddress(saga: machine.saga, role: machine.role, key: key)
    }
    throw SagaEngineError.notStarted(receipt.deliveries.first?.outcome)
  }

  /// Sends an event to the sagas, participants and consumers of this service.
  ///
  /// - Parameters:
  ///   - type: the event's type.
  ///   - data: its payload.
  ///   - source: who says so, a URI reference, such as `/orders`.
  ///   - id: the same for the same event; what comes twice has its effect once.
  /// - Throws: as `deliver`.
  @discardableResult
  public func signal(_ type: String, _ data: JSON, source: String, id: String) async throws -> Receipt {
    try await deliver(
      CloudEvent(
        id: id, source: source, type: type, time: WallClock.now.rfc3339, datacontenttype: "application/json", data: data
      ))
  }

  /// An instance as of the last commit; nil when there is none with the key, or it has been forgotten.
  ///
  /// - Throws: `RunnerError.stopped`, or what the store throws.
  public func instance(_ address: InstanceAddress) async throws -> InstanceView? {
    try await runners[owner(of: address)].ask { try $0.view(address) }
  }

  /// Does what an operator asks; what changes something is in the instance's history, with `by` and `reason`.
  ///
  /// - Parameters:
  ///   - request: what is asked.
  ///   - shard: in whose journal the request names a row, where there are several.
  /// - Throws: `RunnerError.stopped`, `EngineError`.
  @discardableResult
  public func operate(_ request: OperatorRequest, shard: Int? = nil) async throws -> OperatorReply {
    let divided: DividedRequest
    do throws(MessageFault) { divided = try DividedRequest(request, shard: shard, among: runners.count) } catch {
      return .refused(error)
    }
    var replies: [OperatorReply] = []
    for part in divided.parts {
      switch part.request {
      case .replay(let sequence, let by, let reason):
        replies.append(try await replay(sequence, in: part.shard, by: by, reason: reason, isDryRun: false))
      case .tryReplay(let sequence):
        replies.append(try await replay(sequence, in: part.shard, by: "", reason: "", isDryRun: true))
      default: replies.append(try await runners[part.shard].operate(part.request))
      }
    }
    return divided.merge(replies)
  }

  /// The shard that an instance is in.
  func owner(of address: InstanceAddress) -> Int {
    ShardPlace(index: 0, of: runners.count).owner(ofKey: runners.count == 1 ? nil : address.key)
  }

  /// The one shard that a call is about.
  ///
  /// - Throws: `SagaEngineError.shardNeeded`.
  func choose(_ shard: Int?) throws -> Int {
    guard let shard = shard ?? (runners.count == 1 ? 0 : nil), runners.indices.contains(shard) else {
      throw SagaEngineError.shardNeeded(count: runners.count)
    }
    return shard
  }

  /// Looks for rows of the service's own transactions.
  package func noteServiceRows() async throws { try await runner.ask { try $0.noteServiceRows() } }

  /// Asks an instance to give up: it compensates what it has done.
  ///
  /// - Throws: as `operate`.
  @discardableResult
  public func cancel(_ address: InstanceAddress, by: String, reason: String) async throws -> OperatorReply {
    try await operate(.instance(address, Operation(verb: .cancel, by: by, reason: reason)))
  }

  /// Looks over the shards one after the other; as `read`.
  ///
  /// - Returns: what `body` returned of each, in their order. What happens meanwhile may be in the later ones only.
  /// - Throws: as `read`.
  public func readAll<Value: Sendable>(
    _ body: @escaping @Sendable (ShardReader) throws -> Value
  ) async throws -> [Value] {
    var values: [Value] = []
    for shard in runners.indices { values.append(try await read(shard: shard, body)) }
    return values
  }

  /// Looks over a whole shard: listings, histories, dead letters, statistics; as fresh as the last commit.
  ///
  /// - Parameters:
  ///   - shard: which one, where there are several (`readAll` looks over all of them).
  ///   - body: reads and returns; a snapshot that stays open pins the log.
  /// - Throws: what `body` throws, or what the store throws when it cannot be read; `SagaEngineError.shardNeeded`.
  public func read<Value: Sendable>(
    shard: Int? = nil, _ body: @escaping @Sendable (ShardReader) throws -> Value
  ) async throws -> Value {
    let chosen = try choose(shard)
    let (runner, source) = (runners[chosen], sources[chosen])
    guard let reader = source.reader else { return try await runner.ask { try $0.read(body) } }
    // Before it has opened the database there may be none.
    try await runner.ask { _ in }
    // A thread of its own: reading blocks, and the cooperative pool must not.
    return try await withCheckedThrowingContinuation { continuation in
      let thread = Thread {
        continuation.resume(with: Result { try body(ShardReader(store: try reader())) })
      }
      thread.name = "saga reader"
      thread.start()
    }
  }
}
