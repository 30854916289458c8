import SagaCore
import SagaRuntime

/// Something done to all instances that a command's options choose.
struct BulkOperation {
  var action: BulkAction
  /// What the action is called.
  var name: String
  var selection: InstanceSelection
  var limit: Int?
  var isDryRun: Bool
  /// Definitions that a migration leads to and the database may not have yet: their machines, and their file.
  var targets: [Machine] = []
  var definitions: [String] = []

  /// - Throws: `Failure`: bad where an instance refused.
  func run(database: String, who: OperatorOptions, json: Bool) throws {
    let time = try who.time()
    var report = BulkReport()
    let asksEngine = try isDryRun && action.trial([]) != nil && Database.operatorSocket(database) != nil
    let chosen = try Snapshot.askAll(database) { snapshots in
      var chosen = ChosenInstances(selection, in: snapshots, limit: limit)
      let found = try chosen.all()
      if isDryRun, !asksEngine {
        try OperatorSession.requireForward(time, snapshots)
        for (view, snapshot) in found {
          let target = targets.first { $0.identity.role == view.machine.role }
          let outlook = try action.outlook(on: view, snapshot.finder, target: target, now: time ?? WallClock.now)
          report.add(view.address, outlook)
        }
      }
      Selections.reportUnanswered(snapshots.map(\.finder))
      return found.map(\.view.address)
    }
    if asksEngine || !isDryRun, !chosen.isEmpty {
      let session = try OperatorSession(database: database, at: time, definitions: definitions)
      for chunk in chosen.chunked(by: OperatorRequest.maximumInstances) {
        let request = isDryRun ? action.trial(chunk) : nil
        let answer = try session.call(.operate(request ?? action.request(chunk)))
        guard let replies = answer["replies"]?.arrayValue, replies.count == chunk.count else {
          throw Failure.bad(OperatorReport.reason(answer))
        }
        for (address, reply) in zip(chunk, replies) { report.add(address, OperatorReply(json: reply)) }
      }
      try session.close()
    }
    print(report, json: json)
    if report.refused > 0 { throw Failure.reported }
  }

  private func print(_ report: BulkReport, json: Bool) {
    if json { return Console.print(BulkText.json(report, isDryRun: isDryRun)) }
    if report.count == 0 { return Console.print("no saga matches") }
    for line in BulkText.lines(report, name: name, isDryRun: isDryRun) { Console.print(line) }
  }
}

/// A `BulkReport` for people and machines.
enum BulkText {
  static func lines(_ report: BulkReport, name: String, isDryRun: Bool) -> [String] {
    var parts = [Console.styled("\(report.done) \(isDryRun ? "would be done" : "done")", .green)]
    if report.unchanged > 0 { parts.append("\(report.unchanged) so already") }
    if report.missing > 0 { parts.append("\(report.missing) gone") }
    if report.refused > 0 {
      parts.append(Console.styled("\(report.refused) \(isDryRun ? "would refuse" : "refused")", .red))
    }
    let head = "\(name)\(isDryRun ? " (dry run, nothing is changed)" : ""): \(parts.joined(separator: ", "))"
    return [head]
      + report.refusals.flatMap { refusal in
        let keys = refusal.examples.map { Text.safe($0.key) }.joined(separator: ", ")
        let more = refusal.count > refusal.examples.count ? ", …" : ""
        let reasons = refusal.fault.message.split(separator: "\n").map { "      \(Text.safe(String($0)))" }
        return ["  \(refusal.count) × \(refusal.fault.code): \(keys)\(more)"] + reasons
      }
  }

  static func json(_ report: BulkReport, isDryRun: Bool) -> JSON {
    let refusals = report.refusals.map { refusal -> JSON in
      [
        "code": .string(refusal.fault.code), "message": .string(refusal.fault.message),
        "count": .int(Int64(refusal.count)),
        "examples": .array(
          refusal.examples.map { ["saga": .string($0.saga), "role": .string($0.role), "key": .string($0.key)] }),
      ]
    }
    return [
      "result": "bulk", "dryRun": .bool(isDryRun), "done": .int(Int64(report.done)),
      "unchanged": .int(Int64(report.unchanged)), "missing": .int(Int64(report.missing)),
      "refused": .int(Int64(report.refused)), "refusals": .array(refusals),
    ]
  }
}
