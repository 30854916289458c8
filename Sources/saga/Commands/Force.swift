import ArgumentParser
import SagaCore

struct Force: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Leads a saga to a state, whatever its definition says of the way there.",
    discussion: """
      The state it is in is left as by a goto: its timers end, and what its steps have done stays owed. The new state is \
      entered as by a goto: its timers begin and its steps run.

      It is refused where the definition's promises would break: where no way leads to the state, where undos would be \
      forgotten, where the outcome of a call is not known and nobody would ask for it any more, where the pivot is passed, \
      where steps that have begun would begin again. --unsafe does it all the same, and the history says what was given \
      up.

      Example:
        saga force --db orders.db o-17 --to waiting \\
          --by anna --reason "the supplier confirmed by phone"
        saga force --dry-run --db orders.db --status stuck \\
          --state charging --to waiting
      """)
  @OptionGroup var target: TargetOptions
  @Option(name: .customLong("to"), help: "The state to lead to.")
  var destination: String
  @Flag(help: "Even where an effect is lost by it, or never undone.")
  var unsafe = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let operation = Operation(
      verb: .force, by: who.operatorName, reason: who.reason, state: destination, isUnsafe: unsafe)
    try target.operate(operation, database: database.database, who: who, json: output.json)
  }
}
