import SagaCore

/// What is done to many instances, each on its own: one that refuses does not keep the others.
public enum BulkAction: Sendable, Hashable {
  /// An operator's verb.
  case operate(Operation)
  /// A move to another version.
  case migrate(Migration)

  /// The request for some of the instances.
  public func request(_ addresses: [InstanceAddress]) -> OperatorRequest {
    switch self {
    case .operate(let operation): .instances(addresses, operation)
    case .migrate(let migration): .migrate(addresses, migration)
    }
  }

  /// What the action would do to an instance as it is: decides, and does nothing.
  ///
  /// - Parameters:
  ///   - view: the instance.
  ///   - finder: has the definitions that are needed.
  ///   - target: the machine to move to, where it is not among those that the store has.
  ///   - now: the logical time.
  /// - Throws: what the store throws.
  public func outlook(
    on view: InstanceView, _ finder: InstanceFinder, target: Machine? = nil, now: Timestamp
  ) throws -> OperatorReply {
    guard let instance = view.instance, let machine = finder.machine(view.machine) else { return .notFound }
    let context = DecisionContext(now: max(now, instance.updatedAt), epoch: finder.reader.recovered.epoch)
    switch self {
    case .operate(let operation):
      switch machine.advance(instance, .operation(operation), context: context).outcome {
      case .handled, .late: return .done
      case .refused(let fault): return .refused(fault)
      case .deferred, .foreign, .stale: return .unchanged
      }
    case .migrate(let migration):
      if migration.version == view.machine.version { return .unchanged }
      var identity = view.machine
      identity.version = migration.version
      guard let target = target ?? finder.machine(identity) else {
        let text = "version \(migration.version) of \(identity.saga) has not run here yet: give its definition"
        return .refused(MessageFault(code: FaultCode.migrationVersion, message: text, isRetryable: true))
      }
      let plan: MigrationPlan
      do throws(MigrationMappingError) {
        plan = try MigrationPlan(from: machine, to: target, mapping: migration.mapping)
      } catch {
        return .refused(MessageFault(code: FaultCode.migrationMapping, message: "the mapping: \(error)"))
      }
      let kept = try finder.reader.kept(by: instance)
      switch plan.migrate(instance, keeping: kept, by: migration.by, reason: migration.reason, context: context) {
      case .moved: return .done
      case .stays(let obstacles): return .refused(MessageFault(obstacles))
      }
    }
  }
}

extension ShardReader {
  /// The messages that an instance keeps for later, as they came.
  fileprivate func kept(by instance: Instance) throws -> [CloudEvent] {
    if instance.deferred.isEmpty { return [] }
    return try store.rows(instance.deferred.map(\.sequence)).compactMap { row in
      try row.input.map { bytes in try CloudEvent.decode(bytes) }
    }
  }
}

/// What became of many instances.
public struct BulkReport: Sendable, Hashable {
  /// Done; of a dry run, those that it would be done to.
  public private(set) var done = 0
  /// Nothing to do: it was so already.
  public private(set) var unchanged = 0
  /// Not in the store any more.
  public private(set) var missing = 0
  /// Refused, by the code and text of the reason, most frequent first.
  public var refusals: [Refusal] {
    found.sorted { ($1.count, $0.fault.code, $0.fault.message) < ($0.count, $1.fault.code, $1.fault.message) }
  }
  private var found: [Refusal] = []

  /// A reason for which instances refused.
  public struct Refusal: Sendable, Hashable {
    /// The code and the reason.
    public var fault: MessageFault
    /// How many instances refused for it.
    public var count: Int
    /// Some of them; at most `BulkReport.maximumExamples`.
    public var examples: [InstanceAddress]
  }

  /// How many instances are named for each reason.
  public static let maximumExamples = 5
  /// Reasons that are told apart; more of them count as one.
  public static let maximumReasons = 100

  /// Of no instances.
  public init() {}

  /// How many instances it is about.
  public var count: Int { done + unchanged + missing + refused }
  /// How many instances refused.
  public var refused: Int { found.reduce(0) { $0 + $1.count } }

  /// Adds what became of one instance.
  public mutating func add(_ address: InstanceAddress, _ reply: OperatorReply) {
    switch reply {
    case .done, .replayed, .each: done += 1
    case .unchanged: unchanged += 1
    case .notFound: missing += 1
    case .refused(let fault): refuse(address, fault)
    }
  }

  private mutating func refuse(_ address: InstanceAddress, _ fault: MessageFault) {
    // The key in a message would make every instance a reason of its own.
    let message = fault.message.replacing(word: address.key, with: "…")
    var index = found.firstIndex { $0.fault.code == fault.code && $0.fault.message == message }
    if index == nil, found.count >= BulkReport.maximumReasons { index = found.count - 1 }
    guard let index else {
      found.append(Refusal(fault: MessageFault(code: fault.code, message: message), count: 1, examples: [address]))
      return
    }
    found[index].count += 1
    if found[index].examples.count < BulkReport.maximumExamples { found[index].examples.append(address) }
  }
}

extension SagaEngine {
  /// Does something to every selected instance, a hundred in a commit, each with its own row in its history.
  ///
  /// - Parameters:
  ///   - action: what is done.
  ///   - selection: which instances are meant.
  ///   - limit: at most so many, oldest first.
  ///   - isDryRun: decides and writes nothing: what would become of each as it is now.
  /// - Throws: `RunnerError.stopped`, `EngineError`, what the store throws; what was done until then stays done.
  public func apply(
    _ action: BulkAction, to selection: InstanceSelection, limit: Int = .max, isDryRun: Bool = false
  ) async throws -> BulkReport {
    var report = BulkReport()
    var after: InstanceID = 0
    while report.count < limit {
      let (begin, room) = (after, limit - report.count)
      let page = try await read { reader -> (last: InstanceID, found: [(InstanceAddress, OperatorReply?)])? in
        let finder = InstanceFinder(reader)
        var last = begin
        guard let views = try finder.next(selection, after: &last) else { return nil }
        return (
          last,
          try views.prefix(room).map { view in
            (view.address, isDryRun ? try action.outlook(on: view, finder, now: WallClock.now) : nil)
          }
        )
      }
      guard let page else { break }
      after = page.last
      if isDryRun {
        for (address, reply) in page.found { report.add(address, reply ?? .notFound) }
        continue
      }
      for chunk in page.found.map(\.0).chunked(by: OperatorRequest.maximumInstances) {
        guard case .each(let replies) = try await operate(action.request(chunk)) else { continue }
        for (address, reply) in zip(chunk, replies) { report.add(address, reply) }
      }
    }
    return report
  }
}

extension InstanceView {
  /// What people call it by.
  public var address: InstanceAddress { InstanceAddress(saga: machine.saga, role: machine.role, key: key) }
}

extension String {
  /// With a word replaced wherever it stands alone.
  fileprivate func replacing(word: String, with other: String) -> String {
    if word.isEmpty { return self }
    func isPart(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
    var result = ""
    var rest = self[...]
    while let found = rest.firstRange(of: word) {
      let before = rest[..<found.lowerBound]
      let isAlone = !isPart(before.last ?? result.last) && !isPart(rest[found.upperBound...].first)
      result += before + (isAlone ? other : word)
      rest = rest[found.upperBound...]
    }
    return result + rest
  }
}

extension Array {
  /// The elements in order, at most `count` at a time.
  package func chunked(by count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
