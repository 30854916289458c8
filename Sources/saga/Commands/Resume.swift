import ArgumentParser
import SagaCore
import SagaRuntime

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lets a paused saga go on; with --clock, timers that wait for a look at the clock.",
    discussion: """
      What waited is handled in the order in which it came, due timers in the order in which they were due.

      When the wall clock jumps by more than an hour, a running engine holds all timers until somebody has looked at the \
      clock and says that it is right. So does one that starts with a clock that is an hour behind the database. Timers \
      that a clock far ahead had set begin anew then.

      Example:
        saga resume --db orders.db o-17
        saga resume --db orders.db --clock \\
          --reason "NTP was down, the time is right now"
      """)

  @OptionGroup var target: TargetOptions
  @Flag(help: "Confirm the machine's clock instead of resuming a saga.")
  var clock = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if clock, !target.isEmpty { throw ValidationError("--clock stands alone: it concerns all sagas, not one key") }
    if !clock, target.isEmpty {
      throw ValidationError(
        "name the saga's key, choose sagas by their status or --where, or confirm the clock with --clock")
    }
  }

  func run() throws {
    guard clock else {
      return try target.operate(
        Operation(verb: .resume, by: who.operatorName, reason: who.reason), database: database.database, who: who,
        json: output.json)
    }
    let session = try OperatorSession(database: database.database, at: try who.time(), mayGoBack: true)
    let answer = try session.call(.operate(.confirmClock(by: who.operatorName, reason: who.reason)))
    try session.close()
    if !output.json, answer["result"] == "unchanged" {
      return Console.print("nothing to do: no timers wait for the clock")
    }
    try OperatorReport.print(answer, done: "the clock is confirmed: timers fire again", json: output.json)
  }
}
