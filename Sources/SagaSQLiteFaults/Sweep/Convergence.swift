import SagaRuntime

/// Ends disturbed runs early: between two processes a run is what is on its disk and what others know, and from there it goes on
/// as every other run that was the same there. Each of those that differ is gone on with to the end, once.
final class Convergence {
  /// From here runs are known to come to the right end.
  private var known: Set<Int> = []
  /// Where the run that is under way has been.
  private var passed: [Int] = []

  struct Converged: Error {}

  /// Takes note of where a run is between two processes.
  ///
  /// - Throws: `Converged` when it need not go on.
  func pass(_ run: ScriptedRun) throws {
    let copy = SimulatedMachine(disk: run.simulated.machine.disk.afterPowerLoss(.kept))
    var hasher = Hasher()
    hasher.combine(try DatabaseImage(copy).contents)
    run.state.combine(into: &hasher)
    let place = hasher.finalize()
    if known.contains(place) { throw Converged() }
    passed.append(place)
  }

  func begin() { passed.removeAll() }

  /// The run came to the right end.
  func confirm() { known.formUnion(passed) }
}
