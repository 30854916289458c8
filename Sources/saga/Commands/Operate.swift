import ArgumentParser
import SagaCore
import SagaRuntime

/// A verb on one instance, or on all that options choose: the commands differ only in their names and their help.
protocol InstanceCommand: ParsableCommand {
  static var verb: Operation.Verb { get }
  var target: TargetOptions { get }
  var database: DatabaseOptions { get }
  var who: OperatorOptions { get }
  var output: OutputOptions { get }
}

extension InstanceCommand {
  func operate() throws {
    try target.operate(
      Operation(verb: Self.verb, by: who.operatorName, reason: who.reason), database: database.database, who: who,
      json: output.json)
  }
}

struct Cancel: InstanceCommand {
  static let verb = Operation.Verb.cancel
  static let configuration = CommandConfiguration(
    abstract: "Cancels a saga: what it has done is undone.",
    discussion: """
      Undoes in reverse what is owed, as a cancel event of the definition would. A saga past its pivot can only go \
      forward, and refuses.

      Example:
        saga cancel --db orders.db o-17 --by anna --reason "customer called"
        saga cancel --dry-run --db orders.db --saga order \\
          --where 'data.totalCents == 0'
      """)
  @OptionGroup var target: TargetOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions
  func run() throws { try operate() }
}

struct Pause: InstanceCommand {
  static let verb = Operation.Verb.pause
  static let configuration = CommandConfiguration(
    abstract: "Holds a saga: messages wait, due timers too; deadlines count on.",
    discussion: """
      Example:
        saga pause --db orders.db o-17 --reason "waiting for the warehouse"
      """)
  @OptionGroup var target: TargetOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions
  func run() throws { try operate() }
}

struct Retry: InstanceCommand {
  static let verb = Operation.Verb.retry
  static let configuration = CommandConfiguration(
    abstract: "Tries again what made a saga stuck, or what waits for its next attempt.",
    discussion: """
      Example:
        saga list --db orders.db --status stuck
        saga retry --db orders.db o-17 --reason "payments is back"
        saga retry --db orders.db --status stuck \\
          --where 'saga.failure.step == "charge"' --reason "payments is back"
      """)
  @OptionGroup var target: TargetOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions
  func run() throws { try operate() }
}

struct Skip: InstanceCommand {
  static let verb = Operation.Verb.skip
  static let configuration = CommandConfiguration(
    abstract: "Takes what made a saga stuck as done, and goes on behind it.",
    discussion: """
      For an undo that somebody has done by hand.

      Example:
        saga skip --db orders.db o-17 \\
          --by anna --reason "refunded by bank transfer"
      """)
  @OptionGroup var target: TargetOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions
  func run() throws { try operate() }
}

struct Resolve: InstanceCommand {
  static let verb = Operation.Verb.resolve
  static let configuration = CommandConfiguration(
    abstract: "Closes a stuck saga as it is, after a person has put the world right.",
    discussion: """
      Nothing more is sent or undone.

      Example:
        saga resolve --db orders.db o-17 \\
          --by anna --reason "order and money settled by hand, ticket 4711"
      """)
  @OptionGroup var target: TargetOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions
  func run() throws { try operate() }
}
