/// Reads a definition file into the model, strictly, and says of everything that is wrong where it stands and how to mend it.
public struct DefinitionDecoder {
  /// The definition a file holds and what is wrong with it.
  ///
  /// Reading goes on after an error. The definition is nil only where nothing sensible can be built; otherwise it may lack
  /// what the diagnostics complain about and must not be run while one of them is an error. What needs more than one look
  /// (unknown states, unreachable steps, types of expressions) is left to the checks on the compiled machine.
  ///
  /// - Parameters:
  ///   - source: the file, UTF-8.
  ///   - file: its name, for the diagnostics.
  ///   - schemas: reads the files that its schemas refer to.
  ///   - limits: what the text may cost: `DefinitionLimits.file`, or `DefinitionLimits.stored` for what a store holds.
  /// - Returns: the diagnostics in the order of the text, at most `DefinitionLimits.maximumDiagnostics`.
  public static func decode(
    source: [UInt8], file: String, schemas: SchemaReader = .none, limits: JSONLimits = DefinitionLimits.file
  ) -> (definition: Definition?, diagnostics: [Diagnostic]) {
    var reader = DefinitionReader(file: file, schemas: schemas)
    guard let root = reader.parse(source, limits: limits) else { return (nil, reader.diagnostics.all) }
    let definition = reader.definition(root, source: source)
    return (definition, reader.diagnostics.all)
  }
}

/// The state of one decoding; its parts stand in the extensions in `DefinitionReader+….swift`.
struct DefinitionReader {
  let file: String
  var diagnostics: DiagnosticList
  /// Of the role that is being read.
  var stepPositions: [String: SourcePosition] = [:]
  var stepCount = 0
  let schemas: SchemaReader
  /// What schemas may refer to; nil once it is known to be faulty, and was reported.
  var documents: SchemaDocuments? = SchemaDocuments()

  init(file: String, schemas: SchemaReader) {
    self.file = file
    self.schemas = schemas
    diagnostics = DiagnosticList(file: file)
  }

  mutating func report(_ code: DecodingCode, _ position: SourcePosition, _ message: String, mend: String = "") {
    diagnostics.add(code, position, message, mend: mend)
  }

  mutating func parse(_ source: [UInt8], limits: JSONLimits) -> SourceNode? {
    do throws(JSONError) {
      return SourceNode(try JSONParser.parseWithPositions(source, limits: limits))
    } catch {
      let code: DecodingCode =
        error.isLimit ? .limitExceeded : error.kind == .duplicateKey ? .jsonDuplicateKey : .jsonInvalid
      report(code, error.position(in: source), error.message, mend: mend(of: error, in: source))
      return nil
    }
  }

  mutating func definition(_ root: SourceNode, source: [UInt8]) -> Definition? {
    guard case .object = root.json else {
      report(
        .fieldType, root.position, "A definition is an object, this is \(root.kind).",
        mend: "Begin with { \"saga\": \"name\", \"version\": 1, … }.")
      return nil
    }
    if reportOtherKind(root) { return nil }
    let roles = root.members.first { $0.name == "roles" }
    let steps = root.members.first { $0.name == "steps" }
    switch (roles, steps) {
    case (nil, nil):
      reportModeless(root)
      return nil
    case (let roles?, let steps?):
      report(
        .definitionMode, max(roles.position, steps.position), "The saga has both `roles` and `steps`.",
        mend: "Keep `roles` for a choreography or `steps` for an orchestration; what both need are two sagas.")
    default: break
    }
    let mode = roles == nil ? Definition.Mode.orchestration : .choreography
    var shape = mode == .orchestration ? DefinitionShape.orchestration : .choreography
    if roles != nil, steps != nil { shape = DefinitionShape(title: shape.title, fields: shape.fields + ["steps"]) }
    guard let fields = fields(root, shape) else { return nil }
    var definition = header(fields, mode: mode, source: source)
    readDocuments(fields, into: &definition)
    definition.messages = messages(required("messages", in: fields, of: shape))
    definition.data = fields["data"].flatMap { schema($0.value) }
    definition.roles = mode == .orchestration ? [orchestration(fields)] : self.roles(fields["roles"])
    return definition
  }

  private mutating func header(_ fields: SourceFields, mode: Definition.Mode, source: [UInt8]) -> Definition {
    if let schema = fields["$schema"] { _ = text(schema.value, what: "`$schema`") }
    let shape = mode == .orchestration ? DefinitionShape.orchestration : .choreography
    let name = required("saga", in: fields, of: shape).flatMap { self.name($0.value, what: "`saga`") }
    let version = required("version", in: fields, of: shape).flatMap {
      integer($0.value, what: "`version`", in: 1...Int64.max)
    }
    return Definition(
      file: file, source: source, name: name?.value ?? "", version: version ?? 1, description: description(fields),
      mode: mode, position: fields["saga"]?.value.position ?? fields.position)
  }
}
