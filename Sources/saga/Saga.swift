import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime

@main
struct Saga: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "saga",
    abstract: "Durable sagas from JSON definitions: checked, run, inspected and mended from here.",
    discussion: """
      A first saga:
        saga init orders
        saga check orders.json
        saga run --db orders.db --definitions orders.json \\
          --input orders.messages.jsonl --participants orders.scenario.json \\
          --clock events --linger 2h --output orders.out.jsonl
        saga history --db orders.db o-1

      Exit codes: 0 done · 1 what was asked about is bad (an invalid definition, a refused operation) · 2 wrong usage ·
      3 a fault of the environment (file, disk, lock).
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Definitions",
        subcommands: [
          Init.self, Check.self, SchemaCommand.self, Generate.self, Diff.self, DiagramCommand.self, Eval.self,
        ]),
      CommandGroup(name: "Proving", subcommands: [Simulate.self, Explore.self, Replay.self]),
      CommandGroup(name: "Running", subcommands: [Run.self, Send.self]),
      CommandGroup(name: "Looking", subcommands: [List.self, Show.self, History.self, Stats.self]),
      CommandGroup(
        name: "Mending",
        subcommands: [
          Cancel.self, Pause.self, Resume.self, Retry.self, Skip.self, Resolve.self, Force.self, DeadLetters.self,
          Outbox.self,
        ]),
      CommandGroup(
        name: "The database", subcommands: [Migrate.self, Prune.self, Backup.self, Restore.self, Reshard.self]),
    ])

  /// ArgumentParser exits with 64 for wrong usage; the contract says 2.
  static func main() {
    StandardDescriptors.claim()
    do {
      var command = try parseAsRoot()
      do {
        try command.run()
        leave(.done)
      } catch let error where isParsing(error) {
        throw error
      } catch {
        let failure = Failure(error)
        if !failure.message.isEmpty { Console.error(failure.message) }
        leave(failure.code)
      }
    } catch {
      if let unknown = unknownCommand(CommandLine.arguments.dropFirst().first) {
        Console.error(unknown)
        leave(.usage)
      }
      let isSuccess = exitCode(for: error) == .success
      let text = fullMessage(for: error)
      if !text.isEmpty { if isSuccess { Console.print(text) } else { Console.error(text, prefix: "") } }
      leave(isSuccess ? .done : .usage)
    }
  }

  /// ArgumentParser takes a command that it does not know for an argument too many.
  ///
  /// - Returns: nil where the first argument is a command or an option.
  private static func unknownCommand(_ argument: String?) -> String? {
    guard let argument, !argument.hasPrefix("-"), argument != "help" else { return nil }
    let names = configuration.groupedSubcommands.flatMap(\.subcommands).map { $0._commandName }
    if names.contains(argument) { return nil }
    let mend = nearestName(to: argument, among: names).map { "did you mean 'saga \($0)'?" } ?? "saga --help lists them"
    return "there is no command '\(Text.safe(argument))'; \(mend)"
  }

  /// Whether a running command threw what only ArgumentParser can word: a request for help, a validation error.
  private static func isParsing(_ error: any Error) -> Bool {
    error is CleanExit || error is ValidationError || error is ExitCode || exitCode(for: error) == .success
  }

  /// What nobody can read was not told: where the standard output cannot be written, that is how the command ends.
  private static func leave(_ code: Failure.Code) -> Never {
    let fault = StandardOutput.end()
    if let fault { Console.error("\(fault); what the command was to change is not undone by it") }
    Foundation.exit((fault == nil ? code : .environment).rawValue)
  }
}
