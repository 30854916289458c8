import ArgumentParser
import SagaCore
import SagaRuntime
import SagaSQLite

struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies a database, beside a running engine if there is one.",
    discussion: """
      The copy is one file, consistent as of one commit, and on disk when the command ends. It is marked as a copy: no \
      engine uses it before `saga restore`. Of a database with several shards there is a file for each, beside the first, \
      and no engine may run meanwhile.

      Keep it as it is: to use it, copy it to where the engine will use it, and restore that file (saga restore). A \
      restored file is no backup any more.

      Example:
        saga backup --db orders.db orders-2026-01-31.db
      """)
  @OptionGroup var database: DatabaseOptions
  @Argument(help: "The file to make; it must not exist.")
  var to: String
  @OptionGroup var output: OutputOptions

  func validate() throws { try Options.validate(path: to, option: "the file to make") }

  func run() throws {
    var files = NamedFiles()
    files.readsDatabase("--db", database.database)
    files.writesDatabase("the copy", to, shards: NamedFiles.shards(of: database.database))
    try files.check()
    var stores = try Database.readers(database.database)
    defer { for store in stores { store.close() } }
    if stores.count > 1 { try stopWriters(&stores) }
    do {
      let sequences = try stores.map { try $0.recover().lastSequence }
      try SQLiteShards.copy(stores, to: to)
      if output.json {
        let last: JSON = stores.count == 1 ? .int(sequences[0]) : .array(sequences.map { .int($0) })
        Console.print(["result": "done", "file": .string(to), "atLeastSequence": last])
      } else {
        let rows = Text.count(sequences.reduce(0, +), "row")
        Console.print("\(to): a copy of \(database.database) with at least its first \(rows)")
        if stores.count > 1 {
          Console.print("its other shards are beside it, to \(SQLiteShards.path(to, shard: stores.count - 1))")
        }
        let what = stores.count > 1 ? "all of these files" : "it"
        Console.print(
          "To use it, copy \(what) to where the engine will use it, and then run saga restore on that file.")
      }
    } catch {
      throw Failure(error, path: to)
    }
  }

  /// Copies of several files fit together only if nothing is written between the first and the last.
  private func stopWriters(_ stores: inout [SQLiteStore]) throws {
    if try Database.operatorSocket(database.database) != nil {
      throw Failure.environment(
        "\(database.database): an engine runs on its \(stores.count) shards, which have to be copied as of one moment; "
          + "let its service do it (SagaEngine.backUp), or stop it")
    }
    for store in stores { store.close() }
    stores = try Database.writers(database.database)
  }
}
