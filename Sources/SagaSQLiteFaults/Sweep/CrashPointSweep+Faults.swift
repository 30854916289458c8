import SagaRuntime
import SagaSQLite

extension CrashPointSweep {
  /// What the process does when the engine has thrown.
  enum Comeback: Int, CaseIterable {
    /// A new engine on the store as it is.
    case sameStore
    /// It closes the file and opens it again.
    case reopen
    /// It dies, and another one opens the file.
    case kill
  }

  /// One failing operation and what the process does about it.
  struct Disturbance {
    var operation: DiskOperation
    var fault: DiskFault
    var comeback: Comeback

    var description: String { "\(fault) at \(operation), \(comeback)" }
  }

  /// Why after an error that nobody sees not every power loss is tried. The name of a log is synced once more by the
  /// store; a rollback journal is another one for each transaction, made and gone within it.
  static let unprotected =
    "a power loss that takes some of the unsynced and not all: the sync of a rollback journal's name had failed, SQLite "
    + "ignores that, and of a database written in part and no journal nothing can be demanded"

  /// Faults that an operation may have.
  func faults(_ operation: DiskOperation) -> [DiskFault] {
    var faults: [DiskFault] = [.ioError]
    if operation.kind.takesRoom { faults.append(.full) }
    if operation.kind.mayBeBusy { faults.append(.busy) }
    if operation.kind == .write { faults.append(.shortWrite(bytes: operation.count / 2)) }
    return faults
  }

  /// Every operation fails once, in every way it can.
  func sweepFaults(_ recording: SweepRecording, _ report: inout SweepReport) {
    let convergence = Convergence()
    let operations = recording.operations.filter(options.disturbs)
    for (index, operation) in operations.enumerated() where index % options.stride == 0 {
      for (number, fault) in faults(operation).enumerated() {
        let turn = index / options.stride + number
        let isSync = [.sync, .syncOfRemoval, .syncOfNewName].contains(operation.kind)
        // After a failing sync every way of coming back matters: what the system's cache has is not what the medium has.
        // From an error that nobody sees there is none.
        let comesBackInEveryWay = isSync && !operation.failsUnseen
        for comeback in comesBackInEveryWay ? Comeback.allCases : [Comeback.allCases[turn % Comeback.allCases.count]] {
          let disturbance = Disturbance(operation: operation, fault: fault, comeback: comeback)
          var moments: [SweepRecording.Moment] = []
          report.faults += 1
          if let found = disturbed(recording, disturbance, &moments, convergence) {
            report.add(found, disturbance.description)
          }
          guard options.includesFaultsWithPowerLoss, operation.kind.isChange else { continue }
          sweepPowerLosses(moments, after: disturbance, every: isSync ? 1 : 5, recording, &report, convergence)
        }
      }
    }
  }

  /// The power goes at moments after a fault. Nothing unsynced is the worst then; at every third moment
  /// some of it survives, or the process is killed and the system lives on.
  private func sweepPowerLosses(
    _ moments: [SweepRecording.Moment], after disturbance: Disturbance, every step: Int, _ recording: SweepRecording,
    _ report: inout SweepReport, _ convergence: Convergence
  ) {
    var last: [Int] = []
    for (place, moment) in moments.enumerated() where (place + disturbance.operation.index) % step == 0 {
      var loss = Loss(survival: place % 3 == 2 ? .reordered : .lost, sectorBytes: 512, seed: place)
      if place % 6 == 5 { loss = .kill }
      if disturbance.operation.failsUnseen, loss.survival == .reordered, moment.disk.hasUnprotectedWrites {
        report.leaveOut(Self.unprotected)
        loss.survival = .lost
      }
      if loss.survival == .lost {
        // What is not synced is gone: writes between two syncs make no difference.
        let mark = [moment.disk.lastSync, moment.state.progress, moment.state.expected.acknowledged]
        if mark == last { continue }
        last = mark
      }
      report.faultsWithPowerLoss += 1
      if let found = powerLoss(at: moment, loss, recording, allowed: nil, convergence) {
        report.add(
          found, "\(disturbance.description), then \(loss.description) before \(moment.operation)")
      }
    }
  }

