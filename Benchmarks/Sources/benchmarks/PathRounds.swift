import SagaCore
import SagaRuntime
import SagaSQLite

/// The same engine under other sagas than the one it is measured with everywhere: without a coordinator, and on records
/// of real life.
enum PathRounds {
  static let group = 100

  static func section(_ rounds: StoreRounds, _ options: Options) throws -> Section {
    Benchmarks.note("other sagas…")
    let orders = Int(3000 * options.seconds)
    var workloads: [(name: String, workload: Workload)] = [
      ("order-fulfillment: a coordinator", try Workload(orders: orders)),
      ("order-choreography: four roles in one engine", try Workload.choreography(orders: orders)),
    ]
    var notes = ["an event is what one saga has taken: a row of the journal; \(group) messages a commit"]
    if let claims = try Workload.claims() {
      workloads.append(("expense-claims: 8,979 events of real claims", claims))
    } else {
      notes.append("left out: expense-claims, whose records are not here (../shared/data)")
    }
    let measurements: [(name: String, unit: String, measure: () throws -> Double)] = workloads.map { entry in
      (entry.name, "events/s", { try eventsPerSecond(entry.workload, rounds) })
    }
    return try Section(
      id: "paths", title: "other sagas on SQLite, synchronous=FULL", rounds: options.rounds, notes: notes,
      measurements)
  }

  private static func eventsPerSecond(_ workload: Workload, _ rounds: StoreRounds) throws -> Double {
    let store = try SQLiteStore(path: try rounds.fresh("path"))
    defer { store.close() }
    var drive = try Drive(store, workload.machines, group: group, now: Workload.start)
    let stopwatch = Stopwatch()
    try drive.pass(workload.messages[...], group: group, now: Workload.time)
    try drive.settle(now: Workload.time(workload.messages.count))
    return Double(drive.engine.lastSequence) / stopwatch.seconds
  }
}
