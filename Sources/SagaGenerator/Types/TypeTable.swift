import SagaCore

/// The types of one definition: what its schemas say, as structs and enums.
struct TypeTable {
  /// Which schema a `$ref` means: one in a document that several messages may share, or one of a message's own.
  private enum Target: Hashable {
    case shared(JSONPointerPath)
    case own(message: String, JSONPointerPath)
  }

  /// Names a schema's type where its own name will not do.
  static let nameKeyword = "x-swift-name"

  private let definition: Definition
  /// The namespace of them all.
  private let namespace: String
  /// The names of `schemas` and of the files that schemas refer to.
  private let documents: Set<String>
  private(set) var declarations: [TypeDeclaration] = []
  /// Those of the messages, by type.
  private(set) var messages: [String: TypeID] = [:]
  /// Those that messages share, in the order in which they are met.
  private(set) var shared: [TypeID] = []
  private var targets: [Target: TypeID] = [:]
  /// The schemas whose types are being made.
  private var open: [Target] = []
  /// Names that are taken in the namespace.
  private(set) var names: NameScope
  /// Names that are taken inside a type.
  private var inner: [TypeID: NameScope] = [:]

  subscript(id: TypeID) -> TypeDeclaration { declarations[id.index] }

  /// - Parameters:
  ///   - types: the messages, in order.
  ///   - names: what is taken in the namespace already.
  /// - Throws: `GenerationError` where two would have one name.
  init(
    _ definition: Definition, types: [String], namespace: String, names: NameScope
  ) throws(GenerationError) {
    self.definition = definition
    self.namespace = namespace
    self.names = names
    let root = try? JSONParser.parse(definition.source, limits: .definition)
    documents = Set(root?["schemas"]?.objectValue?.keys ?? [])
    for type in types { try declareMessage(type) }
    for type in types { try fillMessage(type) }
    cutCircles()
  }

  /// Whether some value is any JSON.
  var usesJSON: Bool {
    declarations.contains { declaration in
      switch declaration.kind {
      case .structure(let fields): fields.contains { $0.type.usesJSON }
      case .wrapper(let value): value.usesJSON
      case .enumeration: false
      }
    }
  }

  // MARK: Messages

  private mutating func declareMessage(_ type: String) throws(GenerationError) {
    let declared = definition.message(type)
    let written = declared?.schema?.json[TypeTable.nameKeyword]?.stringValue ?? type
    let name = SwiftName.type(written, suffix: "Message")
    try claim(name, of: "the message \(JSON.string(type))", written: written, type)
    messages[type] = try add(
      TypeDeclaration(
        name: name,
        documentation: declared?.description ?? declared?.schema?.json["description"]?.stringValue,
        kind: .wrapper(.json)))
  }

  private mutating func fillMessage(_ type: String) throws(GenerationError) {
    guard let id = messages[type], let schema = definition.message(type)?.schema else { return }
    // A message is a type of its own, also where its schema is another's.
    var place = SchemaPlace(message: type, document: schema.json)
    var shape = SchemaShape(place)
    for _ in 0..<Self.maximumReferences {
      guard case .reference(let target) = shape.kind else { break }
      (place, shape) = (target, SchemaShape(target))
    }
    if case .structure(let members) = shape.kind, !shape.isNullable {
      declarations[id.index].kind = .structure(try fields(members, of: id))
    } else {
      let (value, isNullable) = try self.type(of: place, named: "Value", in: id)
      declarations[id.index].kind = .wrapper(isNullable ? .optional(value) : value)
    }
  }

  /// How many schemas may do nothing but refer to the next one.
  private static let maximumReferences = 64

  private mutating func claim(
    _ name: String, of what: String, written: String, _ type: String
  ) throws(GenerationError) {
    let position = definition.message(type)?.position ?? definition.position
    let mend = "Rename it, or give its schema \"\(TypeTable.nameKeyword)\" with another name."
    if name.isEmpty {
      throw GenerationError(
        code: .nameEmpty, file: definition.file, position: position,
        message: "No name of Swift can be made of \(what): \(JSON.string(written)) has neither letters nor digits.",
        mend: mend)
    }
    if !names.claim(name) {
      throw GenerationError(
        code: .nameClash, file: definition.file, position: position,
        message: "In Swift \(what) would be called `\(name)`, as something else of the saga is already.", mend: mend)
    }
  }

  /// How many types a definition may have. Alternatives of references that are no plain ones can double at every step.
  static let maximumTypes = 10_000

