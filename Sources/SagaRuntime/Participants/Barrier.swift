import SagaCore

/// The participant barrier of one destination, inside a transaction: what is known of a command's key decides what may happen.
///
/// Pure but for what it reads and remembers through the transaction.
struct Barrier {
  let destination: String

  /// What is to be done with a command.
  enum Verdict: Hashable, Sendable {
    /// Run the handler.
    case run(CommandContext.KnownAction)
    /// An undo of what never happened: answer without running it.
    case nothingToUndo
    /// It is settled.
    case settled(CommandOutcome)
  }

  private var consumer: String { "participant/" + destination }

  /// Looks a command up. A settled one is answered again.
  func admit(_ command: CloudEvent, key: String, in transaction: any ServiceTransaction) throws -> Verdict {
    switch try known(key, of: command.type, in: transaction) {
    case .done(let reply), .declined(let reply), .undone(let reply?):
      try publish(reply, to: command, key: key, in: transaction)
      return .settled(.repeated(type: reply.type))
    case .tombstone, .undone(nil): return .settled(.refusedByUndo)
    case .started, nil: break
    }
    guard let action = command.undoes else {
      return .run(try known(key, of: command.type, in: transaction) == nil ? .none : .unknown)
    }
    switch try known(action, of: nil, in: transaction) {
    case nil:
      try remember(.tombstone, of: action, type: "", in: transaction)
      return .nothingToUndo
    case .tombstone, .undone, .declined: return .nothingToUndo
    case .started: return .run(.unknown)
    case .done(let reply): return .run(.done(type: reply.type, data: try reply.json))
    }
  }

  /// Remembers that a handler which reaches other systems begins.
  func begin(_ command: CloudEvent, key: String, in transaction: any ServiceTransaction) throws {
    var attempts: Int64 = 0
    if case .started(let earlier)? = try known(key, of: command.type, in: transaction) { attempts = earlier }
    try remember(.started(attempts: attempts + 1), of: key, type: command.type, in: transaction)
  }

  /// Remembers what was answered and puts the reply into the outbox.
  func settle(
    _ command: CloudEvent, key: String, _ reply: CommandReply, in transaction: any ServiceTransaction
  ) throws -> CommandOutcome {
    let answered = BarrierReply(reply)
    try remember(reply.isDeclined ? .declined(answered) : .done(answered), of: key, type: command.type, in: transaction)
    if let action = command.undoes, !reply.isDeclined { try markUndone(action, in: transaction) }
    try reply.write?(transaction)
    try publish(answered, to: command, key: key, in: transaction)
    return .answered(type: reply.type)
  }

  /// So that a second undo of the same action has nothing left to undo.
  private func markUndone(_ action: String, in transaction: any ServiceTransaction) throws {
    switch try known(action, of: nil, in: transaction) {
    case .done(let reply): try remember(.undone(reply), of: action, type: "", in: transaction)
    case .started: try remember(.undone(nil), of: action, type: "", in: transaction)
    case .declined, .undone, .tombstone, nil: break
    }
  }

  /// - Parameter type: what the command is; nil where only its key is known.
  private func known(
    _ key: String, of type: String?, in transaction: any ServiceTransaction
  ) throws -> BarrierRecord? {
    guard let row = try transaction.consumed(by: consumer, id: Hash128.of(key)), let result = row.result else {
      return nil
    }
    if let type, !row.body.isEmpty, row.body != body(of: type) {
      throw ServiceTransactionError.conflict(consumer: destination, id: key)
    }
    return try BarrierRecord(decoding: result)
  }

  private func remember(
    _ record: BarrierRecord, of key: String, type: String, in transaction: any ServiceTransaction
  ) throws {
    let id = Hash128.of(key)
    // An action that is known by its key only keeps what its own command said of it.
    let body = try type.isEmpty ? transaction.consumed(by: consumer, id: id)?.body ?? [] : body(of: type)
    try transaction.remember(
      ConsumedMessage(consumer: consumer, id: id, at: transaction.now, body: body, result: record.encode()))
  }

  private func body(of type: String) -> [UInt8] { Array(Hash128.of(type).bytes.prefix(8)) }

  /// The reply's id is the same whenever it is sent: the saga takes it once.
  private func publish(
    _ reply: BarrierReply, to command: CloudEvent, key: String, in transaction: any ServiceTransaction
  ) throws {
    // `CommandReply.unanswered`: the sender takes none.
    if reply.type.isEmpty { return }
    var builder = HashBuilder()
    builder.append(destination)
    builder.append(key)
    builder.append(reply.type)
    var event = CloudEvent(
      id: builder.finalize().hex, source: "/participants/\(destination)", type: reply.type,
      time: transaction.now.rfc3339, datacontenttype: "application/json", data: try reply.json)
    event.correlationid = command.correlationid
    event.causationid = command.id
    event.partitionkey = command.partitionkey
    event.traceparent = command.traceparent
    event.messagekind = MessageKind.reply.rawValue
    let order = command.partitionkey ?? command.sagakey ?? command.source
    try transaction.append(
      OutgoingMessage(event: event, kind: .reply, destination: command.saga, orderingKey: order))
  }
}
