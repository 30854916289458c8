import ArgumentParser

@main
struct Saga: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "saga",
    abstract: "Durable sagas from JSON definitions: checked, run, inspected and mended from here.",
    discussion: """
      A first saga:
        saga init orders
        saga check orders.json
        saga run --db orders.db --definitions orders.json --input messages.jsonl

      Exit codes: 0 done · 1 what was asked about is bad (an invalid definition, a refused operation) · 2 wrong usage ·
      3 a fault of the environment (file, disk, lock).
      """,
    version: "0.1.0",
    subcommands: [Run.self])

  /// ArgumentParser exits with 64 for wrong usage; the contract says 2.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      Console.error(failure.message)
      Saga.exit(with: failure.code)
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if !text.isEmpty {
        if code == .success { print(text) } else { Console.error(text, prefix: "") }
      }
      Saga.exit(with: code == .success ? .done : .usage)
    }
  }

  private static func exit(with code: Failure.Code) -> Never {
    Saga.exit(withError: code == .done ? nil : ExitCode(code.rawValue))
  }
}
