import Foundation
import SagaCore
import SagaRuntime

/// Definitions as commands need them: loaded, or refused with every error named.
enum Definitions {
  /// The definitions that paths name, each once: a file that is named twice, or a copy of it, is one definition.
  ///
  /// - Throws: `Failure`: bad with every error among the findings and with every two files that make one version of a
  ///   saga two things, environment for a path that cannot be read.
  static func load(_ paths: [String]) throws -> [LoadedDefinition] {
    var kept: [LoadedDefinition] = []
    var findings: [Diagnostic] = []
    for file in try files(at: paths) {
      let loaded = try read(file)
      findings += loaded.diagnostics
      if let conflict = conflict(of: loaded, with: kept) {
        findings.append(conflict)
      } else if sameVersion(as: loaded, in: kept) == nil {
        kept.append(loaded)
      }
    }
    try refuse(findings)
    return kept
  }

  /// As `load`, for what runs in one world: there a saga has one version, and the world itself makes upgrades of it.
  ///
  /// - Throws: `Failure`: as `load`, and usage where two files are two versions of one saga.
  static func loadWorld(_ paths: [String]) throws -> [LoadedDefinition] {
    let loaded = try load(paths)
    let definitions = loaded.compactMap(\.definition)
    for (index, definition) in definitions.enumerated() {
      guard let other = definitions[..<index].first(where: { $0.name == definition.name }) else { continue }
      throw Failure.usage(
        "\(other.file) and \(definition.file) are versions \(other.version) and \(definition.version) of the saga "
          + "'\(definition.name)', and a simulated world has one; name one of the files (that a saga is upgraded while "
          + "it runs is among the faults)")
    }
    return loaded
  }

  /// The files that paths name, each once, in their order.
  ///
  /// - Throws: `Failure` (environment) for a path that cannot be read.
  static func files(at paths: [String]) throws -> [String] {
    var seen: Set<String> = []
    return try Files.definitions(at: paths).filter {
      seen.insert(URL(fileURLWithPath: $0).standardizedFileURL.resolvingSymlinksInPath().path).inserted
    }
  }

  /// A finding where one of some definitions says something else under the same name and version: a database, a world
  /// and a service know a definition by these two.
  static func conflict(of loaded: LoadedDefinition, with others: [LoadedDefinition]) -> Diagnostic? {
    guard let other = sameVersion(as: loaded, in: others), let definition = loaded.definition,
      other.source != definition.source
    else { return nil }
    return Diagnostic(
      code: DecodingCode.definitionTwice.rawValue, file: definition.file, position: definition.position,
      message: "\(other.file) is version \(other.version) of '\(other.name)' too, and says something else",
      mend: "give the changed definition a new version, or leave one of the two files out")
  }

  /// The definition of the same saga and version among others. One with errors is none yet, whatever it calls itself.
  private static func sameVersion(as loaded: LoadedDefinition, in others: [LoadedDefinition]) -> Definition? {
    guard !loaded.hasErrors, let definition = loaded.definition else { return nil }
    return others.filter { !$0.hasErrors }.compactMap(\.definition).first {
      $0.name == definition.name && $0.version == definition.version
    }
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
  ///
  /// - Throws: `Failure` (usage) where there is no such role.
  static func machines(_ loaded: [LoadedDefinition], role: String?) throws -> [Machine] {
    let machines = loaded.flatMap(\.machines)
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
