import HeapModule
import SagaCore
import SagaRuntime

/// Answers commands in process from a scenario, with a ledger of its own that survives a kill.
struct ParticipantDriver {
  /// The lane that commands for in-process participants leave by.
  static let lane = "participants"

  private var participants: ModelledParticipants
  private var pending = Heap<PendingAnswer>()
  private let ledger: LedgerFile?
  /// Commands whose answers are not all delivered yet.
  private var open: [ShardGroup.Position: Int] = [:]

  /// Reads the ledger, for which the database must be locked.
  ///
  /// - Parameter ledgerFile: JSON lines, one per effect; nil keeps the ledger in memory.
  /// - Throws: `Failure`.
  init(scenario: Scenario, ledgerFile: LineFile?) throws {
    ledger = try ledgerFile.map { try LedgerFile($0) }
    participants = ModelledParticipants(scenario: scenario, entries: ledger?.entries ?? [])
  }

  /// When the next answer is due.
  var nextAt: Timestamp? { pending.min?.answer.at }

  /// Does a command; its answers come out of `takeDue` later.
  ///
  /// - Returns: what became of the command; nil while its answers are awaited.
  /// - Throws: `Failure` when the ledger cannot be written; else what keeps the scenario from answering.
  mutating func receive(_ command: ShardGroup.Delivery, now: Timestamp) throws -> DeliveryResult.Outcome? {
    let (delivery, position) = (command.message, command.position)
    let command = try CloudEvent.decodeStored(delivery.bytes)
    let fault = participants.fault(
      of: command, destination: delivery.destination ?? "", attempts: delivery.attempts, now: now)
    if let fault { return fault }
    let answers = try participants.receive(
      command, destination: delivery.destination ?? "", now: command.timestamp ?? now)
    let entries = participants.takeEntries()
    try ledger?.append(entries)
    for (number, answer) in answers.enumerated() {
      pending.insert(PendingAnswer(answer: answer, position: position, number: number))
    }
    if !answers.isEmpty { open[position] = answers.count }
    return answers.isEmpty ? .confirmed : nil
  }

  /// Answers due by now, in order of time and command.
  mutating func takeDue(now: Timestamp, limit: Int) -> [(position: ShardGroup.Position, event: CloudEvent)] {
    var due: [(position: ShardGroup.Position, event: CloudEvent)] = []
    while due.count < limit, let first = pending.min, first.answer.at <= now {
      pending.removeMin()
      due.append((first.position, first.answer.event))
    }
    return due
  }

  /// Notes that an answer is durable at the engine.
  ///
  /// - Returns: true when it was its command's last one.
  mutating func delivered(_ position: ShardGroup.Position) -> Bool {
    guard let left = open[position] else { return false }
    open[position] = left > 1 ? left - 1 : nil
    return left == 1
  }

  /// Commands whose answers are still on their way.
  var hasPending: Bool { !pending.isEmpty }
}

private struct PendingAnswer: Comparable {
  var answer: ParticipantAnswer
  var position: ShardGroup.Position
  var number: Int

  static func < (left: PendingAnswer, right: PendingAnswer) -> Bool {
    (left.answer.at, left.position, left.number) < (right.answer.at, right.position, right.number)
  }
}
