import ArgumentParser
import SagaRuntime
import SagaSQLite

struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a backup a database that an engine may use.",
    discussion: """
      Begins a new epoch: messages from now on get new ids, while idempotency keys stay, so that participants recognise \
      what they have done before. Rewind the broker (or repeat the input) to the backup's time minus a margin: what the \
      sagas had taken since then must come to them again, and what they have already is a duplicate without effect. The \
      other shards of a database that has several are restored with the first, and lie beside it.

      A backup is one whole file. A log that lies beside it (orders.db-wal, -shm or -journal) is of the database that \
      was there before, and is removed: SQLite would mix it into the backup. A plain copy of the files, which saga \
      backup has not made, keeps its log, and needs it.

      Copy the backup to where the engine will use it before it is restored. A restored file is no backup any more: a \
      log that lies where it is copied to afterwards would be mixed into it.

      Example:
        cp orders-2026-01-31.db orders.db
        saga restore orders.db
      """)
  @Argument(help: "The backup, where the engine will use it.")
  var file: String
  @OptionGroup var output: OutputOptions

  func validate() throws { try Options.validate(path: file, option: "the backup") }

  func run() throws {
    let epoch: Epoch
    do {
      epoch = try SQLiteShards.restore(path: file, now: WallClock.now)
    } catch {
      throw Failure(error, path: file)
    }
    if output.json {
      Console.print(["result": "done", "file": .string(file), "epoch": .int(epoch)])
      return
    }
    Console.print("\(file): restored, epoch \(epoch)")
    Console.print("Rewind the broker to the backup's time minus a margin before the engine starts.")
  }
}
