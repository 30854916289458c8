import SagaCore
import SagaRuntime

/// A message that left, and where to.
struct SentMessage: Hashable {
  var event: CloudEvent
  /// The participant that a command goes to.
  var destination: String?
}

/// Runs one input through the engine that production runs, on a store with the contents of a state.
struct NodeEngine {
  let machines: [Machine]
  let configuration: EngineConfiguration

  /// What happens at a node.
  enum Input {
    case message(IncomingMessage)
    /// The next timer fires, at this time.
    case firing(at: Timestamp)
    /// An operator replays the dead letter of this row.
    case replay(JournalSequence)
  }

  /// A message as the engine sends it: most are only compared with what a crash leads to.
  struct Sent: Hashable {
    var bytes: [UInt8]
    var destination: String?
  }

  struct Result {
    var contents: MemoryContents
    /// Everything sent, in order.
    var sent: [Sent]
    /// The engine does not say of the same message that it has it already.
    var isForgotten = false

    /// Whether another end is the same in every table and sent the same, in whatever order and however often.
    func isSame(as other: Result) -> Bool {
      contents.instances == other.contents.instances && contents.keys == other.contents.keys
        && contents.parked == other.contents.parked && contents.clock == other.contents.clock
        && contents.deadLetters == other.contents.deadLetters && (sent == other.sent || Set(sent) == Set(other.sent))
    }
  }

  init(machines: [Machine]) {
    self.machines = machines
    var configuration = EngineConfiguration()
    // One decision per commit, so that a crash can come between any two, and one firing per tick, so that anything can.
    configuration.maximumBatch = 1
    configuration.inlineSeenIDs = 4096
    self.configuration = configuration
  }

  private func engine(on store: any Store, now: Timestamp) throws -> ShardEngine {
    try ShardEngine(store: store, machines: machines, configuration: configuration, now: now)
  }

  /// An empty shard.
  func start(at now: Timestamp) throws -> MemoryContents {
    let store = MemoryStore()
    let engine = try engine(on: store, now: now)
    // The clock of a shard is that of its last row.
    store.contents.clock = now
    _ = engine
    return store.contents
  }

  /// Takes an input in, sends and confirms what comes of it, and what comes of that within the node.
  ///
  /// - Returns: the end, and what each possible crash leads to instead: one after each commit before anything was
  ///   acknowledged or sent, and one after sending before the confirmation.
  func run(_ input: Input, on contents: MemoryContents, withCrashes: Bool) throws -> (Result, crashes: [Result]) {
    let recorder = CommitRecorder(contents)
    let now = time(of: input, at: contents.clock)
    let engine = try engine(on: recorder, now: now)
    switch input {
    case .message(let message):
      engine.holdClock()
      _ = try engine.offer([message], now: now)
    case .firing:
      _ = try engine.tick(now: now)
      engine.holdClock()
    case .replay(let sequence):
      engine.holdClock()
      _ = try engine.operate(.replay(deadLetter: sequence, by: "operator", reason: "explored"), now: now)
    }
    let committed = recorder.afterCommits
    var result = Result(contents: recorder.contents, sent: [])
    result.sent = try drain(engine, now: now)
    result.contents = recorder.contents
    if case .message(let message) = input {
      let outcomes = try engine.offer([message], now: now)[0].deliveries.map(\.outcome)
      result.isForgotten = outcomes.isEmpty || !outcomes.allSatisfy { $0 == .duplicate }
    }
    guard withCrashes else { return (result, []) }
    var crashes = try committed.map { try recover($0, now: now) }
    if let last = crashes.last, !last.isSame(as: result) {
      // Sent and not confirmed: everything left already, and what recovery sends leaves besides.
      crashes.append(Result(contents: last.contents, sent: result.sent + last.sent))
    }
    return (result, crashes)
  }

  /// What a new engine makes of contents that a crash left.
  private func recover(_ contents: MemoryContents, now: Timestamp) throws -> Result {
    let store = MemoryStore(contents)
    let engine = try engine(on: store, now: now)
    engine.holdClock()
    let sent = try drain(engine, now: now)
    return Result(contents: store.contents, sent: sent)
  }

  /// Whether an instance that is stuck is so again as soon as an operator has it tried again.
  func staysStuck(_ instance: Instance, of identity: MachineIdentity, in contents: MemoryContents) throws -> Bool {
    let store = MemoryStore(contents)
    let engine = try engine(on: store, now: contents.clock)
    engine.holdClock()
    let address = InstanceAddress(saga: identity.saga, role: identity.role, key: instance.key)
    let operation = Operation(verb: .retry, by: "operator", reason: "explored")
    _ = try engine.operate(.instance(address, operation), now: contents.clock)
    _ = try drain(engine, now: contents.clock)
    return try store.contents.instances.values.contains { stored in
      guard stored.key == instance.key, let state = stored.state else { return false }
      return try Instance(decoding: state).status == .stuck
    }
  }

  static let output = "output"

  private func time(of input: Input, at clock: Timestamp) -> Timestamp {
    switch input {
    case .message, .replay: clock
    case .firing(let due): max(clock, due)
    }
  }

  /// Sends and confirms until nothing is left, lets the node take what it sent to itself, and folds.
  private func drain(_ engine: ShardEngine, now: Timestamp) throws -> [Sent] {
    var sent: [Sent] = []
    var hasMore = true
    while hasMore {
      hasMore = try engine.tick(now: now).hasMore
      while true {
        let some = try engine.takeOutgoing(lane: NodeEngine.output, limit: 1000, now: now)
        if some.isEmpty { break }
        sent += some.map { Sent(bytes: $0.bytes, destination: $0.destination) }
        try engine.confirm(
          lane: NodeEngine.output, some.map { DeliveryResult(position: $0.position, outcome: .confirmed) }, now: now)
      }
    }
    while try engine.maintain(now: now, isIdle: true).hasMore {}
    return sent
  }
}
