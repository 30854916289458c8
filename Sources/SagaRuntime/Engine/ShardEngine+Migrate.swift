import SagaCore

extension ShardEngine {
  /// Moves an instance to another version of its definition, or says why it stays.
  ///
  /// - Parameter isTrial: decides it, and leaves the instance where it is.
  func migrate(
    _ instance: LiveInstance, _ state: Instance, _ migration: Migration, _ batch: Batch, isTrial: Bool = false
  ) throws -> OperatorReply {
    let identity = instance.machine.machine.identity
    if identity.version == migration.version { return .unchanged }
    let group = machines.group(saga: identity.saga, role: identity.role)
    guard let target = group?.versions.first(where: { $0.machine.identity.version == migration.version }) else {
      let text =
        "version \(migration.version) of \(identity.saga) is not loaded here; start the engine with it, and migrate then"
      return .refused(MessageFault(code: FaultCode.migrationVersion, message: text, isRetryable: true))
    }
    let plan: MigrationPlan
    do throws(MessageFault) {
      plan = try migration.plan(from: instance.machine.machine, to: target.machine)
    } catch {
      return .refused(error)
    }
    var kept: [CloudEvent] = []
    for message in state.deferred {
      guard let bytes = try bytes(of: message.sequence, batch) else {
        throw EngineError.corrupt("row \(message.sequence), which keeps a message, is missing")
      }
      do throws(MessageFault) { kept.append(try CloudEvent.decodeStored(bytes)) } catch {
        throw EngineError.corrupt("the message of row \(message.sequence) cannot be read: \(error)")
      }
    }
    let context = context(of: instance, state, at: batch.now)
    switch plan.migrate(state, keeping: kept, by: migration.by, reason: migration.reason, context: context) {
    case .stays(let obstacles): return .refused(MessageFault(obstacles))
    case .moved(let decision):
      return isTrial ? .done : try move(instance, to: target, decision, migration, context, batch)
    }
  }

  private func move(
    _ instance: LiveInstance, to target: LoadedMachine, _ decision: Decision, _ migration: Migration,
    _ context: DecisionContext, _ batch: Batch
  ) throws -> OperatorReply {
    var cascade = Cascade(limit: configuration.cascadeLimit)
    if let fault = try claim(decision.claims, for: instance, &cascade, batch)?.fault { return .refused(fault) }
    batch.use(target)
    var draft = RowDraft(kind: .operation, outcome: .handled, input: InputRecord.migration(migration).encode())
    draft.facts = decision.facts
    draft.outgoing = decision.outgoing
    draft.movesTo = target.id
    #if SAGA_MUTANTS
      if Mutant.is(.moveNotWritten) { draft.movesTo = nil }
    #endif
    instance.move(to: target)
    append(draft, to: instance, decision.instance, at: context.now, batch)
    // The new version may take what the old one kept.
    cascade.isTransition = true
    try run(&cascade, of: instance, batch)
    return .done
  }
}

extension Migration {
  /// How instances move between two versions of a role.
  ///
  /// - Throws: `MessageFault` where the mapping does not fit them.
  func plan(from old: Machine, to new: Machine) throws(MessageFault) -> MigrationPlan {
    do throws(MigrationMappingError) {
      return try MigrationPlan(from: old, to: new, mapping: mapping)
    } catch {
      throw MessageFault(code: FaultCode.migrationMapping, message: "the mapping: \(error)")
    }
  }
}

extension MessageFault {
  /// Why an instance stays with its version.
  public init(_ obstacles: [MigrationObstacle]) {
    self.init(
      code: "migration.\(obstacles.first?.code.rawValue ?? "")",
      message: obstacles.map(\.description).joined(separator: "\n"))
  }
}
