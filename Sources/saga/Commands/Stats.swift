import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counts: sagas by status, lag per destination, timers, dead letters, sizes.",
    discussion: """
      Example:
        saga stats --db orders.db
        saga stats --db orders.db --json
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try Snapshot.ask(database.database) { snapshot in
      let page = StatisticsPage(
        path: database.database, engine: try snapshot.reader.statistics(), file: try snapshot.store.statistics(),
        owner: try? WriterLock.owner(ofDatabase: database.database), sagas: try SagaCounts(snapshot))
      if output.json { Console.print(page.json) } else { page.printAll() }
    }
  }
}

/// Instances by saga and role, in the order in which the definitions were first used.
struct SagaCounts {
  private(set) var lines: [(name: String, counts: [InstanceStatus: Int])] = []

  init(_ snapshot: Snapshot) throws {
    var after: InstanceID = 0
    while true {
      let page = try snapshot.reader.instances(after: after, limit: 2000)
      guard let last = page.last else { break }
      for view in page { count(Text.name(view.machine), view.status) }
      after = last.id
    }
  }

  private mutating func count(_ name: String, _ status: InstanceStatus) {
    if let index = lines.firstIndex(where: { $0.name == name }) {
      lines[index].counts[status, default: 0] += 1
    } else {
      lines.append((name, [status: 1]))
    }
  }
}

private struct StatisticsPage {
  let path: String
  let engine: ShardStatistics
  let file: SQLiteStatistics
  let owner: LockOwner?
  let sagas: SagaCounts

  private var unfolded: Int64 { engine.lastSequence - engine.foldedSequence }

  func printAll() {
    print(Console.styled("Sagas", .bold))
    if sagas.lines.isEmpty {
      print("  none yet")
    } else {
      let rows = sagas.lines.map { line in
        [Console.Cell("  \(line.name)")] + InstanceStatus.allCases.map { Console.Cell("\(line.counts[$0] ?? 0)") }
      }
      print(Console.table(rows, header: ["  SAGA"] + InstanceStatus.allCases.map { $0.name.uppercased() }))
    }
    if engine.paused > 0 { print("  \(engine.paused) of them paused") }
    printWaiting()
    printLanes()
    printFile()
  }

  private func printWaiting() {
    print("\n\(Console.styled("Waiting", .bold))")
    if let due = engine.oldestDue {
      let late = WallClock.now.milliseconds(since: due)
      print("  oldest timer   \(due.rfc3339)" + (late > 0 ? " (\(Text.duration(milliseconds: late)) ago)" : ""))
    } else {
      print("  oldest timer   none")
    }
    print(
      "  dead letters   \(engine.unresolvedDeadLetters)" + (engine.unresolvedDeadLetters > 0 ? " (saga dlq list)" : ""))
    print("  parked         \(engine.parked)")
  }

  private func printLanes() {
    print("\n\(Console.styled("Destinations", .bold))")
    if engine.lanes.isEmpty { print("  none yet") }
    let rows = engine.lanes.map { lane in
      [
        Console.Cell("  \(Text.safe(lane.name))"), Console.Cell("\(lane.position.sequence).\(lane.position.effect)"),
        Console.Cell("\(lane.lagRows)"), Console.Cell("\(lane.held)", lane.held > 0 ? .yellow : .plain),
      ]
    }
    if !rows.isEmpty { print(Console.table(rows, header: ["  LANE", "CONFIRMED TO", "ROWS BEHIND", "HELD"])) }
  }

  private func printFile() {
    print("\n\(Console.styled("File", .bold))")
    print(
      "  database       \(path), \(Text.bytes(file.databaseBytes)), \(Text.bytes(file.freePageCount * file.pageSizeBytes)) free"
    )
    print(
      "  journal        \(Text.count(engine.lastSequence, "row")), \(unfolded) not folded yet, epoch \(engine.epoch)")
    print("  log            \(Text.bytes(file.logFileBytes))")
    if file.logFileBytes > StatisticsPage.largeLogBytes {
      let text = "the log is large: a reader that stays open, or a stopped checkpoint, keeps it from being emptied"
      print("  \(Console.styled(text, .yellow))")
    }
    print("  clock          \(engine.lastSequence > 0 ? engine.clock.rfc3339 : "not started")")
    print("  engine         \(owner.map { "\($0), since \($0.startedAt.rfc3339)" } ?? "none runs")")
  }

  /// 64,000 frames of 4 KiB (STORAGE.md rule 15).
  private static let largeLogBytes = 64_000 * 4096

  var json: JSON {
    [
      "sagas": .array(
        sagas.lines.map { line in
          .object(
            JSONObject(
              [("saga", .string(line.name))]
                + InstanceStatus.allCases.map { ($0.name, .int(Int64(line.counts[$0] ?? 0))) }))
        }),
      "instances": .object(JSONObject(engine.instances.map { ($0.status.name, .int(Int64($0.count))) })),
      "paused": .int(Int64(engine.paused)), "oldestDue": engine.oldestDue.json,
      "deadLetters": .int(Int64(engine.unresolvedDeadLetters)), "parked": .int(Int64(engine.parked)),
      "lanes": .array(
        engine.lanes.map { lane in
          [
            "lane": .string(lane.name), "sequence": .int(lane.position.sequence), "effect": .int(lane.position.effect),
            "lagRows": .int(lane.lagRows), "held": .int(Int64(lane.held)),
          ]
        }),
      "lastSequence": .int(engine.lastSequence), "unfoldedRows": .int(unfolded), "epoch": .int(engine.epoch),
      "clock": .string(engine.clock.rfc3339), "databaseBytes": .int(Int64(file.databaseBytes)),
      "freeBytes": .int(Int64(file.freePageCount * file.pageSizeBytes)), "logBytes": .int(Int64(file.logFileBytes)),
      "sqlite": .string(file.libraryVersion), "engine": owner.map { .string("\($0)") } ?? .null,
    ]
  }
}