  private mutating func add(_ declaration: TypeDeclaration) throws(GenerationError) -> TypeID {
    if declarations.count >= TypeTable.maximumTypes {
      throw GenerationError(
        code: .typesTooMany, file: definition.file, position: definition.position,
        message: "Its schemas give more than \(TypeTable.maximumTypes) types (TypeTable.maximumTypes).",
        mend: "Let a `$ref` stand alone, so that what it leads to is one type.")
    }
    declarations.append(declaration)
    return TypeID(index: declarations.count - 1)
  }

  // MARK: Schemas

  private mutating func fields(
    _ members: [SchemaShape.Member], of id: TypeID
  ) throws(GenerationError) -> [Field] {
    var fields: [Field] = []
    var taken = NameScope(SwiftName.reservedMembers)
    for (number, member) in members.enumerated() {
      let camel = SwiftName.lowerCamel(member.key)
      let name = taken.claimNumbered(camel.isEmpty ? "member\(number + 1)" : camel)
      var field = Field(
        name: name, key: member.key, type: .json, isRequired: member.isRequired, isNullable: false)
      if let place = member.place {
        (field.type, field.isNullable) = try type(of: place, named: SwiftName.upperCamel(name), in: id)
        field.documentation = documentation(of: place)
        field.onlyValue = onlyValue(of: place, field)
      }
      fields.append(field)
    }
    return fields
  }

