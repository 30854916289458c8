import Foundation

/// A report as a page of the documentation.
struct Page {
  var report: Report

  func write() throws {
    try text.write(
      to: Workload.repository.appendingPathComponent("docs/performance.md"), atomically: true, encoding: .utf8)
  }

  var text: String {
    let machine = report.machine
    var parts = [
      "# Performance",
      "This page is written by `scripts/bench --page` and not edited by hand: run it again.",
      """
      Measured on \(machine.date) at \(machine.revision): \(machine.processor), \(machine.cores) cores, \(machine.memoryGibibytes) GiB, \
      \(machine.system), Swift \(machine.swift), SQLite \(machine.sqlite); load before it \(Report.decimal(machine.load, 1)). Medians of \(report.rounds) rounds; ± is half the distance between \
      the extremes. What is compared was measured in turn within one run: on another day the absolute figures differ by a quarter, \
      the ratios hardly.\(busy)
      """,
      "## Goals",
      Page.table(
        ["what", "goal", "measured", ""], report.goals.lines.map { [$0.what, $0.goal, $0.measured, $0.verdict] }),
    ]
    if !report.goals.obstacles.isEmpty {
      parts += [
        "What stands in the way of those that are not reached, and where it is written what was tried and what that gave:",
        report.goals.obstacles.map { "- **\($0.what)**: \($0.why)" }.joined(separator: "\n"),
      ]
    }
    if GroupResult.hasTable(report.groups) {
      parts += ["## Durable events per second", Page.groups(report.groups)]
    }
    for section in report.sections {
      parts.append("## " + section.title.prefix(1).uppercased() + section.title.dropFirst())
      parts.append(
        Page.table(
          ["what", "median", "unit and spread"],
          section.measurements.map {
            [
              $0.name.trimmingCharacters(in: .whitespaces), Report.figure($0.samples.median), Report.rest($0),
            ]
          }))
      if !section.notes.isEmpty { parts.append(section.notes.joined(separator: " ") + ".") }
    }
    parts += ["## How it is measured", Page.method]
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var busy: String {
    report.machine.load <= Double(report.machine.cores)
      ? "" : " The machine was busy with other work: latencies, above all, say little."
  }

  private static func groups(_ groups: [GroupResult]) -> String {
    table(
      [
        "messages a commit", "engine, events/s", "pipelined, events/s", "floor, events/s", "ratio of the engine",
        "ratio of the pipelined", "ratio to a floor of the engine's size", "engine, µs processor",
        "pipelined, µs processor", "floor, µs processor", "in memory, µs processor",
      ],
      groups.map { group in
        [
          "\(group.group)", Report.whole(group.engine.median), Report.whole(group.pipelined.median),
          Report.whole(group.floor.median), Report.ratio(group.ratio), Report.ratio(group.pipelinedRatio),
          Report.decimal(group.smallRatio.median, 2), Report.decimal(group.engineProcessor.median, 1),
          Report.decimal(group.pipelinedProcessor.median, 1),
          Report.decimal(group.floorProcessor.median, 1), Report.decimal(group.memoryProcessor.median, 1),
        ]
      })
  }

  private static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let rule = "|" + head.indices.map { $0 == 0 ? "---|" : "--:|" }.joined()
    return ([line(head), rule] + rows.map(line)).joined(separator: "\n")
  }

  private static let method = """
    - **The floor** is a bare C program over the same SQLite (`Benchmarks/Sources/Floor/floor.c`) that does, for each message, only what a \
    store of sagas must: refuse a duplicate, read an instance, update it, one outgoing row, one row of history, one timer. Its schema is \
    tuned. A ratio over 1 is possible because the engine's journal is a better layout than the floor's tables.
    - **Pipelined** is the engine as it runs in a service (`SagaEngine`): a commit becomes durable on a thread of its own while the next \
    one is decided, wherever more waits, and a message is read by the thread that brings it in. The floor has one thread. Nobody is told of anything, and \
    nothing leaves, before it is durable.
    - **Durable** means `synchronous=FULL`: a commit returns when `fdatasync` has. Everything is folded and checkpointed within the time that \
    is measured.
    - **Messages** are those of `sagas/order-fulfillment.json`, as bytes, with the participants' answers made beforehand: 2,000 orders are in \
    flight, and one card in twenty is declined, so that compensation is in it.
    - **Latency** is measured under an open load: the times at which messages arrive are fixed beforehand, and a message's latency counts \
    from there, however late the engine takes it (no coordinated omission). Percentiles are HdrHistogram's, with three digits.
    - **Many instances** are made by the engine itself. A process is killed with SIGKILL in the middle of commits; the time runs from the start \
    of the next one. Resident memory is that of a whole process.
    - **Built** by `scripts/bench` with `-c release --static-swift-stdlib`, Swift's libraries within the executable.
    - **DBOS Transact** is installed from PyPI and runs the same saga with the same number of durable steps (`Benchmarks/Peers/orders.py`).
    """
}
