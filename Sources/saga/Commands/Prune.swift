import ArgumentParser
import SagaCore
import SagaRuntime
import SagaSQLite

struct Prune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Deletes the history and state of sagas that closed long ago.",
    discussion: """
      Rows of open sagas stay, and so does what a destination has not confirmed. Keys and the ids of messages stay \
      until --forget-after, so that late duplicates are still recognised; so does what participants and consumers of a \
      service remember, counted from when they last touched it. An undo that comes later than that finds nothing to undo: \
      let --forget-after be longer than any saga that asks them can take. With --archive or --archive-db every row is \
      on disk there before it is deleted; an archive database can be looked at like any other (saga list, show, history). \
      The engine must not be running: a service prunes by itself (RetentionPolicy).

      Example:
        saga prune --db orders.db --older-than 30d --archive orders-archive.jsonl
        saga prune --db orders.db --older-than 30d --archive-db orders-2026.db
        saga list --db orders-2026.db --status compensated
      """)
  @OptionGroup var database: DatabaseOptions
  @Option(help: "Sagas that closed longer ago than this (30d, 12h).")
  var olderThan: String
  @Option(help: "When keys and message ids are forgotten too, counted from the close.")
  var forgetAfter = "30d"
  @Option(help: "A file that the rows are appended to, one JSON object a line, before they are deleted.")
  var archive: String?
  @Option(help: "A database that the rows are moved to with their sagas; it is made where there is none.")
  var archiveDb: String?
  @Option(help: "The time to count from (RFC 3339) instead of now.")
  var at: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if archive != nil, archiveDb != nil { throw ValidationError("--archive and --archive-db: choose one") }
    try Options.validate(path: archive, option: "--archive")
    try Options.validate(path: archiveDb, option: "--archive-db")
  }

  func run() throws {
    let age = try Options.duration(olderThan, option: "--older-than")
    let memory = try Options.duration(forgetAfter, option: "--forget-after")
    let now = try at.map { try Options.time($0, option: "--at") } ?? WallClock.now
    try requireFilesApart()
    let session = try OperatorSession(database: database.database)
    // Archives hold what the database holds, and are for nobody else to read.
    if let archive { try LineFile.make(archive, .archive, permissionsOf: database.database) }
    let lines = try archive.map { try JournalArchive(path: $0) }
    // Rows are numbered in each shard anew.
    let shards = try shardCount()
    let second = try archiveDb.map(open)
    let pruned = try session.prune(
      closedBefore: now.advanced(byMilliseconds: -age), forgetBefore: now.advanced(byMilliseconds: -memory),
      archive: lines.map { lines in { shard, rows, _ in try lines.append(rows, shard: shards > 1 ? shard : nil) } }
        ?? second.map { second in { try second[$0].append($1, from: $2) } })
    try session.close()
    for archive in second ?? [] { archive.close() }
    let archived = lines?.count ?? second?.reduce(0) { $0 + $1.count } ?? 0
    if output.json {
      Console.print(["result": "done", "deleted": .int(Int64(pruned)), "archived": .int(Int64(archived))])
    } else {
      Console.print("\(database.database): \(pruned) journal rows, states and forgotten keys deleted")
      if let path = lines?.path ?? second?[0].path {
        Console.print("\(path): \(Text.count(archived, "journal row")) archived")
      }
    }
  }

  private func requireFilesApart() throws {
    var files = NamedFiles()
    files.readsDatabase("--db", database.database)
    files.writes("--archive", archive)
    if let archiveDb {
      files.writesDatabase("--archive-db", archiveDb, shards: NamedFiles.shards(of: database.database))
    }
    try files.check()
  }

  private func shardCount() throws -> Int {
    do { return try SQLiteShards.count(at: database.database) ?? 1 } catch {
      throw Failure(error, path: database.database)
    }
  }

  private func open(_ path: String) throws -> [SQLiteArchive] {
    do { return try SQLiteShards.archives(path, of: database.database) } catch { throw Failure(error, path: path) }
  }
}
