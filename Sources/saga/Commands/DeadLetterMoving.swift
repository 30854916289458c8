import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime

struct DeadLetterExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Prints dead letters as JSON lines, with their bytes.",
    discussion: """
      They stay where they are. saga dlq import brings the lines into another database. They are JSON with --json and \
      without.

      Example:
        saga dlq export --db orders.db \\
          --where 'code == "message.undecodable"' > letters.jsonl
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var filter: DeadLetterFilter
  @Flag(help: "Resolved ones too.")
  var all = false
  /// What is printed is the same with `--json`.
  @OptionGroup var output: OutputOptions

  func run() throws {
    let question = try DeadLetterQuestion(filter)
    try Snapshot.askAll(database.database) { snapshots in
      _ = try question.forEach(in: snapshots, onlyUnresolved: !all) { letter, _ in
        Console.print(DeadLetterLine.json(letter))
      }
    }
  }
}

struct DeadLetterImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Brings exported dead letters into a database, to be replayed there.",
    discussion: """
      A line that was brought in before changes nothing.

      Example:
        saga dlq import --db orders.db letters.jsonl
      """)
  @Argument(help: "The file of exported lines; - is standard input.")
  var file: String
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let bytes = file == "-" ? Array(FileHandle.standardInput.readDataToEndOfFile()) : try Files.read(file)
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
    // Before the first is written: a file that is none must not be brought in by half.
    for (index, line) in lines.enumerated() {
      do throws(MessageFault) { _ = try DeadLetterLine.message(line) } catch {
        throw Failure.bad("\(file):\(index + 1): \(error.message)")
      }
    }
    let session = try OperatorSession(database: database.database)
    var counts = (new: 0, known: 0)
    for line in lines {
      let answer = try session.call(.bury(line))
      let isKnown = answer["deliveries"]?.arrayValue?.allSatisfy { $0["outcome"] == "duplicate" } ?? false
      if isKnown { counts.known += 1 } else { counts.new += 1 }
    }
    try session.close()
    if output.json {
      Console.print(["imported": .int(Int64(counts.new)), "known": .int(Int64(counts.known))])
    } else {
      Console.print("\(Text.count(counts.new, "dead letter")) brought in, \(counts.known) were there already")
    }
  }
}
