import Foundation
import Testing

@Suite("A standard output that cannot be written", .enabled(if: UnwritableFileTests.hasFullDevice))
struct FullOutputTests {
  @Test("ends every command with 3 and the cause")
  func cause() throws {
    let world = try CommandLineWorld.withOrders()
    let commands = [
      "list --db orders.db", "list --db orders.db --json", "history --db orders.db o-1 --json", "stats --db orders.db",
      "dlq list --db orders.db", "check orders.json", "diagram orders.json", "eval 1+1", "generate swift orders.json",
      "simulate orders.json --seeds 2", "simulate --list-faults --json", "--help", "list --help",
    ]
    for command in commands {
      let result = try world.shell("saga \(command) > /dev/full")
      #expect(result.code == 3, "\(command): \(result.errors)")
      let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("saga: ") }
      #expect(lines.count == 1, "\(command): \(result.errors)")
      #expect(lines.first?.hasPrefix("saga: standard output: writing failed: No space left on device") == true)
    }
  }

  @Test("takes nothing back of what was done")
  func done() throws {
    let world = try CommandLineWorld.withOrders()
    let sent = try world.shell(
      "saga send --db orders.db --type OrderPlaced --key o-99 --data '{\"totalCents\":1}' > /dev/full")
    #expect(sent.code == 3 && sent.errors.contains("is not undone by it"), "\(sent.errors)")
    try world.saga("show", "--db", "orders.db", "o-99").expectDone()
  }

  @Test("is not replaced by the next file where it is closed")
  func closed() throws {
    let world = try CommandLineWorld()
    try world.saga("init", "orders").expectDone()
    for (name, closed) in [("two", ">&- 2>&-"), ("all", "<&- >&- 2>&-")] {
      let run =
        "saga run --db \(name).db --definitions orders.json --input orders.messages.jsonl --participants "
        + "orders.scenario.json --clock events --linger 2h --output \(name).out --ledger \(name).ledger"
      #expect(try world.shell("\(run) \(closed)").code == 0)
      for file in ["\(name).out", "\(name).ledger"] {
        let lines = try world.read(file).split(separator: "\n")
        #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix("{") }, "\(file)")
      }
    }
    let told = try world.shell("saga check orders.json >&-")
    #expect(told.code == 3 && told.errors.contains("standard output: writing failed: Bad file descriptor"))
  }

  @Test("is nobody's fault where a reader has read enough")
  func closedPipe() throws {
    let world = try CommandLineWorld()
    try #require(try world.saga("init", "orders").code == 0)
    let first = try world.shell("saga diagram orders.json | head -n 1")
    #expect(first.code == 0 && first.errors.isEmpty && !first.output.isEmpty)
    // Also where whoever has started it ignores the signal.
    let ignored = try world.shell("trap '' PIPE; { sleep 1; saga diagram orders.json; echo $? >&2; } | true")
    #expect(ignored.errors == "0\n")
  }
}
