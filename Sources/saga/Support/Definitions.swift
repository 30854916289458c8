import SagaCore
import SagaRuntime

/// Definitions as commands need them: loaded, or refused with every error named.
enum Definitions {
  static func load(_ paths: [String]) throws -> [LoadedDefinition] {
    let loaded = try Files.definitions(at: paths).map { try read($0) }
    try refuse(loaded.flatMap(\.diagnostics))
    return loaded
  }

  /// The definition of one file, whatever is wrong with it.
  ///
  /// - Throws: `Failure` (environment) for a file that cannot be read.
  static func read(_ path: String) throws -> LoadedDefinition {
    LoadedDefinition.load(source: try Files.read(path), file: path, schemas: .beside(path))
  }

  /// - Parameter hint: stands behind the number of errors.
  /// - Throws: `Failure` (bad) with every error among the findings.
  static func refuse(_ diagnostics: [Diagnostic], hint: String = "; saga check tells more") throws {
    let errors = diagnostics.filter { $0.severity == .error }
    if errors.isEmpty { return }
    let lines = errors.map { line($0) }.joined(separator: "\n")
    throw Failure.bad("\(lines)\n\(Text.count(errors.count, "error"))\(hint)")
  }

  /// The machines to run: all roles, or the one that `--role` names.
  static func machines(_ paths: [String], role: String?) throws -> [Machine] {
    let machines = try load(paths).flatMap(\.machines)
    guard let role else { return machines }
    let chosen = machines.filter { $0.identity.role == role }
    if chosen.isEmpty {
      let roles = Set(machines.map(\.identity.role)).sorted().filter { !$0.isEmpty }.joined(separator: ", ")
      throw Failure.usage("no definition has a role '\(role)'" + (roles.isEmpty ? "" : "; the roles are \(roles)"))
    }
    return chosen
  }

  /// `file:line:col: error[code]: text (mend)`
  static func line(_ diagnostic: Diagnostic) -> String {
    let severity = Console.styled(diagnostic.severity.rawValue, diagnostic.severity == .error ? .red : .yellow)
    let place = "\(diagnostic.file):\(diagnostic.position.line):\(diagnostic.position.column)"
    let mend = diagnostic.mend.isEmpty ? "" : "\n    mend: \(Text.safe(diagnostic.mend))"
    let trace = diagnostic.trace.map { "\n    \(Text.safe($0))" }.joined()
    return "\(place): \(severity)[\(diagnostic.code)]: \(Text.safe(diagnostic.message))\(mend)\(trace)"
  }
}
