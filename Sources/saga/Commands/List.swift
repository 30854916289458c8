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
        saga list --db orders.db \\
          --where 'data.totalCents > 100000 && status == "running"'
        saga list --db orders.db --json \\
          --where 'saga.failure != null && saga.failure.step == "charge"'
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var chosen: SelectionOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let selection = try chosen.selection()
    try Snapshot.askAll(database.database) { snapshots in
      var found = ChosenInstances(selection, in: snapshots, limit: chosen.narrowing.limit)
      var isEmpty = true
      while let page = try found.next() {
        show(page)
        isEmpty = isEmpty && page.isEmpty
      }
      if isEmpty, !output.json { Console.print("no saga matches") }
      Selections.reportUnanswered(snapshots.map(\.finder))
    }
  }

  private func show(_ page: [(view: InstanceView, snapshot: Snapshot)]) {
    if output.json {
      for (view, snapshot) in page { Console.print(InstanceReport.summary(view, state: snapshot.state(of: view))) }
      return
    }
    if page.isEmpty { return }
    let rows = page.map { view, snapshot -> [Console.Cell] in
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
    Console.print(Console.table(rows, header: header))
  }
}