  /// A run with one disturbance, from the start of the process it hits.
  ///
  /// - Parameter moments: gets what the power may find in the operations after the fault.
  private func disturbed(
    _ recording: SweepRecording, _ disturbance: Disturbance, _ moments: inout [SweepRecording.Moment],
    _ convergence: Convergence
  ) -> SweepFinding.Fault? {
    let first = disturbance.operation.index
    let within = options.powerLossWithin
    let gathered = SweepRecording.Gathering()
    defer { moments = gathered.moments }
    do {
      let boundary = recording.boundary(before: disturbance.operation)
      let simulated = try machine(boundary.disk)
      let machine = simulated.machine
      machine.operationCount = boundary.operations
      let run = ScriptedRun(
        subject, on: simulated, from: boundary.state, commitStyle: options.commitStyle, wrap: planted.store)
      machine.fault = { [planted, unowned machine, weak run] operation in
        if operation.index == first { return disturbance.fault }
        if let run, operation.index > first, operation.index <= first + within {
          gathered.note(operation, machine, run)
        }
        return planted.disk(operation)
      }
      convergence.begin()
      run.processEnded = { [unowned run, unowned machine] in
        guard machine.operationCount > first else { return }
        if let fault = try afterPowerLoss(run) { throw ScriptedRun.Broken(fault: fault) }
        try convergence.pass(run)
      }
      if let found = try end(run, disturbance) ?? difference(run, recording) ?? afterPowerLoss(run) { return found }
      convergence.confirm()
      return nil
    } catch is Convergence.Converged {
      convergence.confirm()
      return nil
    } catch {
      return fault(error)
    }
  }

  /// What was acknowledged after a fault must be durable as well.
  func afterPowerLoss(_ run: ScriptedRun) throws -> SweepFinding.Fault? {
    let copy = try machine(run.simulated.machine.disk.afterPowerLoss(.lost))
    let other = ScriptedRun(subject, on: copy, from: run.state, commitStyle: options.commitStyle, wrap: planted.store)
    _ = try other.running()
    return try damage(DatabaseImage(copy.machine), other)
  }

  /// Runs to the end, coming back after each error.
  private func end(_ run: ScriptedRun, _ disturbance: Disturbance) throws -> SweepFinding.Fault? {
    for attempt in 0... {
      do {
        try run.proceed()
        return nil
      } catch let error where !Self.isVerdict(error) {
        if attempt == 8 { return .stuck("\(error)") }
        // Nothing was written and nothing is in doubt: the engine itself goes on.
        if case EngineError.full = error { continue }
        run.state.offersAgain = true
        switch attempt < 4 ? disturbance.comeback : .kill {
        case .sameStore: run.dropEngine()
        case .reopen: run.close()
        case .kill: run.kill()
        }
      }
    }
    return nil
  }

  /// Errors of the run itself, not of the engine in it.
  private static func isVerdict(_ error: any Error) -> Bool {
    error is ScriptedRun.Broken || error is ScriptedRun.Redelivered || error is Convergence.Converged
  }
}

extension DiskOperation {
  /// Whether nobody is told when it fails: SQLite syncs the directory of a new journal or log within the sync of the
  /// file and ignores the error, since some systems cannot sync a directory. The store's own sync has the role `main`.
  fileprivate var failsUnseen: Bool { kind == .syncOfNewName && role != .main }
}

extension SimulatedDisk {
  /// A transaction writes to the database, and a power loss may take the journal that would undo that.
  fileprivate var hasUnprotectedWrites: Bool {
    let journal = "\(SimulatedSQLite.path)-journal"
    guard pendingNames.contains(where: { $0.path == journal && $0.file != nil }),
      let database = number(of: SimulatedSQLite.path).flatMap({ files[$0] })
    else { return false }
    return !database.pending.isEmpty
  }
}
