import SagaCore
import SagaRuntime

/// Everything of a scripted run that is outside the machine: who sends, who answers, what was acknowledged. It survives every
/// crash, and a copy of it goes on from the moment at which it was made.
struct RunState {
  struct Answer {
    var at: Timestamp
    var serial: Int
    var message: IncomingMessage
  }

  var now: Timestamp
  /// The next of the subject's messages.
  var next = 0
  /// Offered and not acknowledged.
  var batch: [IncomingMessage] = []
  /// Acknowledged.
  var history: [IncomingMessage] = []
  var answers: [Answer] = []
  var answerCount = 0
  var participants: ModelledParticipants?
  /// Ids of commands that participants have: a second copy sets off no second answer.
  var received: Set<String> = []
  /// Everything that left, type by id.
  var sent: [String: String] = [:]
  var step = 0
  /// The last step at which the process ended as the script wants it.
  var restartedAt = 0
  /// A new engine is offered the whole history again.
  var offersAgain = false
  var expected = ExpectedJournal()
  /// What the run came to, before its history is pruned.
  var outcome: RunOutcome?
  /// Keys are being forgotten: messages of before would start their sagas again.
  var isForgetting = false
  /// Counts what has happened outside the machine.
  var progress = 0

  /// Goes to the next moment at which something happens.
  ///
  /// - Returns: false when nothing more does before the horizon.
  mutating func advance(_ messages: [IncomingMessage], due: Timestamp?, horizon: Timestamp) -> Bool {
    let message = next < messages.count ? RunState.time(of: messages[next]) ?? now : nil
    guard let moment = [message, answers.first?.at, due].compactMap({ $0 }).min(), moment <= horizon else {
      return false
    }
    now = max(now, moment)
    step += 1
    progress += 1
    while next < messages.count, batch.count < 2, RunState.time(of: messages[next]) ?? now <= now {
      batch.append(messages[next])
      next += 1
    }
    while let answer = answers.first, answer.at <= now {
      batch.append(answer.message)
      answers.removeFirst()
    }
    return true
  }

  /// Equal for states that go on in the same way from equal databases.
  func combine(into hasher: inout Hasher) {
    hasher.combine(now)
    for count in [next, batch.count, history.count, answerCount, step, restartedAt] { hasher.combine(count) }
    for answer in answers { hasher.combine(answer.serial) }
    hasher.combine(received)
    hasher.combine(sent)
    hasher.combine(isForgetting)
    hasher.combine(outcome != nil)
  }

  mutating func acknowledge() {
    history += batch
    batch = []
    progress += 1
  }

  static func time(of message: IncomingMessage) -> Timestamp? { (try? CloudEvent.decode(message.bytes))?.timestamp }
}

/// What a run comes to: what people and other services can see of it.
struct RunOutcome: Equatable {
  var instances: [String]
  var sent: [String]
  var deadLetters: [String]

  /// - Parameter store: any store that answers from what is committed.
  init(_ store: any Store, sent: [String: String], machines: [Machine]) throws {
    self.sent = sent.map { "\($0.key) \($0.value)" }.sorted()
    let reader = try ShardReader(store: store)
    let views = try reader.instances(limit: 10_000)
    var histories: [InstanceID: [String]] = [:]
    for row in try store.journal(after: 0, limit: 100_000) {
      guard let id = row.instance, let revision = row.revision else { continue }
      histories[id, default: []].append("\(revision) \(row.kind) \(row.at) \(row.outgoing?.count ?? 0)")
    }
    instances = views.map { view in
      let machine = machines.first { $0.identity == view.machine }
      let state = view.instance.map { "\(machine?.stateName(of: $0) ?? "?") \($0.data)" } ?? "pruned"
      return "\(view.machine) \(view.key) \(view.status) \(view.revision) \(state) \(histories[view.id] ?? [])"
    }.sorted()
    deadLetters = try reader.deadLetters(onlyUnresolved: false, limit: 10_000).map { "\($0.fault.code) \($0.at)" }
      .sorted()
  }

  /// The first difference, for people; nil when there is none.
  func difference(from other: RunOutcome) -> String? {
    for (name, mine, theirs) in [
      ("instance", instances, other.instances), ("message", sent, other.sent),
      ("dead letter", deadLetters, other.deadLetters),
    ] where mine != theirs {
      let missing = theirs.first { !mine.contains($0) }
      let extra = mine.first { !theirs.contains($0) }
      return "\(name): \(extra ?? "nothing") instead of \(missing ?? "nothing")"
    }
    return nil
  }
}
