import Crypto

/// A definition file, decoded, compiled and checked.
public struct LoadedDefinition: Sendable {
  /// nil when the file is no definition at all.
  public let definition: Definition?
  /// One machine for each role (one in all for an orchestration); empty when there are errors.
  public let machines: [Machine]
  /// In the order of the file.
  public let diagnostics: [Diagnostic]

  /// Whether there is an error among the diagnostics: then there are no machines.
  public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// Loads a definition from the bytes of its file.
  ///
  /// - Parameters:
  ///   - source: the file, byte for byte; its SHA-256, with the schema files it refers to, names the definition in stores.
  ///   - file: how messages call the file.
  ///   - schemas: reads the files that its schemas refer to; they become part of the machines' source and of its hash.
  ///   - runsChecks: whether to run `StaticChecks` too. Not for a definition that a store holds: its instances have to go
  ///     on, even where a later version of the checks finds more. Without them the source may be as large and as deep as
  ///     one into which schema files were put (`DefinitionLimits.stored`).
  public static func load(
    source: [UInt8], file: String, schemas: SchemaReader = .none, runsChecks: Bool = true
  ) -> LoadedDefinition {
    let limits = runsChecks ? DefinitionLimits.file : DefinitionLimits.stored
    let (decoded, found) = DefinitionDecoder.decode(source: source, file: file, schemas: schemas, limits: limits)
    guard let definition = decoded else {
      return LoadedDefinition(definition: nil, machines: [], diagnostics: found)
    }
    var diagnostics = found
    var machines: [Machine] = []
    let hash = Array(SHA256.hash(data: definition.source))
    for role in definition.roles {
      var compiler = MachineCompiler(definition: definition, role: role)
      compiler.compile()
      for diagnostic in compiler.diagnostics where !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
      let identity = MachineIdentity(saga: definition.name, version: definition.version, role: role.name)
      machines.append(
        Machine(identity: identity, source: definition.source, sourceHash: hash, model: MachineModel(compiler.model)))
    }
    var isSound: Bool { !diagnostics.contains { $0.severity == .error } }
    // The checks would take what is missing after an error for a fault of its own.
    if runsChecks, isSound { diagnostics += StaticChecks.check(definition, machines: machines) }
    if !isSound { machines = [] }
    return LoadedDefinition(
      definition: definition, machines: machines,
      diagnostics: diagnostics.sorted { ($0.position, $0.severity, $0.code) < ($1.position, $1.severity, $1.code) })
  }
}

extension Definition {
  /// The same with machines of its own, not checked again: for another thread, since what runs side by side on shared machines
  /// counts references in turns.
  public func recompiled() -> LoadedDefinition { LoadedDefinition.load(source: source, file: file, runsChecks: false) }
}
