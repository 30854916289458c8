import ArgumentParser
import SagaRuntime

struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies a database, beside a running engine if there is one.",
    discussion: """
      The copy is one file, consistent as of one commit, and on disk when the command ends. It is marked as a copy: no \
      engine uses it before `saga restore`.

      Example:
        saga backup --db orders.db orders-2026-01-31.db
      """)
  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The file to make; it must not exist.")
  var to: String
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try Database.reader(database.database)
    defer { store.close() }
    do {
      let sequence = try store.recover().lastSequence
      try store.copy(to: BackupDestination(path: to))
      if output.json {
        Console.print(["result": "done", "file": .string(to), "atLeastSequence": .int(sequence)])
      } else {
        print("\(to): a copy of \(database.database) with at least its first \(Text.count(sequence, "row"))")
        print("saga restore \(to) makes it a database that an engine may use")
      }
    } catch {
      throw Failure(error, path: to)
    }
  }
}
