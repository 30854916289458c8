import ArgumentParser
import SagaCore
import SagaRuntime

struct Outbox: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "Messages that are held back because their destination did not take them.",
    discussion: """
      What follows a held message with the same ordering key waits behind it; the rest of the lane goes on.

      Example:
        saga outbox list --db orders.db
        saga outbox retry --db orders.db --lane payments
        saga outbox discard --db orders.db --lane payments 4711.0 \\
          --reason "sent by hand"
      """,
    subcommands: [OutboxList.self, OutboxRetry.self, OutboxDiscard.self])

  static func missing(_ lane: String, _ message: String?) -> String {
    let what = message.map { "message \($0) is not held back" } ?? "nothing is held back"
    return "\(what) in a lane '\(Text.safe(lane))'; saga outbox list shows what is"
  }

  /// `4711.0`: the journal row and the index of the message in it; in a database with several shards `1/4711.0`.
  static func position(_ text: String) throws -> (shard: Int?, position: OutgoingPosition) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let row = RowName(argument: String(parts[0])), let effect = Int64(parts[1]),
      row.sequence > 0, effect >= 0
    else {
      throw Failure.usage("a message is named like 4711.0, as saga outbox list prints it, not '\(text)'")
    }
    return (row.shard, OutgoingPosition(sequence: row.sequence, effect: effect))
  }
}

struct OutboxList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists held messages per lane.",
    discussion: """
      Example:
        saga outbox list --db orders.db
        saga outbox list --db orders.db --lane payments --json
      """)
  @OptionGroup var database: DatabaseOptions
  @Option(help: "Only this lane (destination).")
  var lane: String?
  @Option(parsing: .unconditional, help: "At most this many.")
  var limit = 1000
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is at least 1") }
  }

  func run() throws {
    try Snapshot.askAll(database.database) { snapshots in
      if let lane, try !snapshots.contains(where: { try $0.reader.lanes().contains { $0.name == lane } }) {
        throw Failure.bad("\(database.database): there is no lane '\(Text.safe(lane))'; saga stats names them")
      }
      var held: [(view: HeldView, name: String)] = []
      for snapshot in snapshots {
        held += try snapshot.reader.held(lane: lane, limit: limit - held.count).map { view in
          (view, "\(RowName(view.held.sequence, in: snapshot).text).\(view.held.effect)")
        }
      }
      if output.json {
        for message in held { Console.print(json(message.view, message.name)) }
      } else if held.isEmpty {
        Console.print("nothing is held back")
      } else {
        Console.print(
          Console.table(
            held.map { row($0.view, $0.name) },
            header: ["LANE", "MESSAGE", "TYPE", "SAGA", "ATTEMPTS", "NEXT", "REASON"]))
      }
    }
  }

  private func row(_ view: HeldView, _ name: String) -> [Console.Cell] {
    let held = view.held
    return [
      Console.Cell(Text.safe(view.lane)), Console.Cell(name),
      Console.Cell(Text.safe(view.message?.event.type ?? "?")),
      Console.Cell(Text.safe(view.message?.event.sagakey ?? "")),
      Console.Cell("\(held.attempts)"), Console.Cell(held.nextAt?.rfc3339 ?? "when told"),
      Console.Cell(Text.safe(held.reason)),
    ]
  }

  private func json(_ view: HeldView, _ name: String) -> JSON {
    [
      "lane": .string(view.lane), "message": .string(name),
      "attempts": .int(view.held.attempts), "nextAt": view.held.nextAt.json, "reason": .string(view.held.reason),
      "event": view.message.map { $0.event.json } ?? .null,
    ]
  }
}

struct OutboxRetry: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Lets held messages of a lane go now.",
    discussion: """
      Example:
        saga outbox retry --db orders.db --lane payments
        saga outbox retry --db orders.db --lane payments 4711.0
      """)
  @Argument(help: "One message, as saga outbox list names it; all of the lane unless given.")
  var message: String?
  @Option(help: "The lane (destination).")
  var lane: String
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let named = try message.map { try Outbox.position($0) }
    let session = try OperatorSession(database: database.database, at: try who.time())
    let answer = try session.call(
      .operate(
        .retryOutgoing(lane: lane, position: named?.position, by: who.operatorName, reason: who.reason),
        shard: named?.shard))
    try session.close()
    let subject = "\(Text.safe(lane))\(message.map { " \($0)" } ?? "")"
    try OperatorReport.print(
      answer, done: "retry: \(subject)", missing: Outbox.missing(lane, message), json: output.json)
  }
}

struct OutboxDiscard: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard", abstract: "Gives one held message up; a command returns to its saga as undeliverable.",
    discussion: """
      Example:
        saga outbox discard --db orders.db --lane payments 4711.0 \\
          --by anna --reason "sent by hand"
      """)
  @Argument(help: "The message, as saga outbox list names it.")
  var message: String
  @Option(help: "The lane (destination).")
  var lane: String
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let named = try Outbox.position(message)
    let session = try OperatorSession(database: database.database, at: try who.time())
    let answer = try session.call(
      .operate(
        .discardOutgoing(lane: lane, position: named.position, by: who.operatorName, reason: who.reason),
        shard: named.shard))
    try session.close()
    try OperatorReport.print(
      answer, done: "discarded: \(Text.safe(lane)) \(message)", missing: Outbox.missing(lane, message),
      json: output.json)
  }
}
