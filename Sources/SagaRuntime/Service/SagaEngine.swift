import Foundation
import Logging
import SagaCore
import ServiceLifecycle

/// A saga engine inside a service: it takes messages in, moves sagas, calls participants and consumers, and sends what goes out.
///
/// Make one, add it to the service's `ServiceGroup`, and use it from anywhere. Graceful shutdown commits what was taken, waits for handlers
/// and transports that are at work, and returns; what was not taken throws `RunnerError.stopped` and must be delivered again.
///
///     let engine = try SagaEngine(database: "orders.db", definitions: SagaDefinitions(at: ["sagas"]), participants: [payments])
///     try await ServiceGroup(services: [engine], logger: logger).run()
public final class SagaEngine: Service {
  /// One for each shard, in their order.
  let runners: [ShardRunner]
  let sources: [StoreSource]
  private let router: ShardRouter
  private let participants: [ParticipantService]
  private let consumers: [ConsumerService]
  private let takenTypes: Set<String>
  private let operatorRequests = OperatorRequests()
  /// Lets the shards meet for one purpose at a time.
  let meetings = KeyedGate()
  private let alerts: AlertPolicy
  private let watch: AlertWatch
  private let retention: RetentionPolicy?
  let logger: Logger

  /// Makes an engine on any store; `SagaSQLite` has the initialiser for a database file.
  ///
  /// - Parameters:
  ///   - source: opens the store, once, when the engine runs.
  ///   - otherShards: opens the stores of the other shards, in their order; none unless the journal is divided.
  ///   - definitions: the sagas, and the roles, that this service runs.
  ///   - participants: handlers for commands, of this service's sagas and of others.
  ///   - consumers: handlers for events, of this service's sagas and of others.
  ///   - routes: how messages leave the service. What the service's own sagas, participants and consumers take stays inside.
  ///   - alerts: what a person should hear of, and how.
  ///   - retention: how long what has ended is kept; for ever unless given.
  ///   - configuration: the limits; its `lanes` and `compile` are the engine's own business and are replaced.
  ///   - logger: told of what nobody else sees.
  ///   - telemetry: where metrics and traces go.
  /// - Throws: `SagaEngineError` where two participants, consumers or routes have one name, and where handlers work inside the engine's
  ///   transactions, which a divided journal has none of.
  public init(
    source: StoreSource, otherShards: [StoreSource] = [], definitions: SagaDefinitions,
    participants: [Participant] = [], consumers: [Consumer] = [],
    routes: [OutgoingRoute] = [], alerts: AlertPolicy = AlertPolicy(),
    retention: RetentionPolicy? = nil, configuration: EngineConfiguration = EngineConfiguration(),
    logger: Logger = Logger(label: "saga"),
    telemetry: Telemetry = Telemetry()
  ) throws {
    try SagaEngine.requireUnique("participants", participants.map(\.destination))
    try SagaEngine.requireUnique("consumers", consumers.map(\.name))
    try SagaEngine.requireUnique("routes", routes.map(\.lane.name))
    sources = [source] + otherShards
    if !otherShards.isEmpty { try SagaEngine.requireDividable(participants, consumers) }
    self.alerts = alerts
    self.retention = retention
    self.logger = logger
    watch = AlertWatch(alerts, sagas: Array(Set(definitions.machines.map(\.identity.saga))))
    takenTypes = Set(definitions.machines.flatMap(\.takenTypes))
    let plan = LanePlan(
      participants: participants, consumers: consumers, routes: routes, machines: definitions.machines,
      hasAlertHook: alerts.hook != nil)
    var configured = configuration
    configured.lanes = { plan.lanes(of: $0) }
    configured.compile = { try SagaDefinitions.compileStored($0, role: $1) }
    let count = sources.count
    let transactions = ServiceTransactions()
    let requests = operatorRequests
    let handlers = HandlerTelemetry(metrics: telemetry.makeMetrics(), tracing: MessageTracing(telemetry))
    self.participants = participants.map {
      ParticipantService($0, telemetry: handlers, transactions: transactions)
    }
    self.consumers = consumers.map { ConsumerService($0, telemetry: handlers, transactions: transactions) }
    var lanes: [OutgoingLane] = []
    for service in self.participants {
      lanes.append(
        OutgoingLane(
          name: LanePlan.lane(participant: service.participant.destination),
          transport: ParticipantTransport(service, logger: logger),
          concurrency: service.participant.policy.concurrency, messagesPerSend: 1))
    }
    for service in self.consumers {
      let transport = ConsumerTransport(service: service) { try await transactions.bury($0, $1) }
      lanes.append(
        OutgoingLane(
          name: LanePlan.lane(consumer: service.consumer.name), transport: transport,
          concurrency: service.consumer.policy.concurrency, messagesPerSend: 1))
    }
    lanes += routes.map(\.lane)
    if let lane = alerts.outgoing { lanes.append(lane) }
    lanes.append(OutgoingLane(name: UnroutedTransport.lane, transport: UnroutedTransport()))
    let router = ShardRouter(definitions.machines, among: count)
    self.router = router
    let exchange = count > 1 ? ShardExchange() : nil
    configured.keys = SagaEngine.keys(of: sources)
    // What the shards have in common must not be used more often at once than it allows.
    if count > 1 { lanes = lanes.map(\.shared) }
    runners = sources.enumerated().map { [lanes] index, source in
      var settings = configured
      settings.shard = ShardPlace(index: index, of: count)
      let configuration = settings
      return ShardRunner(
        lanes: lanes, logger: logger, metrics: handlers.metrics, tracing: handlers.tracing, exchange: exchange
      ) {
        let opened = try source.open()
        let engine = try ShardEngine(
          store: opened.store, machines: definitions.machines, configuration: configuration, now: WallClock.now)
        if count > 1 { router.add(engine.machines.groups.flatMap(\.versions).map(\.machine)) }
        if let path = opened.operatorSocketPath { try requests.open(path) }
        return engine
      }
    }
    exchange?.connect(runners.map(\.mailbox))
    transactions.connect(to: runners)
  }

