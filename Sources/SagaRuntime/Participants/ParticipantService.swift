import Foundation
import SagaCore

/// Runs a participant's handlers behind its barrier.
final class ParticipantService: Sendable {
  let participant: Participant
  private let barrier: Barrier
  private let transactions: ServiceTransactions
  private let gate = KeyedGate()
  private let telemetry: HandlerTelemetry

  init(_ participant: Participant, telemetry: HandlerTelemetry, transactions: ServiceTransactions) {
    self.participant = participant
    self.telemetry = telemetry
    self.transactions = transactions
    barrier = Barrier(destination: participant.destination)
  }

  /// Does a command, or finds that it has been done.
  ///
  /// - Returns: what became of it, once that and the reply are durable.
  /// - Throws: `CommandError`, what the handler threw, or what the engine throws. Then the command is not done, or nobody knows;
  ///   it may come again.
  func handle(_ command: CloudEvent) async throws -> CommandOutcome {
    guard let key = command.idempotencykey else {
      throw CommandError.keyMissing(type: command.type, id: command.id)
    }
    guard let handler = participant.handlers[command.type] else {
      throw CommandError.unhandled(type: command.type, destination: participant.destination)
    }
    guard (handler.nothingToUndo != nil) == (command.undoes != nil) else {
      throw CommandError.wrongDirection(type: command.type, isUndo: command.undoes != nil)
    }
    return try await gate.withKey(command.undoes ?? key) {
      try await telemetry.observe(participant.destination, command, outcome: \.name) { command in
        switch handler.work {
        case .inside(let body): try await handleInside(command, key, handler, body)
        case .outside(let body): try await handleOutside(command, key, handler, body)
        }
      }
    }
  }

  private func context(_ command: CloudEvent, _ key: String, _ action: CommandContext.KnownAction) -> CommandContext {
    CommandContext(
      command: command, destination: participant.destination, idempotencyKey: key, undoes: command.undoes,
      action: action, attempt: command.attempt ?? 1, deadline: command.expirytime.flatMap(Timestamp.init(rfc3339:)))
  }

  private func handleInside(
    _ command: CloudEvent, _ key: String, _ handler: CommandHandler,
    _ body: @escaping @Sendable (CommandContext, any ServiceTransaction) throws -> CommandReply
  ) async throws -> CommandOutcome {
    try await transactions.begin(remembering: Hash128.of(command.undoes ?? key)) { [self] transaction in
      switch try barrier.admit(command, key: key, in: transaction) {
      case .settled(let settled): return settled
      case .nothingToUndo: return try settleNothing(command, key, handler, in: transaction)
      case .run(let action):
        let reply = try body(context(command, key, action), transaction)
        return try barrier.settle(command, key: key, reply, in: transaction)
      }
    }
  }

  private func handleOutside(
    _ command: CloudEvent, _ key: String, _ handler: CommandHandler,
    _ body: @escaping @Sendable (CommandContext) async throws -> CommandReply
  ) async throws -> CommandOutcome {
    let admitted: Admitted = try await transactions.begin(remembering: Hash128.of(command.undoes ?? key)) {
      [self] transaction in
      switch try barrier.admit(command, key: key, in: transaction) {
      case .settled(let outcome): return .settled(outcome)
      case .nothingToUndo: return .settled(try settleNothing(command, key, handler, in: transaction))
      case .run(let action):
        try barrier.begin(command, key: key, in: transaction)
        return .run(action)
      }
    }
    switch admitted {
    case .settled(let outcome): return outcome
    case .run(let action):
      let context = context(command, key, action)
      let reply = try await withDeadline(of: context) { try await body(context) }
      return try await transactions.complete(remembering: Hash128.of(command.undoes ?? key)) { [barrier] in
        try barrier.settle(command, key: key, reply, in: $0)
      }
    }
  }

  private enum Admitted: Sendable {
    case settled(CommandOutcome)
    case run(CommandContext.KnownAction)
  }

  private func settleNothing(
    _ command: CloudEvent, _ key: String, _ handler: CommandHandler, in transaction: any ServiceTransaction
  ) throws -> CommandOutcome {
    guard let nothing = handler.nothingToUndo else {
      throw CommandError.wrongDirection(type: command.type, isUndo: true)
    }
    return try barrier.settle(
      command, key: key, try nothing(context(command, key, .none)), in: transaction)
  }

  /// What comes first while a handler is at work.
  private enum Event {
    case reply(CommandReply)
    case deadline
    case stopped
  }

  /// Cancels the handler when nobody waits for its answer any more.
  private func withDeadline(
    of context: CommandContext, _ body: @escaping @Sendable () async throws -> CommandReply
  ) async throws -> CommandReply {
    guard let deadline = context.deadline else { return try await body() }
    let left = max(0, deadline.milliseconds(since: WallClock.now))
    return try await withThrowingTaskGroup(of: Event.self) { group in
      group.addTask { .reply(try await body()) }
      group.addTask {
        do { try await Task.sleep(for: .milliseconds(left)) } catch { return .stopped }
        return .deadline
      }
      defer { group.cancelAll() }
      for try await event in group {
        switch event {
        case .reply(let reply): return reply
        case .deadline: throw CommandError.deadlinePassed(type: context.command.type)
        // A handler that ends well although the service stops has done its work.
        case .stopped: continue
        }
      }
      throw CancellationError()
    }
  }
}
