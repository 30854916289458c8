import ArgumentParser
import SagaCore
import SagaRuntime

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks definitions: what is wrong, where, and how to mend it.",
    discussion: """
      Prints `file:line:col: error[code]: text` for each finding. Directories are searched for .json files (scenarios \
      and schemas aside). Warnings do not fail the check. --table shows what becomes of every message in every state: \
      handled, deferred (kept for a later state), late (acknowledged without effect), foreign (not for this role) or \
      rejected (a dead letter).

      Example:
        saga check sagas
        saga check orders.json --json
        saga check orders.json --table
        saga check --explain undo.event-null
      """)
  @Argument(help: "Definition files, or directories of them.")
  var paths: [String] = []
  @Flag(help: "Show what becomes of every message in every state.")
  var table = false
  @Option(help: "Tell what a code means, what it prevents, and how to mend it.")
  var explain: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if paths.isEmpty, explain == nil { throw ValidationError("name a definition file, or a directory of them") }
  }

  func run() throws {
    if let explain { try tell(explain) }
    if paths.isEmpty { return }
    let files = try Definitions.files(at: paths)
    var errors = 0
    var warnings = 0
    var before: [LoadedDefinition] = []
    for file in files {
      let loaded = try Definitions.read(file)
      let conflict = Definitions.conflict(of: loaded, with: before)
      before.append(loaded)
      for diagnostic in loaded.diagnostics + (conflict.map { [$0] } ?? []) {
        if diagnostic.severity == .error { errors += 1 } else { warnings += 1 }
        if output.json { Console.print(json(diagnostic)) } else { Console.print(Definitions.line(diagnostic)) }
      }
      if table { MessageTableReport.print(loaded, json: output.json) }
    }
    if !output.json { Console.print(summary(files.count, errors, warnings)) }
    if errors > 0 { throw Failure.reported }
  }

  private func tell(_ code: String) throws {
    guard let entry = DiagnosticCatalogue.entry(code) else {
      let hint =
        DiagnosticCatalogue.nearest(to: code).map { "did you mean '\($0)'?" } ?? "docs/checks.md lists them all"
      throw Failure.usage("there is no code '\(code)'; \(hint)")
    }
    guard output.json else {
      Console.print(entry.text, terminator: "")
      return
    }
    Console.print([
      "code": .string(entry.code), "severity": .string(entry.severity.rawValue), "meaning": .string(entry.meaning),
      "reason": .string(entry.reason), "example": .string(entry.example), "mend": .string(entry.mend),
    ])
  }

  private func summary(_ files: Int, _ errors: Int, _ warnings: Int) -> String {
    let checked = "\(Text.count(files, "definition")) checked: "
    if errors == 0, warnings == 0 { return checked + Console.styled("no findings", .green) }
    let parts = [errors > 0 ? Text.count(errors, "error") : nil, warnings > 0 ? Text.count(warnings, "warning") : nil]
    return checked + parts.compactMap { $0 }.joined(separator: ", ")
  }

  private func json(_ diagnostic: Diagnostic) -> JSON {
    [
      "severity": .string(diagnostic.severity.rawValue), "code": .string(diagnostic.code),
      "file": .string(diagnostic.file), "line": .int(Int64(diagnostic.position.line)),
      "column": .int(Int64(diagnostic.position.column)), "message": .string(diagnostic.message),
      "mend": .string(diagnostic.mend), "trace": .array(diagnostic.trace.map { .string($0) }),
    ]
  }
}
