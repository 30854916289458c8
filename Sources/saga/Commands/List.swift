import ArgumentParser
import SagaCore
import SagaRuntime

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds sagas by name, status, state or an expression.",
    discussion: """
      --where is a CEL expression over `data` (the saga's), `saga` (name version role key state startedAt failure) and \
      `status`. A saga that it has no value for does not match.

      Example:
        saga list --db orders.db --status stuck
        saga list --db orders.db --where 'data.totalCents > 100000 && status == "running"'
        saga list --db orders.db --where 'saga.failure != null && saga.failure.step == "charge"' --json
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only sagas of this name.")
  var saga: String?
  @Option(help: "Only this role.")
  var role: String?
  @Option(help: "Only this status: running, compensating, completed, compensated, stuck or paused.")
  var status: String?
  @Option(help: "Only sagas in this state.")
  var state: String?
  @Option(name: .customLong("where"), help: "Only sagas for which this CEL expression holds.")
  var condition: String?
  @Option(help: "At most this many.")
  var limit: Int?
  @OptionGroup var output: OutputOptions

  /// Read and printed at a time.
  private static let page = 1000

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
  }

  func run() throws {
    let filter = try instanceFilter()
    var question = try condition.map { try InstanceQuestion($0) }
    try Snapshot.ask(database.database) { snapshot in
      var found = 0
      var after: InstanceID = 0
      while found < limit ?? .max {
        let page = try snapshot.reader.instances(filter, after: after, limit: List.page)
        guard let last = page.last else { break }
        after = last.id
        let chosen = page.filter { view in
          if let state, snapshot.state(of: view) != state { return false }
          return question?.matches(view, snapshot.machine(view.machine)) ?? true
        }
        let views = Array(chosen.prefix((limit ?? .max) - found))
        show(views, snapshot, isFirst: found == 0)
        found += views.count
      }
      if found == 0, !output.json { print("no saga matches") }
    }
    question?.reportFailures()
  }

  private func instanceFilter() throws -> InstanceFilter {
    var filter = InstanceFilter(saga: saga, role: role)
    guard let status else { return filter }
    if status == "paused" {
      filter.isPaused = true
    } else if let wanted = InstanceStatus.allCases.first(where: { $0.name == status }) {
      filter.statuses = [wanted]
    } else {
      let names = InstanceStatus.allCases.map(\.name).joined(separator: ", ")
      throw Failure.usage("--status takes \(names) or paused, not '\(status)'")
    }
    return filter
  }

  private func show(_ views: [InstanceView], _ snapshot: Snapshot, isFirst: Bool) {
    if output.json {
      for view in views { Console.print(InstanceReport.summary(view, state: snapshot.state(of: view))) }
      return
    }
    if views.isEmpty { return }
    let rows = views.map { view -> [Console.Cell] in
      let status = view.isPaused ? "\(view.status.name), paused" : view.status.name
      return [
        Console.Cell(Text.safe(view.key)), Console.Cell(Text.name(view.machine)),
        Console.Cell("\(view.machine.version)"),
        Console.Cell(status, Text.style(of: view.status)), Console.Cell(Text.safe(snapshot.state(of: view))),
        Console.Cell((view.instance?.startedAt).text), Console.Cell(view.wakeAt.text),
        Console.Cell(Text.safe(view.instance?.failure?.reason ?? "")),
      ]
    }
    let header = ["KEY", "SAGA", "VERSION", "STATUS", "STATE", "STARTED", "NEXT TIMER", "FAILURE"]
    print(Console.table(rows, header: header))
  }
}
