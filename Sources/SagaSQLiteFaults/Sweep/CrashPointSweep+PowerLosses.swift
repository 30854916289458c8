import SagaRuntime
import SagaSQLite

extension CrashPointSweep {
  /// How much survives when everything ends.
  struct Loss {
    /// Of a power loss; nil when only the process is killed.
    var survival: CrashSurvival?
    var sectorBytes: Int
    var seed: Int

    static let kill = Loss(survival: nil, sectorBytes: 512, seed: 0)

    var description: String {
      survival.map { "power loss, \($0.rawValue) by \(sectorBytes) bytes, seed \(seed)" } ?? "kill"
    }

    /// Choices that are the same every time.
    private var choose: SimulatedDisk.Choose {
      var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 0x2545_F491_4F6C_DD1D
      return { count, _ in
        // Knuth's MMIX generator; its high bits are good.
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(count))
      }
    }

    func disk(_ disk: SimulatedDisk) -> SimulatedDisk {
      survival.map { disk.afterPowerLoss($0, sectorBytes: sectorBytes, choose: choose) } ?? disk.afterKill()
    }
  }

  /// What may survive of a disk: one thing only when everything is durable.
  private func losses(_ disk: SimulatedDisk, seed: Int) -> [Loss] {
    var losses = [Loss(survival: .lost, sectorBytes: 512, seed: 0)]
    guard disk.unsyncedChanges > 0 else { return losses }
    losses += [.kill, Loss(survival: .kept, sectorBytes: 512, seed: 0)]
    for number in 0..<2 {
      losses.append(Loss(survival: .prefix, sectorBytes: 512, seed: seed &* 7 &+ number))
      losses.append(Loss(survival: .torn, sectorBytes: number == 0 ? 512 : 4096, seed: seed &* 11 &+ number))
    }
    for number in 0..<options.subsets {
      losses.append(
        Loss(survival: .reordered, sectorBytes: number % 2 == 0 ? 512 : 4096, seed: seed &* 13 &+ number))
    }
    return losses
  }

  /// The power goes before every operation, or the process is killed there.
  func sweepPowerLosses(_ recording: SweepRecording, _ report: inout SweepReport) throws {
    let convergence = Convergence()
    let contents = try recording.acknowledged.map { disk in
      try DatabaseImage(SimulatedMachine(disk: disk.afterPowerLoss(.kept))).contents
    }
    for (index, moment) in recording.moments.enumerated() where index % options.stride == 0 {
      let acknowledged = moment.state.expected.acknowledged
      let isMoving = moment.state.expected.inFlight != nil
      let allowed = contents[acknowledged...(acknowledged + (isMoving && acknowledged + 1 < contents.count ? 1 : 0))]
      for loss in losses(moment.disk, seed: index) {
        report.powerLosses += 1
        if let fault = powerLoss(at: moment, loss, recording, allowed: allowed, convergence) {
          report.add(fault, "\(loss.description) before \(moment.operation)")
        }
      }
    }
  }

  /// Everything ends at a moment and starts again. What is there is held against what must be, and the run goes on to the end.
  ///
  /// - Parameter allowed: what the tables may hold; nil where only the journal's rows are known.
  func powerLoss(
    at moment: SweepRecording.Moment, _ loss: Loss, _ recording: SweepRecording, allowed: ArraySlice<Int>?,
    _ convergence: Convergence
  ) -> SweepFinding.Fault? {
    do {
      let simulated = try machine(loss.disk(moment.disk))
      let run = ScriptedRun(
        subject, on: simulated, from: moment.state, commitStyle: options.commitStyle, wrap: planted.store)
      run.state.offersAgain = true
      _ = try run.running()
      let image = try DatabaseImage(simulated.machine)
      if let fault = try damage(image, run) { return fault }
      if let allowed, !allowed.contains(image.contents) {
        return .phantom("the tables are neither as acknowledged nor as the commit in flight makes them")
      }
      convergence.begin()
      run.processEnded = { [unowned run] in
        // What the next process has acknowledged on what it found must be durable as well.
        if loss.survival == nil, let fault = try afterPowerLoss(run) { throw ScriptedRun.Broken(fault: fault) }
        try convergence.pass(run)
      }
      try run.proceed()
      if let found = difference(run, recording) { return found }
      convergence.confirm()
      return nil
    } catch is Convergence.Converged {
      convergence.confirm()
      return nil
    } catch {
      return fault(error)
    }
  }

  /// How the end of a run differs from the undisturbed one's.
  func difference(_ run: ScriptedRun, _ recording: SweepRecording) -> SweepFinding.Fault? {
    guard let mine = run.state.outcome, let theirs = recording.outcome else { return .stuck("the run has no outcome") }
    return mine.difference(from: theirs).map { .diverged($0) }
  }

  /// What SQLite and the fold of the journal find wrong.
  func damage(_ image: DatabaseImage, _ run: ScriptedRun) throws -> SweepFinding.Fault? {
    if let finding = image.findings.first { return .corrupt(finding) }
    return try run.store.flatMap { try JournalAudit.findings($0).first }.map { .corrupt($0) }
  }

  /// What an error means that no run may end with.
  func fault(_ error: any Error) -> SweepFinding.Fault {
    switch error {
    case let broken as ScriptedRun.Broken: broken.fault
    case let again as ScriptedRun.Redelivered:
      .lost("a message that was acknowledged was \(again.outcome) when it came again, key \(again.key)")
    case let error as StoreOpenError: .corrupt(error.description)
    default: .stuck("\(error)")
    }
  }
}
