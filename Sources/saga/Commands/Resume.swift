import ArgumentParser
import SagaCore
import SagaRuntime

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lets a paused saga go on; with --clock, timers that wait for a look at the clock.",
    discussion: """
      What waited is handled in the order in which it came, due timers in the order in which they were due.

      When the wall clock jumps by more than an hour, a running engine holds all timers until somebody has looked at the \
      clock and says that it is right.

      Example:
        saga resume --db orders.db o-17
        saga resume --db orders.db --clock --reason "NTP was down, the time is right now"
      """)

  @Argument(help: "The saga's key.")
  var key: String?
  @Option(help: "The saga's name, when several have the key.")
  var saga: String?
  @Option(help: "The role, when several have the key.")
  var role: String?
  @Flag(help: "Confirm the machine's clock instead of resuming a saga.")
  var clock = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if clock, key != nil { throw ValidationError("--clock stands alone: it concerns all sagas, not one key") }
    if !clock, key == nil { throw ValidationError("name the saga's key, or confirm the clock with --clock") }
  }

  func run() throws {
    let time = try who.time()
    let request: OperatorRequest
    let done: String
    if let key {
      let instance = try Snapshot.find(key, saga: saga, role: role, database: database.database)
      request = .instance(
        InstanceAddress(saga: instance.machine.saga, role: instance.machine.role, key: instance.key),
        Operation(verb: .resume, by: who.operatorName, reason: who.reason))
      done = "resume: \(Text.safe(instance.key)) (\(Text.name(instance.machine)))"
    } else {
      request = .confirmClock(by: who.operatorName, reason: who.reason)
      done = "the clock is confirmed: timers fire again"
    }
    let session = try OperatorSession(database: database.database, at: time)
    let answer = try session.call(.operate(request))
    try session.close()
    try OperatorReport.print(answer, done: done, json: output.json)
  }
}
