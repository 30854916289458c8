import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime

struct DeadLetterReplay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Handles dead letters again; each is resolved by the commit that handles it.",
    discussion: """
      One by its journal row, or the oldest --count of those that --where names. Replaying twice is harmless.

      When no engine runs, this command decides with the definitions that the database holds. Of a saga that \
      --definitions names what begins takes the greatest version among the files, whatever the database holds.

      Example:
        saga dlq replay --db orders.db 4711 \\
          --by anna --reason "the schema is mended"
        saga dlq replay --dry-run --db orders.db --count 100 \\
          --where 'code == "message.expired"'
        saga dlq replay --db orders.db --count 10000 --rate 50
      """)
  @Argument(help: "The dead letter's journal row.")
  var row: RowName?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var filter: DeadLetterFilter
  @Option(parsing: .upToNextOption, help: "All definitions to load of their sagas, when no engine runs.")
  var definitions: [String] = []
  @Option(parsing: .unconditional, help: "At most this many a second, from 0.001 to 1000000.")
  var rate: Double?
  @Flag(help: "Only say what would become of them.")
  var dryRun = false
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  private static let rates = 0.001...1_000_000

  func validate() throws {
    try DeadLetterBatch.validate(row, filter)
    if let rate, !Self.rates.contains(rate) {
      throw ValidationError("--rate takes a number from 0.001, one in about 17 minutes, to 1000000, not \(rate)")
    }
  }

  func run() throws {
    try DeadLetterBatch(
      database: database.database, who: who, json: output.json, done: dryRun ? "would be replayed" : "replayed",
      perSecond: rate, definitions: definitions
    ).run(row, filter) {
      dryRun ? .tryReplay(deadLetter: $0) : .replay(deadLetter: $0, by: who.operatorName, reason: who.reason)
    }
  }
}

struct DeadLetterDiscard: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard", abstract: "Gives dead letters up; they stay in the journal.",
    discussion: """
      Example:
        saga dlq discard --db orders.db 4711 --by anna --reason "sent by mistake"
        saga dlq discard --db orders.db --count 1000 \\
          --where 'code == "message.undecodable"'
      """)
  @Argument(help: "The dead letter's journal row.")
  var row: RowName?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var filter: DeadLetterFilter
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try DeadLetterBatch.validate(row, filter) }

  func run() throws {
    try DeadLetterBatch(database: database.database, who: who, json: output.json, done: "discarded").run(
      row, filter
    ) {
      .discard(deadLetter: $0, by: who.operatorName, reason: who.reason)
    }
  }
}

/// One request for each dead letter, and a line about what became of it.
struct DeadLetterBatch {
  let database: String
  let who: OperatorOptions
  let json: Bool
  /// What is printed for a request that worked.
  let done: String
  /// Requests a second; nil as fast as they are answered.
  var perSecond: Double?
  /// What is loaded of their sagas instead of what the database holds, where no engine runs.
  var definitions: [String] = []

  static func validate(_ row: RowName?, _ filter: DeadLetterFilter) throws {
    let isFiltered = filter.count != nil || filter.condition != nil
    if (row != nil) == isFiltered {
      throw ValidationError("name one dead letter by its row, or several with --count and --where")
    }
  }

  func run(_ row: RowName?, _ filter: DeadLetterFilter, _ request: (JournalSequence) -> OperatorRequest) throws {
    let rows = try chosen(row, filter)
    if rows.isEmpty, !json { Console.print("no dead letter matches") }
    if rows.isEmpty { return }
    let session = try OperatorSession(database: database, at: try who.time(), definitions: definitions)
    var failures = 0
    let begin = WallClock.monotonicMilliseconds
    for (index, row) in rows.enumerated() {
      if let perSecond {
        let due = begin + Int64(Double(index) * 1000 / perSecond)
        let wait = due - WallClock.monotonicMilliseconds
        if wait > 0 { Thread.sleep(forTimeInterval: Double(wait) / 1000) }
      }
      let answer = try session.call(.operate(request(row.sequence), shard: row.shard))
      if !OperatorReport.isSuccess(answer) { failures += 1 }
      show(row, answer)
    }
    try session.close()
    if failures > 0 { throw Failure.reported }
  }

  private func chosen(_ row: RowName?, _ filter: DeadLetterFilter) throws -> [RowName] {
    if let row { return [row] }
    let question = try DeadLetterQuestion(filter)
    return try Snapshot.askAll(database) { snapshots in
      var rows: [RowName] = []
      try question.forEach(in: snapshots) { rows.append(RowName($0.sequence, in: $1)) }
      return rows
    }
  }

  private func show(_ row: RowName, _ answer: JSON) {
    if json, case .object(var members) = answer {
      if let shard = row.shard { members["shard"] = .int(Int64(shard)) }
      members["sequence"] = .int(row.sequence)
      Console.print(.object(members))
      return
    }
    let text: String
    switch answer["result"]?.stringValue {
    case "done": text = done
    case "unchanged": text = "resolved before; nothing to do"
    case "notFound": text = "is no dead letter; saga dlq list shows them"
    case "replayed":
      let lines = (answer["deliveries"]?.arrayValue ?? []).map(OperatorReport.line)
      text = lines.isEmpty ? done : lines.joined(separator: "; ")
    default: text = OperatorReport.reason(answer)
    }
    Console.print("\(row.text)  \(text)")
  }
}
