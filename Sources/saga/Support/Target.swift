import ArgumentParser
import SagaCore
import SagaRuntime

/// One instance by its key, or all that options choose.
struct TargetOptions: ParsableArguments {
  @Argument(help: "The saga's key; without it all sagas that the options choose are meant.")
  var key: String?
  @OptionGroup var chosen: SelectionOptions
  @Flag(help: "Say what would become of each, and change nothing.")
  var dryRun = false

  func validate() throws {
    if key != nil,
      chosen.status != nil || chosen.narrowing.state != nil || chosen.narrowing.condition != nil
        || chosen.narrowing.limit != nil
    {
      throw ValidationError("a key names one saga; --status, --state, --where and --limit choose among many")
    }
  }

  var isEmpty: Bool { key == nil && chosen.isEmpty && chosen.narrowing.limit == nil && !dryRun }

  /// Does a verb on what is meant.
  ///
  /// - Throws: `Failure`.
  func operate(_ operation: Operation, database: String, who: OperatorOptions, json: Bool) throws {
    let verb = operation.verb.rawValue
    guard let key else {
      guard !chosen.isEmpty else {
        throw Failure.usage(
          "\(verb) what? Name a saga's key, or choose sagas by --saga, --role, --status, --state or --where")
      }
      return try BulkOperation(
        action: .operate(operation), name: verb, selection: try chosen.selection(), limit: chosen.narrowing.limit,
        isDryRun: dryRun
      ).run(database: database, who: who, json: json)
    }
    let time = try who.time()
    if dryRun {
      return try Snapshot.askAll(database) { snapshots in
        try OperatorSession.requireForward(time, snapshots)
        let snapshot = Snapshot.owner(of: key, among: snapshots)
        let view = try snapshot.instance(key, saga: chosen.saga, role: chosen.narrowing.role)
        let reply = try BulkAction.operate(operation).outlook(on: view, snapshot.finder, now: time ?? WallClock.now)
        try OperatorReport.print(reply.json, done: "\(verb) (dry run, nothing is changed): \(name(view))", json: json)
      }
    }
    let view = try Snapshot.find(key, saga: chosen.saga, role: chosen.narrowing.role, database: database)
    let session = try OperatorSession(database: database, at: time)
    let answer = try session.call(.operate(.instance(view.address, operation)))
    try session.close()
    try OperatorReport.print(answer, done: "\(verb): \(name(view))", json: json)
  }

  private func name(_ view: InstanceView) -> String { "\(Text.safe(view.key)) (\(Text.name(view.machine)))" }
}
