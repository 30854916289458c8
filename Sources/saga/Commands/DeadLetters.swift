import ArgumentParser

struct DeadLetters: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dlq",
    abstract: "Dead letters: messages that were refused, with their bytes and the reason.",
    discussion: """
      A dead letter waits until somebody replays it (the message is handled now, and the dead letter resolved in the \
      same commit) or discards it. Replaying twice is harmless.

      Example:
        saga dlq list --db orders.db
        saga dlq show --db orders.db 4711
        saga dlq replay --db orders.db 4711 --reason "the schema is mended"
        saga dlq discard --db orders.db \\
          --where 'code == "message.undecodable"' --reason "noise"
      """,
    subcommands: [
      DeadLetterList.self, DeadLetterShow.self, DeadLetterReplay.self, DeadLetterDiscard.self, DeadLetterExport.self,
      DeadLetterImport.self,
    ])
}

/// Which dead letters are meant.
struct DeadLetterFilter: ParsableArguments {
  @Option(parsing: .unconditional, help: "At most this many, oldest first.")
  var count: Int?
  @Option(
    name: .customLong("where"),
    help: "Only those for which this CEL expression holds: sequence, code, message, saga, role, at, event.")
  var condition: String?

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--count is at least 1") }
  }
}
