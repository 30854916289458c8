import ArgumentParser
import SagaCore
import SagaRuntime

struct DeadLetterList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists dead letters, oldest first.",
    discussion: """
      Example:
        saga dlq list --db orders.db
        saga dlq list --db orders.db --where 'event.type == "OrderPlaced"' --json
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var filter: DeadLetterFilter
  @Flag(help: "Resolved ones too.")
  var all = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    let question = try DeadLetterQuestion(filter)
    try Snapshot.askAll(database.database) { snapshots in
      var rows: [[Console.Cell]] = []
      let found = try question.forEach(in: snapshots, onlyUnresolved: !all) { letter, snapshot in
        let key = try letter.instance.flatMap { try snapshot.reader.instance($0)?.key }
        if output.json {
          Console.print(DeadLetterText.json(letter, in: snapshot, key: key, withBytes: false))
        } else {
          rows.append(row(letter, in: snapshot, key: key))
        }
      }
      if output.json { return }
      if found == 0 { Console.print(filter.condition == nil ? "no dead letters" : "no dead letter matches") }
      let header = ["ROW", "TIME", "SAGA", "MESSAGE", "CODE", all ? "RESOLUTION" : "", "REASON"]
      if found > 0 { Console.print(Console.table(rows, header: header)) }
    }
  }

  private func row(_ letter: DeadLetterView, in snapshot: Snapshot, key: String?) -> [Console.Cell] {
    let saga = [letter.machine.map { Text.name($0) }, key.map { Text.safe($0) }].compactMap { $0 }
    return [
      Console.Cell(RowName(letter.sequence, in: snapshot).text), Console.Cell(letter.at.rfc3339),
      Console.Cell(saga.joined(separator: " ")),
      Console.Cell(DeadLetterText.subject(letter)), Console.Cell(Text.safe(letter.fault.code), .red),
      Console.Cell(letter.resolution.map { "\($0)" } ?? ""), Console.Cell(Text.safe(letter.fault.message)),
    ]
  }
}

struct DeadLetterShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows one dead letter with its message.",
    discussion: """
      With --json the message is the member `event` where it is JSON, `text` where it is other text, and otherwise \
      `base64`: all of its bytes, as saga dlq export writes them.

      Example:
        saga dlq show --db orders.db 4711
        saga dlq show --db orders.db 4711 --raw > message.json
      """)
  @Argument(help: "The dead letter's journal row, a number from 1, as saga dlq list prints it.")
  var row: RowName
  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Only the message, byte for byte as it came.")
  var raw = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if raw, output.json { throw ValidationError("--raw prints the message as it came; it does not go with --json") }
  }

  func run() throws {
    try Snapshot.askAll(database.database) { snapshots in
      let snapshot = try row.choose(snapshots)
      guard let letter = try snapshot.reader.deadLetter(row.sequence) else {
        throw Failure.bad("\(database.database): journal row \(row.text) is no dead letter; saga dlq list shows them")
      }
      let key = try letter.instance.flatMap { try snapshot.reader.instance($0)?.key }
      if raw {
        StandardOutput.write(letter.bytes)
      } else if output.json {
        Console.print(DeadLetterText.json(letter, in: snapshot, key: key, withBytes: true))
      } else {
        show(letter, key: key)
      }
    }
  }

  private func show(_ letter: DeadLetterView, key: String?) {
    Console.print(Console.styled("dead letter \(row.text)", .bold))
    Console.print("  refused   \(letter.at.rfc3339)")
    Console.print(
      "  reason    \(Console.styled(Text.safe(letter.fault.code), .red)): \(Text.safe(letter.fault.message))")
    if letter.fault.attempts > 1 { Console.print("  attempts  \(letter.fault.attempts)") }
    for cause in letter.fault.causes { Console.print("  cause     \(Text.safe(cause))") }
    if let machine = letter.machine { Console.print("  by        \(Text.name(machine)) version \(machine.version)") }
    if let key {
      Console.print("  saga      \(Text.safe(key))\(letter.state.map { " in state \(Text.safe($0))" } ?? "")")
    }
    let resolution = letter.resolution.map { "\($0)" } ?? "waits: saga dlq replay, or saga dlq discard"
    Console.print("  standing  \(resolution)")
    Console.print("\n\(Console.styled("Message", .bold))")
    let text = (try? JSONParser.parse(letter.bytes)).map { JSONWriter.pretty($0) } ?? Array(letter.bytes.prefix(4096))
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      Console.print("  \(Text.safe(String(line)))")
    }
  }
}
