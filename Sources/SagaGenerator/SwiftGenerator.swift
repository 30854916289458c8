import SagaCore

/// Makes Swift of definitions: types of messages, a protocol for each participant, and constants for states.
///
/// Pure: the same definitions give the same bytes. Source of the idea: a protocol with one method for each operation, whose answers are an
/// enum of those declared, as swift-openapi-generator has it for HTTP.
public enum SwiftGenerator {
  /// A definition as its file has it.
  public struct Source: Sendable {
    /// How messages call the file; its last part stands in the generated code.
    public var file: String
    /// The file, byte for byte.
    public var bytes: [UInt8]
    /// Reads the schema files that it refers to.
    public var schemas: SchemaReader

    /// A definition that refers to no schema files, unless they can be read.
    public init(file: String, bytes: [UInt8], schemas: SchemaReader = .none) {
      self.file = file
      self.bytes = bytes
      self.schemas = schemas
    }
  }

  /// The Swift of one definition.
  public struct Output: Sendable, Hashable {
    /// The definition, as its source calls it.
    public var file: String
    /// The saga's name.
    public var saga: String
    /// The definition's version.
    public var version: Int64
    /// The name of the generated enum that everything stands in.
    public var namespace: String
    /// The Swift.
    public var text: String

    /// `orders.saga.swift` of `orders.json`.
    public var fileName: String {
      let name = file.split(separator: "/").last.map(String.init) ?? ""
      return (name.hasSuffix(".json") ? String(name.dropLast(".json".count)) : name) + ".saga.swift"
    }
  }

  /// What came of it.
  public struct Result: Sendable {
    /// One for each source, in order; empty when a diagnostic is an error.
    public var outputs: [Output] = []
    /// Everything that `saga check` finds, and why no Swift can be made.
    public var diagnostics: [Diagnostic] = []

    /// Whether there is an error among the diagnostics: then there are no outputs.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  }

  /// Checks definitions and makes Swift of them.
  ///
  /// The newest version of a saga is called by its name alone, an older one beside it has its version behind the name (`OrdersV1`).
  ///
  /// - Parameters:
  ///   - sources: definitions that become part of one module.
  ///   - access: who may use the code.
  public static func generate(_ sources: [Source], access: SwiftAccess = .internal) -> Result {
    var result = Result()
    var definitions: [Definition] = []
    for source in sources {
      let loaded = LoadedDefinition.load(source: source.bytes, file: source.file, schemas: source.schemas)
      result.diagnostics += loaded.diagnostics
      if let definition = loaded.definition { definitions.append(definition) }
    }
    if result.hasErrors { return result }
    do throws(GenerationError) {
      let names = try namespaces(of: definitions)
      for (definition, name) in zip(definitions, names) {
        let plan = try NamespacePlan(definition, name: name)
        result.outputs.append(
          Output(
            file: definition.file, saga: definition.name, version: definition.version, namespace: name,
            text: NamespaceWriter(plan: plan, access: access).text))
      }
    } catch {
      result.outputs = []
      result.diagnostics.append(error.diagnostic)
    }
    return result
  }

  private static func namespaces(of definitions: [Definition]) throws(GenerationError) -> [String] {
    var names: [String] = []
    for definition in definitions {
      let versions = definitions.filter { $0.name == definition.name }.map(\.version)
      var name = SwiftName.type(definition.name, suffix: "Saga")
      if let newest = versions.max(), newest > definition.version { name += "V\(definition.version)" }
      if let other = names.firstIndex(of: name) {
        let isSame = definitions[other].name == definition.name
        throw GenerationError(
          code: isSame ? .definitionTwice : .nameClash, file: definition.file, position: definition.position,
          message: isSame
            ? "\(definitions[other].file) is version \(definition.version) of '\(definition.name)' already."
            : "In Swift the saga '\(definition.name)' would be called `\(name)`, as '\(definitions[other].name)' of \(definitions[other].file) is already.",
          mend: isSame ? "Keep one of the two, or count its version on." : "Rename one of the two.")
      }
      names.append(name)
    }
    return names
  }
}
