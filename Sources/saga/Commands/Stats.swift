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

      Of a database with several shards the counts are those of all of them; the destinations and files are each shard's.
      """)
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try Snapshot.askAll(database.database) { snapshots in
      let page = StatisticsPage(
        path: database.database,
        shards: try snapshots.map { (try $0.reader.statistics(), try $0.store.statistics()) },
        owner: try WriterLock.owner(ofDatabase: database.database), sagas: try SagaCounts(snapshots))
      if output.json { Console.print(page.json) } else { page.printAll() }
    }
  }
}

/// Instances by saga and role, in the order in which the definitions were first used.
struct SagaCounts {
  private(set) var lines: [(name: String, counts: [InstanceStatus: Int])] = []

  init(_ snapshots: [Snapshot]) throws {
    for snapshot in snapshots {
      var after: InstanceID = 0
      while true {
        let page = try snapshot.reader.instances(after: after, limit: 2000)
        guard let last = page.last else { break }
        for view in page { count(Text.name(view.machine), view.status) }
        after = last.id
      }
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
  let shards: [(engine: ShardStatistics, file: SQLiteStatistics)]
  let owner: LockOwner?
  let sagas: SagaCounts

  private var paused: Int { shards.reduce(0) { $0 + $1.engine.paused } }
  private var oldestDue: Timestamp? { shards.compactMap(\.engine.oldestDue).min() }
  private var deadLetters: Int { shards.reduce(0) { $0 + $1.engine.unresolvedDeadLetters } }
  private var parked: Int { shards.reduce(0) { $0 + $1.engine.parked } }
  private var clock: Timestamp { shards.map(\.engine.clock).max() ?? Timestamp(milliseconds: 0) }

  /// The lanes of all shards, and whose they are.
  private var lanes: [(shard: Int, lane: LaneView)] {
    shards.enumerated().flatMap { shard, one in one.engine.lanes.map { (shard, $0) } }
  }

  func printAll() {
    Console.print(Console.styled("Sagas", .bold))
    if sagas.lines.isEmpty {
      Console.print("  none yet")
    } else {
      let rows = sagas.lines.map { line in
        [Console.Cell("  \(line.name)")] + InstanceStatus.allCases.map { Console.Cell("\(line.counts[$0] ?? 0)") }
      }
      Console.print(Console.table(rows, header: ["  SAGA"] + InstanceStatus.allCases.map { $0.name.uppercased() }))
    }
    if paused > 0 { Console.print("  \(paused) of them paused") }
    printWaiting()
    printLanes()
    printFile()
  }

  private func printWaiting() {
    Console.print("\n\(Console.styled("Waiting", .bold))")
    if let due = oldestDue {
      let late = WallClock.now.milliseconds(since: due)
      Console.print("  oldest timer   \(due.rfc3339)" + (late > 0 ? " (\(Text.duration(milliseconds: late)) ago)" : ""))
    } else {
      Console.print("  oldest timer   none")
    }
    Console.print("  dead letters   \(deadLetters)" + (deadLetters > 0 ? " (saga dlq list)" : ""))
    Console.print("  parked         \(parked)")
  }

  private func printLanes() {
    Console.print("\n\(Console.styled("Destinations", .bold))")
    if lanes.isEmpty { Console.print("  none yet") }
    let isDivided = shards.count > 1
    let rows = lanes.map { shard, lane in
      [
        Console.Cell("  \(Text.safe(lane.name))\(isDivided ? " (shard \(shard))" : "")"),
        Console.Cell("\(lane.position.sequence).\(lane.position.effect)"),
        Console.Cell("\(lane.lagRows)"), Console.Cell("\(lane.held)", lane.held > 0 ? .yellow : .plain),
      ]
    }
    if !rows.isEmpty { Console.print(Console.table(rows, header: ["  LANE", "CONFIRMED TO", "ROWS BEHIND", "HELD"])) }
  }

  private func printFile() {
    for (index, shard) in shards.enumerated() { printFile(index, shard.engine, shard.file) }
    Console.print("  clock          \(shards.contains { $0.engine.lastSequence > 0 } ? clock.rfc3339 : "not started")")
    Console.print("  engine         \(owner.map { "\($0), since \($0.startedAt.rfc3339)" } ?? "none runs")")
  }

  private func printFile(_ shard: Int, _ engine: ShardStatistics, _ file: SQLiteStatistics) {
    Console.print("\n\(Console.styled(shards.count > 1 ? "Shard \(shard)" : "File", .bold))")
    Console.print(
      "  database       \(SQLiteShards.path(path, shard: shard)), \(Text.bytes(file.databaseBytes)), \(Text.bytes(file.freePageCount * file.pageSizeBytes)) free"
    )
    Console.print(
      "  journal        \(Text.count(engine.lastSequence, "row")), \(engine.unfolded) not folded yet, epoch \(engine.epoch)"
    )
    Console.print("  log            \(Text.bytes(file.logFileBytes))")
    if file.logFileBytes > StatisticsPage.largeLogBytes {
      let text = "the log is large: a reader that stays open, or a stopped checkpoint, keeps it from being emptied"
      Console.print("  \(Console.styled(text, .yellow))")
    }
  }

  /// 64,000 frames of 4 KiB: sixteen times what a checkpoint lets the log grow to when commits are full
  /// (`EngineConfiguration.checkpointFramesFull`).
  private static let largeLogBytes = 64_000 * 4096

  var json: JSON {
    var members: [(String, JSON)] = [
      (
        "sagas",
        .array(
          sagas.lines.map { line in
            .object(
              JSONObject(
                [("saga", .string(line.name))]
                  + InstanceStatus.allCases.map { ($0.name, .int(Int64(line.counts[$0] ?? 0))) }))
          })
      ),
      ("instances", .object(JSONObject(InstanceStatus.allCases.map { ($0.name, .int(Int64(count($0)))) }))),
      ("paused", .int(Int64(paused))), ("oldestDue", oldestDue.json), ("deadLetters", .int(Int64(deadLetters))),
      ("parked", .int(Int64(parked))),
    ]
    if shards.count == 1 {
      members += fileMembers(shards[0].engine, shards[0].file)
    } else {
      members.append(
        (
          "shards",
          .array(
            shards.enumerated().map { index, shard in
              .object(JSONObject([("shard", .int(Int64(index)))] + fileMembers(shard.engine, shard.file)))
            })
        ))
    }
    members += [
      ("clock", .string(clock.rfc3339)), ("sqlite", .string(shards[0].file.libraryVersion)),
      ("engine", owner.map { .string("\($0)") } ?? .null),
    ]
    return .object(JSONObject(members))
  }

  private func count(_ status: InstanceStatus) -> Int {
    shards.reduce(0) { $0 + ($1.engine.instances.first { $0.status == status }?.count ?? 0) }
  }

  private func fileMembers(_ engine: ShardStatistics, _ file: SQLiteStatistics) -> [(String, JSON)] {
    [
      (
        "lanes",
        .array(
          engine.lanes.map { lane in
            [
              "lane": .string(lane.name), "sequence": .int(lane.position.sequence),
              "effect": .int(lane.position.effect), "lagRows": .int(lane.lagRows), "held": .int(Int64(lane.held)),
            ]
          })
      ),
      ("lastSequence", .int(engine.lastSequence)), ("unfoldedRows", .int(engine.unfolded)),
      ("epoch", .int(engine.epoch)), ("databaseBytes", .int(Int64(file.databaseBytes))),
      ("freeBytes", .int(Int64(file.freePageCount * file.pageSizeBytes))),
      ("logBytes", .int(Int64(file.logFileBytes))),
    ]
  }
}

extension ShardStatistics {
  fileprivate var unfolded: Int64 { lastSequence - foldedSequence }
}