  private static func keys(of sources: [StoreSource]) -> ShardKeys? {
    let probes = sources.compactMap(\.probe)
    guard sources.count > 1, probes.count == sources.count else { return nil }
    return ShardKeys { try probes[$0]() }
  }

  /// Handlers inside the engine's transactions have rows of their own beside the sagas', which would have to be in every shard.
  private static func requireDividable(_ participants: [Participant], _ consumers: [Consumer]) throws {
    for participant in participants {
      for handler in participant.handlers.values {
        if case .inside = handler.work { throw SagaEngineError.needsOneShard(participant.destination) }
      }
    }
    for consumer in consumers {
      for work in consumer.handlers.values {
        if case .inside = work { throw SagaEngineError.needsOneShard(consumer.name) }
      }
    }
  }

  /// The first shard: it has what belongs to no key.
  var runner: ShardRunner { runners[0] }

  /// How many shards the journal has.
  public var shardCount: Int { runners.count }

  private static func requireUnique(_ what: String, _ names: [String]) throws {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw SagaEngineError.duplicateName(what: what, name: name)
    }
  }

  /// Runs until graceful shutdown or cancellation.
  ///
  /// - Throws: what stopped the engine, when it was not asked to stop: `EngineError`, `StoreOpenError`, …
  public func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [runners, operatorRequests] in
        defer { operatorRequests.close() }
        try await withThrowingTaskGroup(of: Void.self) { shards in
          for runner in runners { shards.addTask { try await runner.run() } }
          try await shards.waitForAll()
        }
      }
      group.addTask { await self.answerOperators() }
      if alerts.watches {
        group.addTask {
          await self.every(self.alerts.checkMilliseconds, "looking for alerts") {
            try await self.lookForAlerts(now: WallClock.now)
          }
        }
      }
      if let retention {
        group.addTask {
          await self.every(retention.intervalMilliseconds, "pruning") {
            try await self.prune(by: retention, now: WallClock.now)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Does something again and again until the engine stops; what fails is logged and comes again.
  private func every(
    _ milliseconds: Int64, _ what: String, _ body: @escaping @Sendable () async throws -> Void
  ) async {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(milliseconds)) }
        try await body()
      } catch is CancellationError {
        return
      } catch RunnerError.stopped {
        return
      } catch {
        logger.warning("\(what) failed, and comes again", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Raises alerts for what is late at a time.
  package func lookForAlerts(now: Timestamp) async throws { try await watch.look(self, now: now) }

  private func answerOperators() async {
    for await waiting in operatorRequests.stream {
      do {
        switch try SocketRequest(waiting.request) {
        case .operate(let request, let shard): waiting.reply(try await operate(request, shard: shard).json)
        case .bury(let line):
          waiting.reply(["result": "sent", "deliveries": .array(try await importDeadLetter(line).json)])
        case .send(let bytes):
          waiting.reply(["result": "sent", "deliveries": .array(try await deliver(bytes).json)])
        }
      } catch let fault as MessageFault {
        waiting.reply(OperatorReply.refused(fault).json)
      } catch {
        waiting.reply(["result": "refused", "code": "engine.stopped", "message": .string("\(error)")])
      }
    }
  }

  /// Hands over a message (a CloudEvent, JSON) from a broker, a pipe or an HTTP request.
  ///
  /// Commands go to the participant that handles their type, everything else to the consumers and sagas that take it. Concurrent calls
  /// share a batch and an fsync.
  ///
  /// - Returns: what became of it, once that is durable: the message may be acknowledged.
  /// - Throws: `DeliveryError`, `RunnerError.stopped`, `EngineError`; then it must not be acknowledged and may come again.
  public func deliver(_ message: [UInt8]) async throws -> Receipt {
    let event: CloudEvent
    do throws(MessageFault) { event = try CloudEvent.decode(message) } catch {
      return try await runner.deliver(message)
    }
    return try await deliver(event, as: message)
  }

  /// Hands over a message built in memory. What is no message as others could read it (an empty id, a control character in an
  /// attribute) is a dead letter, as it would be from outside.
  ///
  /// - Throws: as `deliver(_:)`.
  public func deliver(_ event: CloudEvent) async throws -> Receipt { try await deliver(event.encode()) }

  private func deliver(_ event: CloudEvent, as message: [UInt8]) async throws -> Receipt {
    guard runner.tracing.isOn else { return try await hand(event, message) }
    return try await runner.tracing.withSpan("deliver \(event.type)", of: event) { traced, _ in
      // What comes without a trace begins one here, or goes on with that of whoever brings it.
      guard event.traceparent == nil else { return try await self.hand(event, message) }
      return try await self.hand(traced, traced.encode())
    }
  }

  /// - Parameter message: the event as bytes.
  private func hand(_ event: CloudEvent, _ message: [UInt8]) async throws -> Receipt {
    let isOurs = isHandled(event)
    let handled: [HandlerReceipt]
    var failure: DeliveryError?
    do {
      handled = isOurs ? try await handle(event) : []
    } catch let error as DeliveryError {
      (handled, failure) = ([], error)
    }
    // A command that a participant here does, and an event that only consumers take, concern no saga.
    let isForSagas = !isOurs || (event.messagekind != MessageKind.command.rawValue && takenTypes.contains(event.type))
    var receipt =
      isForSagas ? try await bring(IncomingMessage(bytes: message, event: event), event) : Receipt(deliveries: [])
    if let failure { throw failure }
    receipt.handled = handled
    return receipt
  }

  /// Hands a message to every shard that has a saga it is for.
  private func bring(_ message: IncomingMessage, _ event: CloudEvent) async throws -> Receipt {
    if runners.count == 1 { return try await runner.deliver(message) }
    return try await bring(message, to: router.shards(of: event))
  }

  func bring(_ message: IncomingMessage, to shards: [Int]) async throws -> Receipt {
    if shards.count == 1 { return try await goOn(message, try await runners[shards[0]].deliver(message)) }
    let receipt = try await withThrowingTaskGroup(of: (Int, Receipt).self) { group in
      for shard in shards { group.addTask { (shard, try await self.runners[shard].deliver(message)) } }
      var receipts: [(shard: Int, receipt: Receipt)] = []
      for try await one in group { receipts.append(one) }
      receipts.sort { $0.shard < $1.shard }
      var merged = Receipt(deliveries: receipts.flatMap(\.receipt.deliveries))
      merged.onward = receipts.flatMap(\.receipt.onward)
      return merged
    }
    return try await goOn(message, receipt)
  }

  /// Hands a message to the shards that it has to go on to.
  private func goOn(_ message: IncomingMessage, _ receipt: Receipt) async throws -> Receipt {
    var (receipt, left) = (receipt, receipt.onward)
    receipt.onward = []
    while let step = left.popLast() {
      let next = try await runners[step.shard].deliver(message.going(step))
      receipt.deliveries += next.deliveries
      left += next.onward
    }
    return receipt
  }

  private func participant(for event: CloudEvent) -> ParticipantService? {
    guard event.messagekind == MessageKind.command.rawValue else { return nil }
    return participants.first { $0.participant.handlers[event.type] != nil }
  }

  private func consumers(for event: CloudEvent) -> [ConsumerService] {
    guard event.messagekind != MessageKind.command.rawValue else { return [] }
    return consumers.filter { $0.consumer.handlers[event.type] != nil }
  }

  func isHandled(_ event: CloudEvent) -> Bool {
    participant(for: event) != nil || !consumers(for: event).isEmpty
  }

  /// Gives a message to the handlers that take it.
  ///
  /// - Throws: `DeliveryError` when one of them could not take it now.
  func handle(_ event: CloudEvent) async throws -> [HandlerReceipt] {
    if let participant = participant(for: event) { return [try await handle(event, by: participant)] }
    var receipts: [HandlerReceipt] = []
    var failure: DeliveryError?
    for service in consumers(for: event) {
      let name = service.consumer.name
      switch try await service.handle(event) {
      case .handled: receipts.append(HandlerReceipt(name: name, outcome: .handled))
      case .repeated: receipts.append(HandlerReceipt(name: name, outcome: .duplicate))
      case .failed(let retryAt, let error): failure = DeliveryError(handler: name, retryAt: retryAt, cause: error)
      case .poison(let fault): receipts.append(try await bury(event, fault, of: name))
      }
    }
    if let failure { throw failure }
    return receipts
  }

  private func handle(_ event: CloudEvent, by service: ParticipantService) async throws -> HandlerReceipt {
    let name = service.participant.destination
    do {
      return HandlerReceipt(name: name, outcome: HandlerReceipt.Outcome(try await service.handle(event)))
    } catch  where PermanentError.isPermanent(error) {
      let fault = MessageFault(
        code: HandlerFault.commandRefused, message: "\(error)", isRetryable: true,
        causes: PermanentError.causes(of: error))
      return try await bury(event, fault, of: name)
    } catch let error as EngineError {
      throw error
    } catch let error as RunnerError {
      throw error
    } catch {
      throw DeliveryError(handler: name, retryAt: nil, cause: error)
    }
  }

  private func bury(_ event: CloudEvent, _ fault: MessageFault, of name: String) async throws -> HandlerReceipt {
    try await runner.bury(event.encode(), fault)
    return HandlerReceipt(name: name, outcome: .deadLettered(code: fault.code, message: fault.message))
  }

  /// Runs a transaction on the engine's store: the service's own rows, what it publishes and what it consumes become durable together.
  ///
  /// There is no other way to publish, so nothing can be written here and lost there (a "dual write"). Where the journal is divided it
  /// is the first shard's store.
  ///
  /// - Parameter body: runs once, on the shard's thread; keep it short, nothing else moves meanwhile.
  /// - Returns: what `body` returned, once that is durable.
  /// - Throws: what `body` threw, after everything it did is undone; `RunnerError.stopped`, `EngineError`.
  public func transaction<Value: Sendable>(
    _ body: @escaping @Sendable (any ServiceTransaction) throws -> Value
  ) async throws -> Value {
    try await runner.transact(body)
  }
}

/// Why an engine could not be made.
public enum SagaEngineError: Error, CustomStringConvertible, Sendable {
  /// Two participants, consumers or routes have one name, by which the database knows them.
  case duplicateName(what: String, name: String)
  /// A participant or consumer works inside the engine's transactions, and the journal is divided.
  case needsOneShard(String)
  /// The call concerns one shard, and there are several: name one.
  case shardNeeded(count: Int)
  /// `start` found that the key has an instance, or that no guard of the definition's `start` held.
  case notStarted(DeliveryReceipt.Outcome?)

  public var description: String {
    switch self {
    case .duplicateName(let what, let name): "two \(what) are called '\(name)'; names tell them apart in the database"
    case .needsOneShard(let name):
      "'\(name)' handles messages inside the engine's transaction, with rows of its own beside the sagas', and the database is "
        + "divided into files; handle them outside (`handle`, `on`), or run with one shard"
    case .shardNeeded(let count): "there are \(count) shards, and this concerns one of them; name it (`shard:`)"
    case .notStarted(let outcome):
      "the message started no saga (\(outcome.map { $0.name } ?? "nothing takes it")); its key may have one already"
    }
  }
}

/// A message that a handler could not take now. It is not acknowledged; deliver it again.
public struct DeliveryError: Error, CustomStringConvertible {
  /// The participant's destination or the consumer's name.
  public var handler: String
  /// Not before; nil leaves it to whoever delivers.
  public var retryAt: Timestamp?
  /// What the handler threw.
  public var cause: any Error

  public var description: String {
    "\(handler) could not take the message: \(cause); it was not acknowledged and may be delivered again"
  }
}

/// Opens an engine's store.
public struct StoreSource: Sendable {
  /// An opened store, and where its operator socket belongs; nil for none.
  public struct Opened {
    /// The store, which the engine confines to its thread.
    public var store: any Store
    /// Where the operator socket is made; nil makes none.
    public var operatorSocketPath: String?
    /// A store, ready to be written.
    public init(store: any Store, operatorSocketPath: String? = nil) {
      self.store = store
      self.operatorSocketPath = operatorSocketPath
    }
  }

  let open: @Sendable () throws -> Opened
  let reader: (@Sendable () throws -> any Store)?
  /// Opens a look at the store's keys, for the other shards of its journal.
  let probe: (@Sendable () throws -> any KeyProbe)?

  /// - Parameters:
  ///   - reader: opens a snapshot beside the running engine; nil where there can be none, and questions are answered on
  ///     the shard's thread.
  ///   - probe: opens a look at its keys beside the running engine, for the other shards of its journal; without it, sagas that find
  ///     instances by recorded values run in one shard only.
  ///   - open: opens the store for writing; called on the shard's thread.
  public init(
    reader: (@Sendable () throws -> any Store)? = nil, probe: (@Sendable () throws -> any KeyProbe)? = nil,
    open: @escaping @Sendable () throws -> Opened
  ) {
    self.reader = reader
    self.probe = probe
    self.open = open
  }

  /// A store in memory, for tests and for services that may lose it.
  public static func memory(_ contents: MemoryContents = MemoryContents()) -> StoreSource {
    StoreSource { Opened(store: MemoryStore(contents)) }
  }
}
