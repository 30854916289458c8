/// The undisturbed run of a sweep, with everything that a disturbed one starts from or is held against.
struct SweepRecording {
  /// The run as it is before an operation.
  struct Moment {
    var operation: DiskOperation
    var disk: SimulatedDisk
    var state: RunState
  }

  /// Gathers moments that a power loss can tell apart.
  final class Gathering {
    private(set) var moments: [Moment] = []
    private var last: [Int] = []

    /// Before an operation: keeps the moment unless it is as the one before.
    func note(_ operation: DiskOperation, _ machine: SimulatedMachine, _ run: ScriptedRun) {
      let expected = run.state.expected
      let mark = [machine.disk.serial, run.state.progress, expected.acknowledged, expected.inFlight == nil ? 0 : 1]
      if mark == last { return }
      last = mark
      moments.append(Moment(operation: operation, disk: machine.disk, state: run.state))
    }
  }

  /// Between two processes: a run from here is the undisturbed one, however much of it came before.
  struct Boundary {
    /// Operations before it.
    var operations: Int
    var disk: SimulatedDisk
    var state: RunState
  }

  /// Before every operation that finds something changed: the disk, what was acknowledged, or what others have.
  var moments: [Moment] = []
  var operations: [DiskOperation] = []
  /// The disk after each acknowledged change, the first one before any.
  var acknowledged: [SimulatedDisk] = []
  var boundaries: [Boundary] = []
  var rows = 0
  var outcome: RunOutcome?

  var commits: Int { acknowledged.count - 1 }

  /// The last boundary before an operation.
  func boundary(before operation: DiskOperation) -> Boundary {
    boundaries[(boundaries.firstIndex { $0.operations > operation.index } ?? boundaries.count) - 1]
  }
}

extension CrashPointSweep {
  func record() throws -> SweepRecording {
    let simulated = try machine()
    let machine = simulated.machine
    let run = ScriptedRun(subject, on: simulated, commitStyle: options.commitStyle, wrap: planted.store)
    var recording = SweepRecording()
    recording.acknowledged = [machine.disk]
    recording.boundaries = [SweepRecording.Boundary(operations: 0, disk: machine.disk, state: run.state)]
    run.acknowledged = { [unowned run] in
      recording.acknowledged.append(machine.disk)
      recording.rows = max(recording.rows, Int(run.state.expected.rows.last?.sequence ?? 0))
    }
    run.processEnded = { [unowned run] in
      recording.boundaries.append(
        SweepRecording.Boundary(operations: machine.operationCount, disk: machine.disk, state: run.state))
    }
    let gathered = SweepRecording.Gathering()
    machine.fault = { [planted, unowned machine, weak run] operation in
      // Operations of its end, when it ends early, are nobody's.
      guard let run else { return nil }
      recording.operations.append(operation)
      gathered.note(operation, machine, run)
      return planted.disk(operation)
    }
    try run.proceed()
    machine.fault = nil
    recording.moments = gathered.moments
    recording.outcome = run.state.outcome
    return recording
  }
}
