import ArgumentParser
import SagaCore
import SagaRuntime

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Tells what happened to one saga: every input, transition, effect, timer and retry.",
    discussion: """
      Oldest first: what came in and when, what it led to, and what went out (→). What is undone is marked ↩. With \
      --json one object a journal row.

      Example:
        saga history --db orders.db o-17
        saga history --db orders.db o-17 --limit 20
        saga history --db orders.db o-17 --json
      """)
  @OptionGroup var target: InstanceOptions
  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only the newest this many rows.")
  var limit: Int?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
  }

  func run() throws {
    try Snapshot.ask(database.database) { snapshot in
      let view = try snapshot.instance(target.key, saga: target.saga, role: target.role)
      let entries = try snapshot.reader.history(of: view.id, limit: limit)
      if output.json {
        for entry in entries { Console.print(HistoryReport.json(entry)) }
        return
      }
      let name = "\(Text.safe(view.key))  \(Text.name(view.machine)) version \(view.machine.version)"
      print("\(Console.styled(name, .bold))  \(Text.status(view.status, isPaused: view.isPaused))")
      if let first = entries.first, first.revision > 1 {
        print(
          Console.styled(
            "(\(Text.count(first.revision - 1, "earlier row")) not shown: pruned, or beyond --limit)", .dim))
      }
      var text = HistoryText(styled: { Console.styled($0, Console.Style($1)) })
      for entry in entries { for line in text.lines(entry) { print(line) } }
      if entries.isEmpty { print("its history has been pruned") }
    }
  }
}
