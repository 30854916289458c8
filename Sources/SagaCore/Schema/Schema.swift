/// A compiled JSON Schema: draft 2020-12 (https://json-schema.org/draft/2020-12) with the vocabularies core, applicator, validation
/// and meta-data, but for dynamic references; `format` and content keywords are annotations.
///
/// An unknown keyword is an error, since a misspelt one would check nothing.
public struct Schema: Sendable {
  /// How many violations `validate` reports at most.
  public static let maximumViolations = 32
  /// How many subschemas one `validate` applies at most. Past it the value counts as invalid, with the keyword `limit`:
  /// recursive alternatives can take exponential time.
  public static let maximumSteps = 1_000_000

  /// The schema as it was given; where it referred to other documents, with these under its `$defs`.
  public let json: JSON
  let nodes: [SchemaNode]
  /// Where each of `nodes` stands in `json`.
  let paths: [JSONPointerPath]
  /// The place of the schema itself in `nodes`.
  let root: Int

  /// Compiles a schema.
  ///
  /// - Parameters:
  ///   - json: the schema, in the dialect of JSON Schema draft 2020-12.
  ///   - path: where it stands in its file; begins the paths of errors.
  ///   - name: its own name among `documents`; empty where they do not refer to it.
  ///   - documents: what its `$ref`s may lead to beside itself.
  /// - Throws: `SchemaError` for an unknown keyword, a keyword whose value has the wrong form, a reference that leads nowhere or
  ///   in a circle, or a default that its own schema refuses.
  public init(
    json: JSON, path: JSONPointerPath = [], name: String = "", documents: SchemaDocuments = SchemaDocuments()
  ) throws(SchemaError) {
    let linked = try SchemaLinker.link(json, named: name, documents: documents, base: path)
    var compiler = SchemaCompiler(document: linked, base: path)
    root = try compiler.compile(linked, at: [])
    nodes = compiler.nodes
    paths = compiler.paths
    self.json = linked
    try compiler.checkReferences()
    try checkDefaults(compiler.defaultPaths)
  }

  /// The schema that accepts everything.
  public static let anything = Schema()

  private init() {
    json = true
    nodes = [SchemaNode(SchemaRules(verdict: true))]
    paths = [[]]
    root = 0
  }

  /// What is wrong with a value; empty if it is valid. At most `maximumViolations`, in the order of the schema.
  public func validate(_ value: JSON) -> [SchemaViolation] {
    // Nearly every value is valid, and to find that out no places have to be kept.
    if isValid(value) { return [] }
    var validator = SchemaValidator(nodes: nodes, maximumViolations: Schema.maximumViolations)
    _ = validator.check(value, root)
    return validator.violations
  }

  /// Whether a value is valid; stops at the first violation.
  public func isValid(_ value: JSON) -> Bool {
    var validator = SchemaValidator(nodes: nodes, maximumViolations: 0)
    return validator.check(value, root)
  }

  private func checkDefaults(_ defaults: [(node: Int, path: JSONPointerPath)]) throws(SchemaError) {
    for (node, path) in defaults {
      guard let value = nodes[node].defaultValue else { continue }
      var validator = SchemaValidator(nodes: nodes, maximumViolations: Schema.maximumViolations)
      _ = validator.check(value, node)
      // What is required may be set later: an instance starts with its defaults and is checked after its first step.
      guard let wrong = validator.violations.first(where: { $0.keyword != "required" }) else { continue }
      let place = wrong.pointer.isEmpty ? "" : " at \(wrong.pointer)"
      throw SchemaError(path: path, message: "the default does not fit its own schema\(place): \(wrong.message)")
    }
  }
}

extension Schema: Hashable {
  public static func == (left: Schema, right: Schema) -> Bool { left.json == right.json }
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}
