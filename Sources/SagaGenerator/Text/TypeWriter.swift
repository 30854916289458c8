/// Writes structs and enums of messages and their parts.
struct TypeWriter {
  let plan: NamespacePlan
  let access: SwiftAccess

  private var types: TypeTable { plan.types }

  /// The name of a type as code inside the namespace writes it.
  ///
  /// - Parameter parent: whose members are written.
  private func text(_ type: SwiftType, in parent: TypeID) -> String {
    switch type {
    case .string: "String"
    case .boolean: "Bool"
    case .integer: "Int64"
    case .number: "Double"
    case .json: "JSON"
    case .list(let element): "[\(text(element, in: parent))]"
    case .map(let value): "[String: \(text(value, in: parent))]"
    case .optional(let value): "\(text(value, in: parent))?"
    // What stands elsewhere is called by its whole name, which nothing in between can hide.
    case .named(let id): types[id].parent == parent ? types[id].name : qualified(id)
    }
  }

  private func qualified(_ id: TypeID) -> String {
    let declaration = types[id]
    return (declaration.parent.map(qualified) ?? plan.name) + "." + declaration.name
  }

  /// A message with its parts; `body` writes what else stands in it.
  func write(message: String, to writer: inout SourceWriter, _ body: (inout SourceWriter) -> Void) {
    guard let id = types.messages[message] else { return }
    let declaration = types[id]
    writer.gap()
    writer.documentation(declaration.documentation ?? "The payload of `\(message)`.")
    writer.block("\(access.prefix)struct \(declaration.name): SagaMessage, Hashable") { writer in
      writer.assignment("\(access.prefix)static let messageType", SwiftName.literal(message))
      members(of: id, &writer)
      body(&writer)
    }
  }

  /// A type that messages share.
  func write(shared id: TypeID, to writer: inout SourceWriter) { write(id, &writer) }

  private func write(_ id: TypeID, _ writer: inout SourceWriter) {
    let declaration = types[id]
    writer.gap()
    writer.documentation(declaration.documentation)
    if case .enumeration(let cases) = declaration.kind {
      write(cases, named: declaration.name, &writer)
      return
    }
    writer.block("\(access.prefix)struct \(declaration.name): Codable, Sendable, Hashable") { members(of: id, &$0) }
  }

  private func members(of id: TypeID, _ writer: inout SourceWriter) {
    let declaration = types[id]
    switch declaration.kind {
    case .structure(let fields): write(fields, of: id, &writer)
    case .wrapper(let value): write(wrapped: value, of: id, &writer)
    case .enumeration: break
    }
    for nested in declaration.nested { write(nested, &writer) }
  }

  // MARK: Structs

  private func write(_ fields: [Field], of id: TypeID, _ writer: inout SourceWriter) {
    for field in fields {
      writer.documentation(field.documentation)
      let value = field.onlyValue.map { " = \($0)" } ?? ""
      writer.line("\(access.prefix)var \(SwiftName.escaped(field.name)): \(type(of: field, in: id))\(value)")
    }
    let isRenamed = fields.contains { $0.name != $0.key }
    // A required member that is null must be written as null; the compiler's own `encode` would leave it out.
    let writesNull = fields.contains { $0.isRequired && $0.isNullable }
    if isRenamed || writesNull {
      writer.gap()
      writer.block("private enum CodingKeys: String, CodingKey") { writer in
        for field in fields {
          let name = "case \(SwiftName.escaped(field.name))"
          writer.line(field.name == field.key ? name : "\(name) = \(SwiftName.literal(field.key))")
        }
      }
    }
    if access.needsInitializers { writeInitializer(fields, of: id, &writer) }
    if writesNull { writeEncode(fields, &writer) }
  }

  private func type(of field: Field, in id: TypeID) -> String {
    text(field.type, in: id) + (field.isOptional ? "?" : "")
  }

  private func writeInitializer(_ fields: [Field], of id: TypeID, _ writer: inout SourceWriter) {
    let parameters = fields.map { field in
      let value = field.onlyValue ?? (field.isOptional ? "nil" : nil)
      return "\(SwiftName.label(field.name)): \(type(of: field, in: id))\(value.map { " = \($0)" } ?? "")"
    }
    writer.gap()
    if fields.isEmpty {
      writer.line("\(access.prefix)init() {}")
      return
    }
    writer.list("\(access.prefix)init", parameters, " {")
    writer.closed(by: "}") { writer in
      for field in fields {
        writer.line("self.\(SwiftName.escaped(field.name)) = \(SwiftName.escaped(field.name))")
      }
    }
  }

  private func writeEncode(_ fields: [Field], _ writer: inout SourceWriter) {
    writer.gap()
    writer.block("\(access.prefix)func encode(to encoder: any Encoder) throws") { writer in
      writer.line("var container = encoder.container(keyedBy: CodingKeys.self)")
      for field in fields {
        let name = SwiftName.escaped(field.name)
        let method = field.isRequired ? "encode" : "encodeIfPresent"
        writer.line("try container.\(method)(self.\(name), forKey: .\(name))")
      }
    }
  }

  /// A payload that is no object with known members.
  private func write(wrapped value: SwiftType, of id: TypeID, _ writer: inout SourceWriter) {
    let type = text(value, in: id)
    writer.documentation("The whole payload.")
    writer.line("\(access.prefix)var value: \(type)")
    writer.gap()
    writer.block("\(access.prefix)init(_ value: \(type))") { $0.line("self.value = value") }
    writer.gap()
    writer.block("\(access.prefix)init(from decoder: any Decoder) throws") {
      $0.line("value = try \(type)(from: decoder)")
    }
    writer.gap()
    writer.block("\(access.prefix)func encode(to encoder: any Encoder) throws") {
      $0.line("try value.encode(to: encoder)")
    }
  }

  // MARK: Enums of strings

  private func write(_ cases: [EnumerationCase], named name: String, _ writer: inout SourceWriter) {
    let other = TypeTable.unrecognized
    writer.block("\(access.prefix)enum \(name): RawRepresentable, Codable, Sendable, Hashable") { writer in
      for entry in cases { writer.line("case \(SwiftName.escaped(entry.name))") }
      writer.documentation("A value that the schema does not list; a later version of it may.")
      writer.line("case \(other)(String)")
      writer.gap()
      writer.block("\(access.prefix)init(rawValue: String)") { writer in
        writer.line("switch rawValue {")
        for entry in cases {
          writer.line("case \(SwiftName.literal(entry.value)): self = .\(SwiftName.escaped(entry.name))")
        }
        writer.line("default: self = .\(other)(rawValue)")
        writer.line("}")
      }
      writer.gap()
      writer.block("\(access.prefix)var rawValue: String") { writer in
        writer.line("switch self {")
        for entry in cases {
          writer.line("case .\(SwiftName.escaped(entry.name)): \(SwiftName.literal(entry.value))")
        }
        writer.line("case .\(other)(let value): value")
        writer.line("}")
      }
    }
  }
}
