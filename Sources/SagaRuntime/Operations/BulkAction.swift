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

  /// The request that asks a running engine what would become of some of the instances; nil where what the store has says it.
  package func trial(_ addresses: [InstanceAddress]) -> OperatorRequest? {
    switch self {
    // Which versions are loaded only the engine knows.
    case .migrate(let migration): .tryMigrate(addresses, migration)
    case .operate: nil
    }
  }

  /// What the action would do to an instance as it is: decides, and does nothing.
  ///
  /// - Parameters:
  ///   - view: the instance.
  ///   - finder: has the definitions that are needed.
  ///   - target: the machine to move to, where it is not among those that the store has.
  ///   - now: the logical time.
  /// - Throws: `EngineError.corrupt` where a message that the instance keeps cannot be read, or what the store throws.
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
      do throws(MessageFault) { plan = try migration.plan(from: machine, to: target) } catch { return .refused(error) }
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
  ///
  /// - Throws: `EngineError.corrupt` where one is missing: what is said of the others would not be what the engine does.
  fileprivate func kept(by instance: Instance) throws -> [CloudEvent] {
    if instance.deferred.isEmpty { return [] }
    var inputs: [JournalSequence: [UInt8]] = [:]
    for row in try store.rows(instance.deferred.map(\.sequence)) { inputs[row.sequence] = row.input }
    var kept: [CloudEvent] = []
    for message in instance.deferred {
      guard let bytes = inputs[message.sequence] else {
        throw EngineError.corrupt("row \(message.sequence), which keeps a message, is missing")
      }
      do throws(MessageFault) { kept.append(try CloudEvent.decodeStored(bytes)) } catch {
        throw EngineError.corrupt("the message of row \(message.sequence) cannot be read: \(error)")
      }
    }
    return kept
  }
}

extension SagaEngine {
  /// Does something to every selected instance, a hundred in a commit, each with its own row in its history.
  ///
  /// - Parameters:
  ///   - action: what is done.
  ///   - selection: which instances are meant.
  ///   - limit: at most so many, oldest first; of the first shard first, where there are several.
  ///   - isDryRun: decides and writes nothing: what would become of each as it is now.
  /// - Throws: `RunnerError.stopped`, `EngineError`, what the store throws; what was done until then stays done.
  public func apply(
    _ action: BulkAction, to selection: InstanceSelection, limit: Int = .max, isDryRun: Bool = false
  ) async throws -> BulkReport {
    var report = BulkReport()
    for shard in runners.indices {
      try await apply(action, to: selection, in: shard, limit: limit, isDryRun: isDryRun, &report)
    }
    return report
  }

  private func apply(
    _ action: BulkAction, to selection: InstanceSelection, in shard: Int, limit: Int, isDryRun: Bool,
    _ report: inout BulkReport
  ) async throws {
    var after: InstanceID = 0
    while report.count < limit {
      let (begin, room) = (after, limit - report.count)
      let page = try await read(shard: shard) {
        reader -> (last: InstanceID, found: [(InstanceAddress, OperatorReply?)])? in
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
  }
}

extension InstanceView {
  /// What people call it by.
  public var address: InstanceAddress { InstanceAddress(saga: machine.saga, role: machine.role, key: key) }
}

extension Array {
  /// The elements in order, at most `count` at a time.
  package func chunked(by count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
