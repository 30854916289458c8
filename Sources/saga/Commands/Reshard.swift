import ArgumentParser
import SagaCore
import SagaRuntime
import SagaSQLite

struct Reshard: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Divides a database into shards, while no engine runs.",
    discussion: """
      The sagas are divided by their keys: the file stays the first shard, the others are made beside it (FILE.shard-1, …). \
      An engine then runs each on a thread of its own, in one process. Sagas go on where they were, under the same ids.

      Killed at any moment, the database is divided wholly or not at all; the same command then ends what was begun. A \
      database with more than one shard cannot be divided again, and shards cannot be put together: take a backup first.

      Example:
        saga backup --db orders.db orders-before.db
        saga reshard --db orders.db --shards 4
      """)
  @OptionGroup var database: DatabaseOptions
  @Option(parsing: .unconditional, help: "How many shards there will be.")
  var shards: Int
  @OptionGroup var output: OutputOptions

  func validate() throws { try Options.validate(shards: shards) }

  func run() throws {
    let path = database.database
    var options = SQLiteOptions()
    options.createIfMissing = false
    if try Database.operatorSocket(path) != nil {
      throw Failure.environment("\(path): an engine runs on it; stop it, and divide then")
    }
    let stores = try Database.writers(path, options: options)
    defer { for store in stores { store.close() } }
    guard stores.count != shards else { return report("has \(Text.count(shards, "shard")) already") }
    guard stores.count == 1 else {
      throw Failure.environment(
        "\(path): has \(stores.count) shards already, and only a database of one can be divided")
    }
    do {
      try divide(stores[0])
    } catch {
      throw Failure(error, path: path)
    }
    report("divided into \(shards) shards: \(path) to \(SQLiteShards.path(path, shard: shards - 1))")
  }

  private func divide(_ store: SQLiteStore) throws {
    let machines: [Machine]
    do {
      machines = try store.recover().machines.map { try SagaDefinitions.compileStored($0.source, role: $0.role) }
    } catch let error as DefinitionError {
      throw Failure.bad("\(database.database): \(error)")
    }
    let engine = try Database.engines([store], machines: machines).engines[0]
    let homes = try engine.prepareToDivide(into: shards, now: max(WallClock.now, engine.clock))
    try ShardDivision(of: store, into: shards, homes: homes).run()
  }

  private func report(_ text: String) {
    if output.json {
      Console.print(["result": "done", "file": .string(database.database), "shards": .int(Int64(shards))])
    } else {
      Console.print("\(database.database): \(text)")
    }
  }
}