  private func documentation(of place: SchemaPlace) -> String? {
    var parts = [place["description"]?.stringValue].compactMap(\.self)
    if let format = place["format"]?.stringValue { parts.append("Format: \(format).") }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  private func onlyValue(of place: SchemaPlace, _ field: Field) -> String? {
    guard !field.isOptional, let constant = place["const"] else { return nil }
    switch (field.type, constant) {
    case (.named(let id), .string(let value)):
      guard case .enumeration(let cases) = self[id].kind else { return nil }
      return cases.first { $0.value == value }.map { ".\(SwiftName.escaped($0.name))" }
    case (.integer, .int(let value)): return String(value)
    case (.boolean, .bool(let value)): return String(value)
    default: return nil
    }
  }

  /// The type of a schema's values without null, and whether they may be null.
  ///
  /// - Parameters:
  ///   - name: of a type that stands in `parent`, where the schema is worth one.
  private mutating func type(
    of place: SchemaPlace, named name: String, in parent: TypeID
  ) throws(GenerationError) -> (SwiftType, isNullable: Bool) {
    // A schema that stands in itself by way of references, a list of itself, say: a type would have no end.
    if open.contains(.own(message: place.message, place.path)) { return (.json, false) }
    open.append(.own(message: place.message, place.path))
    defer { open.removeLast() }
    let shape = SchemaShape(place)
    let type: SwiftType
    switch shape.kind {
    case .string: type = .string
    case .boolean: type = .boolean
    case .integer: type = .integer
    case .number: type = .number
    case .anything: return (.json, false)
    case .list(nil): type = .list(.json)
    case .list(let elements?): type = .list(try self.value(of: elements, named: name + "Element", in: parent))
    case .map(let values): type = .map(try self.value(of: values, named: name + "Value", in: parent))
    case .reference(let target): return try follow(target, named: name, in: parent)
    case .enumeration, .structure:
      let written = place[TypeTable.nameKeyword]?.stringValue.map(SwiftName.upperCamel) ?? name
      type = .named(try declare(shape, at: place, named: written, in: parent))
    }
    return (type, shape.isNullable)
  }

  private mutating func value(
    of place: SchemaPlace, named name: String, in parent: TypeID
  ) throws(GenerationError) -> SwiftType {
    let (type, isNullable) = try self.type(of: place, named: name, in: parent)
    return isNullable ? .optional(type) : type
  }

  /// A type inside another.
  private mutating func declare(
    _ shape: SchemaShape, at place: SchemaPlace, named name: String, in parent: TypeID
  ) throws(GenerationError) -> TypeID {
    // Nothing inside may hide what code inside has to name.
    var scope = inner[parent] ?? innermost
    let free = scope.claimNumbered(SwiftName.type(name, suffix: "Value"))
    inner[parent] = scope
    let id = try add(
      TypeDeclaration(
        name: free, documentation: place["description"]?.stringValue, kind: .wrapper(.json), parent: parent))
    declarations[parent.index].nested.append(id)
    try fill(id, with: shape)
    return id
  }

  private mutating func fill(_ id: TypeID, with shape: SchemaShape) throws(GenerationError) {
    switch shape.kind {
    case .structure(let members): declarations[id.index].kind = .structure(try fields(members, of: id))
    case .enumeration(let values): declarations[id.index].kind = .enumeration(TypeTable.cases(values))
    default: break
    }
  }

  private var innermost: NameScope {
    var scope = NameScope([namespace])
    for id in messages.values { _ = scope.claim(self[id].name) }
    return scope
  }

  /// What a value of a later version of the schema becomes.
  static let unrecognized = "unrecognized"

  private static func cases(_ values: [String]) -> [EnumerationCase] {
    var taken = NameScope(SwiftName.reservedMembers.union([unrecognized]))
    return values.enumerated().map { number, value in
      let camel = SwiftName.lowerCamel(value)
      let name = taken.claimNumbered(camel.isEmpty ? (value.isEmpty ? "empty" : "value\(number + 1)") : camel)
      return EnumerationCase(name: name, value: value)
    }
  }

  // MARK: References

  private mutating func follow(
    _ place: SchemaPlace, named name: String, in parent: TypeID
  ) throws(GenerationError) -> (SwiftType, isNullable: Bool) {
    let shape = SchemaShape(place)
    if place.path.elements.isEmpty, let message = messages[place.message] { return (.named(message), false) }
    let target = target(of: place)
    if let known = targets[target] { return (.named(known), shape.isNullable) }
    guard shape.declaresType else { return try type(of: place, named: name, in: parent) }
    let id = try declare(target, at: place)
    targets[target] = id
    try fill(id, with: shape)
    return (.named(id), shape.isNullable)
  }

  private func target(of place: SchemaPlace) -> Target {
    let elements = place.path.elements
    if elements.count >= 2, elements[0] == .key("$defs"), case .key(let document) = elements[1],
      documents.contains(document)
    {
      return .shared(place.path)
    }
    return .own(message: place.message, place.path)
  }

  private mutating func declare(_ target: Target, at place: SchemaPlace) throws(GenerationError) -> TypeID {
    let written = place[TypeTable.nameKeyword]?.stringValue ?? TypeTable.name(of: place.path)
    let name = SwiftName.type(written, suffix: "Value")
    let documentation = place["description"]?.stringValue
    switch target {
    case .shared:
      try claim(name, of: "the schema \(JSON.string(written))", written: written, place.message)
      let id = try add(TypeDeclaration(name: name, documentation: documentation, kind: .wrapper(.json)))
      shared.append(id)
      return id
    case .own(let message, _):
      guard let parent = messages[message] else { preconditionFailure("a schema belongs to a message") }
      var scope = inner[parent] ?? innermost
      let free = scope.claimNumbered(name.isEmpty ? "Part" : name)
      inner[parent] = scope
      let id = try add(TypeDeclaration(name: free, documentation: documentation, kind: .wrapper(.json), parent: parent))
      declarations[parent.index].nested.append(id)
      return id
    }
  }

  /// `Address` of `#/$defs/Address`, `money` of the document `shared/money.schema.json`.
  private static func name(of path: JSONPointerPath) -> String {
    guard case .key(let last)? = path.elements.last(where: { if case .key = $0 { true } else { false } }) else {
      return ""
    }
    guard path.elements.count == 2 else { return last }
    var file = last.split(separator: "/").last.map(String.init) ?? last
    for ending in [".json", ".schema"] where file.hasSuffix(ending) { file.removeLast(ending.count) }
    return file
  }

  // MARK: Circles

  /// A struct cannot hold itself: the member that would close such a circle is any JSON.
  private mutating func cutCircles() {
    var isDone = Set<TypeID>()
    var path: [TypeID] = []
    for index in declarations.indices { cutCircles(from: TypeID(index: index), &path, &isDone) }
  }

  private mutating func cutCircles(from id: TypeID, _ path: inout [TypeID], _ isDone: inout Set<TypeID>) {
    if isDone.contains(id) { return }
    path.append(id)
    defer {
      path.removeLast()
      isDone.insert(id)
    }
    switch self[id].kind {
    case .structure(var fields):
      for index in fields.indices {
        guard let held = fields[index].type.held else { continue }
        if path.contains(held) {
          fields[index].type = .json
          declarations[id.index].kind = .structure(fields)
        } else {
          cutCircles(from: held, &path, &isDone)
        }
      }
    case .wrapper(let value):
      guard let held = value.held else { return }
      if path.contains(held) {
        declarations[id.index].kind = .wrapper(.json)
      } else {
        cutCircles(from: held, &path, &isDone)
      }
    case .enumeration: break
    }
  }
}

extension SwiftType {
  fileprivate var usesJSON: Bool {
    switch self {
    case .json: true
    case .list(let type), .map(let type), .optional(let type): type.usesJSON
    case .string, .boolean, .integer, .number, .named: false
    }
  }

  /// The type whose values stand in values of this one, not behind a list.
  fileprivate var held: TypeID? {
    switch self {
    case .named(let id): id
    case .optional(let type): type.held
    case .string, .boolean, .integer, .number, .json, .list, .map: nil
    }
  }
}
