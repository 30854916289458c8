import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime

struct Prune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Deletes the history and state of sagas that closed long ago.",
    discussion: """
      Rows of open sagas stay, and so does what a destination has not confirmed. Keys and the ids of messages stay \
      until --forget-after, so that late duplicates are still recognised; so does what participants and consumers of a \
      service remember, counted from when they last touched it. An undo that comes later than that finds nothing to undo: \
      let --forget-after be longer than any saga that asks them can take. With --archive every row is on disk there \
      before it is deleted. The engine must not be running.

      Example:
        saga prune --db orders.db --older-than 30d --archive orders-archive.jsonl
      """)
  @OptionGroup var database: DatabaseOptions
  @Option(help: "Sagas that closed longer ago than this (30d, 12h).")
  var olderThan: String
  @Option(help: "When keys and message ids are forgotten too, counted from the close.")
  var forgetAfter = "30d"
  @Option(help: "A file that the rows are appended to, one JSON object a line, before they are deleted.")
  var archive: String?
  @Option(help: "The time to count from (RFC 3339) instead of now.")
  var at: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    let age = try Options.duration(olderThan, option: "--older-than")
    let memory = try Options.duration(forgetAfter, option: "--forget-after")
    let now = try at.map { try Options.time($0, option: "--at") } ?? WallClock.now
    let session = try OperatorSession(database: database.database)
    let archive = try archive.map { try JournalArchive(path: $0) }
    let pruned = try session.prune(
      closedBefore: now.advanced(byMilliseconds: -age), forgetBefore: now.advanced(byMilliseconds: -memory),
      archive: archive.map { archive in { try archive.append($0) } })
    try session.close()
    if output.json {
      Console.print(["result": "done", "deleted": .int(Int64(pruned)), "archived": .int(Int64(archive?.count ?? 0))])
    } else {
      print("\(database.database): \(pruned) journal rows, states and forgotten keys deleted")
      if let archive { print("\(archive.path): \(Text.count(archive.count, "journal row")) archived") }
    }
  }
}
