import SagaCore

/// An operator's request as the shards get it.
struct DividedRequest {
  /// What each shard is asked, in the order of their numbers.
  private(set) var parts: [(shard: Int, request: OperatorRequest)] = []
  /// Of a request about several instances: where in it each shard's stand.
  private var places: [[Int]] = []

  /// - Parameters:
  ///   - shard: in whose journal the request names a row; nil where it names none, or where there is one shard.
  ///   - count: how many shards there are.
  /// - Throws: `MessageFault` where a row is named and no shard is.
  init(_ request: OperatorRequest, shard: Int?, among count: Int) throws(MessageFault) {
    switch request {
    case .instance(let address, _):
      parts = [(ShardPlace(index: 0, of: count).owner(ofKey: address.key), request)]
    case .instances(let addresses, let operation):
      divide(addresses, among: count) { .instances($0, operation) }
    case .migrate(let addresses, let migration):
      divide(addresses, among: count) { .migrate($0, migration) }
    case .tryMigrate(let addresses, let migration):
      divide(addresses, among: count) { .tryMigrate($0, migration) }
    case .confirmClock, .retryOutgoing(_, nil, _, _): parts = (0..<count).map { ($0, request) }
    case .replay, .tryReplay, .resolve, .discard, .retryOutgoing, .discardOutgoing:
      guard let shard = shard ?? (count == 1 ? 0 : nil), (0..<count).contains(shard) else {
        throw MessageFault(
          code: FaultCode.shard,
          message: "A row is named by its shard and its number (1/4711); there are the shards 0 to \(count - 1).")
      }
      parts = [(shard, request)]
    }
  }

  private mutating func divide(
    _ addresses: [InstanceAddress], among count: Int, _ request: ([InstanceAddress]) -> OperatorRequest
  ) {
    for place in ShardPlace.all(of: count) {
      let own = addresses.indices.filter { place.owner(ofKey: addresses[$0].key) == place.index }
      if own.isEmpty { continue }
      parts.append((place.index, request(own.map { addresses[$0] })))
      places.append(own)
    }
  }

  /// What became of the request.
  ///
  /// - Parameter replies: one for each part.
  func merge(_ replies: [OperatorReply]) -> OperatorReply {
    if places.isEmpty, parts.count == 1 { return replies[0] }
    guard !places.isEmpty || parts.isEmpty else {
      // To all shards: the one that has done something speaks for them.
      for reply in [OperatorReply.done, .unchanged] where replies.contains(reply) { return reply }
      return replies[0]
    }
    var merged = [OperatorReply](repeating: .notFound, count: places.reduce(0) { $0 + $1.count })
    for (places, reply) in zip(places, replies) {
      guard case .each(let each) = reply else { continue }
      for (place, one) in zip(places, each) { merged[place] = one }
    }
    return .each(merged)
  }
}

extension ShardGroup {
  /// As `ShardEngine.operate`.
  ///
  /// - Parameters:
  ///   - request: what is asked.
  ///   - shard: in whose journal the request names a row, where there are several.
  ///   - now: the caller's clock.
  public func operate(_ request: OperatorRequest, shard: Int? = nil, now: Timestamp) throws -> OperatorReply {
    let divided: DividedRequest
    do throws(MessageFault) { divided = try DividedRequest(request, shard: shard, among: engines.count) } catch {
      return .refused(error)
    }
    return divided.merge(
      try divided.parts.map { part in
        let engine = engines[part.shard]
        if let reply = try sendOn(part.request, from: engine, now: now) { return reply }
        return try engine.operate(part.request, now: now)
      })
  }

  /// Replays a dead letter of one shard that is for sagas of others.
  ///
  /// They recognise it when it comes again, so it may be resolved after they have it.
  private func sendOn(_ request: OperatorRequest, from engine: ShardEngine, now: Timestamp) throws -> OperatorReply? {
    switch request {
    case .replay(let sequence, let by, let reason):
      guard let message = try engine.journey(of: sequence)?.message else { return nil }
      let receipt = try offer([message], now: now)[0]
      if let refusal = receipt.refusal { return .refused(refusal) }
      guard case .done = try engine.operate(.resolve(deadLetter: sequence, by: by, reason: reason), now: now) else {
        return .unchanged
      }
      return .replayed(receipt.deliveries)
    case .tryReplay(let sequence): return try engine.journey(of: sequence) == nil ? nil : .replayed([])
    default: return nil
    }
  }
}

extension Receipt {
  /// Why an instance refused the message; nil where none did.
  var refusal: MessageFault? {
    for case .deadLettered(let code, let message) in deliveries.lazy.map(\.outcome) {
      return MessageFault(code: code, message: message)
    }
    return nil
  }
}
