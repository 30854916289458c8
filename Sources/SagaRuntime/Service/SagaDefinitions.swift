import Foundation
import SagaCore
import SagaFiles

/// The definitions that a service loads, compiled and checked.
public struct SagaDefinitions: Sendable {
  /// One for each role that the service runs.
  public let machines: [Machine]
  /// Warnings of the checks.
  public let warnings: [Diagnostic]

  /// No definitions: for a service that only takes part in the sagas of others.
  public static let none = SagaDefinitions(machines: [], warnings: [])

  private init(machines: [Machine], warnings: [Diagnostic]) {
    self.machines = machines
    self.warnings = warnings
  }

  /// Loads definition files, or all `.json` files of directories but scenarios and schemas.
  ///
  /// - Parameters:
  ///   - paths: files and directories.
  ///   - roles: the roles of choreographies that this service runs; nil runs all. Orchestrations have no roles and are always
  ///     loaded.
  /// - Throws: `DefinitionError` with every diagnostic, or for a path that cannot be read.
  public init(at paths: [String], roles: [String]? = nil) throws {
    var loaded: [LoadedDefinition] = []
    for path in paths {
      do throws(DefinitionFiles.Fault) {
        for file in try DefinitionFiles.paths(at: path) {
          loaded.append(
            LoadedDefinition.load(source: try DefinitionFiles.read(file), file: file, schemas: .beside(file)))
        }
      } catch {
        throw DefinitionError.unreadable(path: error.path, reason: error.reason)
      }
    }
    try self.init(loaded, roles: roles)
  }

  /// Loads the definitions among a bundle's resources.
  ///
  /// - Parameters:
  ///   - bundle: a target's `Bundle.module`.
  ///   - subdirectory: where the target copies them to, such as `sagas`.
  ///   - roles: as in `init(at:roles:)`.
  /// - Throws: as `init(at:roles:)`.
  public init(bundle: Bundle, subdirectory: String = "sagas", roles: [String]? = nil) throws {
    guard let folder = bundle.resourceURL?.appendingPathComponent(subdirectory) else {
      throw DefinitionError.unreadable(path: bundle.bundlePath, reason: "the bundle has no resources")
    }
    try self.init(at: [folder.path], roles: roles)
  }

  /// Compiles definitions that are in memory.
  ///
  /// - Throws: `DefinitionError`.
  public init(sources: [(file: String, source: [UInt8])], roles: [String]? = nil) throws {
    try self.init(sources.map { LoadedDefinition.load(source: $0.source, file: $0.file) }, roles: roles)
  }

  private init(_ loaded: [LoadedDefinition], roles: [String]?) throws {
    let diagnostics = loaded.flatMap(\.diagnostics)
    let errors = diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty else { throw DefinitionError.invalid(errors) }
    let all = loaded.flatMap(\.machines)
    if let unknown = roles?.first(where: { role in !all.contains { $0.identity.role == role } }) {
      let known = Set(all.map(\.identity.role)).subtracting([""]).sorted()
      throw DefinitionError.unknownRole(unknown, known: known)
    }
    machines = all.filter { machine in
      machine.identity.role.isEmpty || (roles?.contains(machine.identity.role) ?? true)
    }
    warnings = diagnostics.filter { $0.severity != .error }
  }

  /// Compiles a definition that a database holds, for instances that outlive the file. It may be as large and as deep as
  /// the file with all schema files that it referred to (`DefinitionLimits.stored`).
  ///
  /// - Throws: `DefinitionError`.
  public static func compileStored(_ source: [UInt8], role: String) throws -> Machine {
    let loaded = LoadedDefinition.load(source: source, file: "the stored definition", runsChecks: false)
    guard let machine = loaded.machines.first(where: { $0.identity.role == role }) else {
      throw DefinitionError.invalid(loaded.diagnostics)
    }
    return machine
  }
}

/// Why definitions were not loaded.
public enum DefinitionError: Error, CustomStringConvertible, Sendable {
  /// A file or folder that is not there or may not be read.
  case unreadable(path: String, reason: String)
  /// What the decoder, the compiler and the checks found; with at least one error.
  case invalid([Diagnostic])
  /// No definition that was loaded has this role.
  case unknownRole(String, known: [String])

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .invalid(let diagnostics):
      diagnostics.map { diagnostic in
        let place = "\(diagnostic.file):\(diagnostic.position.line):\(diagnostic.position.column)"
        let mend = diagnostic.mend.isEmpty ? "" : " (\(diagnostic.mend))"
        return "\(place): \(diagnostic.severity.rawValue)[\(diagnostic.code)]: \(diagnostic.message)\(mend)"
      }.joined(separator: "\n")
    case .unknownRole(let role, let known):
      known.isEmpty
        ? "no definition has a role '\(role)': they are orchestrations, which have none"
        : "no definition has a role '\(role)'; the roles are \(known.joined(separator: ", "))"
    }
  }
}
