import ArgumentParser
import SagaCore
import SagaFiles
import SagaRuntime
import SagaTesting

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Tells what happened to one saga: every input, transition, effect, timer and retry.",
    discussion: """
      Oldest first: what came in and when, what it led to, and what went out (→). What is undone is marked ↩. With \
      --json one object a journal row; its facts replied, timedOut, retrying and stepFailed say in `undo` whether they \
      are about the step's undo or about its action.

      Example:
        saga history --db orders.db o-17
        saga history --db orders.db o-17 --limit 20
        saga history --db orders.db o-17 --json
        saga history --db orders.db o-17 --export o-17.history.jsonl

      With --export the history becomes a file that tests replay against changed definitions (docs/guides/testing.md). \
      An earlier export is written over, and no other file that is there.
      """)
  @OptionGroup var target: InstanceOptions
  @OptionGroup var database: DatabaseOptions
  @Option(parsing: .unconditional, help: "Only the newest this many rows.")
  var limit: Int?
  @Option(help: ArgumentHelp("Write the whole history to a file for replay tests.", valueName: "file"))
  var export: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if export != nil, limit != nil { throw ValidationError("--export takes the whole history; leave out --limit") }
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
    try Options.validate(path: export, option: "--export")
  }

  func run() throws {
    if let export { try requireOwn(export) }
    try Snapshot.ask(database.database, key: target.key) { snapshot in
      let view = try snapshot.instance(target.key, saga: target.saga, role: target.role)
      if let export { return try write(view, snapshot.reader, to: export) }
      let entries = try snapshot.reader.history(of: view.id, limit: limit)
      // An undo may have begun before the first row that is shown.
      var undoing = try entries.first.map { try snapshot.reader.undoing(before: $0.sequence) } ?? UndoingSteps()
      if output.json {
        for entry in entries { Console.print(HistoryReport.json(entry, undoing: &undoing)) }
        return
      }
      let name = "\(Text.safe(view.key))  \(Text.name(view.machine)) version \(view.machine.version)"
      Console.print("\(Console.styled(name, .bold))  \(Text.status(view.status, isPaused: view.isPaused))")
      if let first = entries.first, first.revision > 1 {
        Console.print(
          Console.styled(
            "(\(Text.count(first.revision - 1, "earlier row")) not shown: pruned, or beyond --limit)", .dim))
      }
      var text = HistoryText(undoing: undoing, styled: { Console.styled($0, Console.Style($1)) })
      for entry in entries { for line in text.lines(entry) { Console.print(line) } }
      if entries.isEmpty { Console.print("its history has been pruned") }
    }
  }

  private func requireOwn(_ path: String) throws {
    var files = NamedFiles()
    files.readsDatabase("--db", database.database)
    files.writes("--export", path)
    try files.check()
    try Files.requireOwn(path, beginning: "{\"history\":", title: "earlier export", option: "--export")
  }

  private func write(_ view: InstanceView, _ reader: ShardReader, to path: String) throws {
    let address = InstanceAddress(saga: view.machine.saga, role: view.machine.role, key: view.key)
    let history: GoldenHistory
    do {
      history = try GoldenHistory.record(address, from: reader)
    } catch let error as GoldenHistoryError {
      throw Failure.bad("\(error)")
    }
    do throws(OutputFile.Fault) { try OutputFile.put(history.jsonLines, to: path) } catch {
      throw Failure.environment("\(error.path): \(error.reason)")
    }
    if output.json {
      Console.print(["result": "done", "file": .string(path), "rows": .int(Int64(history.rows.count))])
    } else {
      Console.print(
        "\(path): \(Text.count(history.rows.count, "row")) of \(Text.name(view.machine)) \(Text.safe(view.key))")
    }
  }
}
