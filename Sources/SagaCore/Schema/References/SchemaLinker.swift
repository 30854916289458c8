/// Turns a schema that refers to other documents, to `$anchor`s and by `$id`s into one that stands alone: the documents that it
/// needs come under its `$defs`, and every `$ref` becomes a JSON Pointer in it (JSON Schema core, draft 2020-12, 8.2 and 9.3).
///
/// What a reference means is looked up by the `$id`s of the documents first, then by the path from the folder of the document that
/// it stands in, so that files which lie together find one another even where their `$id`s say that they are elsewhere.
struct SchemaLinker {
  /// How deep `link` follows a schema; deeper ones are left to the compiler, which refuses them.
  private static let maximumDepth = SchemaCompiler.maximumDepth

  private struct Resource {
    var document: Int
    var path: JSONPointerPath
  }

  private struct Place: Hashable {
    var document: Int
    var path: JSONPointerPath
    var anchor: String
  }

  /// What a `$ref` is read against.
  private struct Scope {
    var document: Int
    /// The base URI; a path where no `$id` says otherwise.
    var base: String
    /// The root of the schema resource.
    var root: JSONPointerPath
  }

  private var documents: [SchemaDocuments.Entry]
  private var identified: [String: Resource] = [:]
  private var anchors: [Place: JSONPointerPath] = [:]
  /// Under which name of `$defs` a document comes.
  private var definitionNames: [Int: String] = [:]
  private var needed: [Int] = []
  private let base: JSONPointerPath

  private init(_ schema: JSON, name: String, documents: SchemaDocuments, base: JSONPointerPath) {
    self.documents = [SchemaDocuments.Entry(name: name, json: schema)] + documents.entries
    self.base = base
    for index in self.documents.indices {
      let entry = self.documents[index]
      register(entry.json, [], Scope(document: index, base: entry.name, root: []), depth: 0)
    }
  }

  /// The schema that stands alone.
  ///
  /// - Parameters:
  ///   - name: the schema's own name among the documents; empty where it has none.
  ///   - base: where it stands in its file, for errors.
  /// - Throws: `SchemaError` for a reference to what is not there.
  static func link(
    _ schema: JSON, named name: String, documents: SchemaDocuments, base: JSONPointerPath
  ) throws(SchemaError) -> JSON {
    // Most schemas stand alone already, and keep their text.
    if documents.entries.isEmpty, !needsLinking(schema, depth: 0) { return schema }
    var linker = SchemaLinker(schema, name: name, documents: documents, base: base)
    return try linker.linked()
  }

  private static func needsLinking(_ schema: JSON, depth: Int) -> Bool {
    guard case .object(let members) = schema, depth < maximumDepth else { return false }
    if depth > 0, members["$id"] != nil { return true }
    if let text = members["$ref"]?.stringValue, text != "#", !text.hasPrefix("#/") { return true }
    var found = false
    SchemaWalk.visit(members) { _, part in found = found || needsLinking(part, depth: depth + 1) }
    return found
  }

  private mutating func register(_ schema: JSON, _ path: JSONPointerPath, _ outer: Scope, depth: Int) {
    guard case .object(let members) = schema, depth < SchemaLinker.maximumDepth else { return }
    let scope = entered(members, path, outer)
    if members["$id"]?.stringValue != nil, identified[scope.base] == nil {
      identified[scope.base] = Resource(document: scope.document, path: path)
    }
    if let anchor = members["$anchor"]?.stringValue {
      anchors[Place(document: scope.document, path: scope.root, anchor: anchor)] = path
    }
    var parts: [(JSONPointerPath, JSON)] = []
    SchemaWalk.visit(members) { parts.append((path.appending($0), $1)) }
    for (place, part) in parts { register(part, place, scope, depth: depth + 1) }
  }

  private func entered(_ members: JSONObject, _ path: JSONPointerPath, _ outer: Scope) -> Scope {
    guard let identifier = members["$id"]?.stringValue else { return outer }
    let resource = URIReference(identifier).resource
    return Scope(document: outer.document, base: URIReference.resolve(resource, at: outer.base), root: path)
  }

  private mutating func linked() throws(SchemaError) -> JSON {
    var result = try rewritten(documents[0].json, [], Scope(document: 0, base: documents[0].name, root: []), depth: 0)
    guard !needed.isEmpty else { return result }
    var bundled: [(String, JSON)] = []
    // Documents that are needed by those that were needed before come behind them.
    var next = 0
    while next < needed.count {
      let index = needed[next]
      next += 1
      let scope = Scope(document: index, base: documents[index].name, root: [])
      bundled.append((definitionName(of: index), try rewritten(documents[index].json, [], scope, depth: 0)))
    }
    guard case .object(var members) = result else { return result }
    var definitions = members["$defs"]?.objectValue ?? JSONObject()
    for (name, json) in bundled { definitions[name] = json }
    members["$defs"] = .object(definitions)
    result = .object(members)
    return result
  }

  private mutating func rewritten(
    _ schema: JSON, _ path: JSONPointerPath, _ outer: Scope, depth: Int
  ) throws(SchemaError) -> JSON {
    guard case .object(var members) = schema, depth < SchemaLinker.maximumDepth else { return schema }
    let scope = entered(members, path, outer)
    if case .string(let text)? = members["$ref"] {
      members["$ref"] = .string(try pointer(text, path.appending("$ref"), scope))
    }
    // An `$id` inside would be one of another resource, and its base has been applied.
    if depth > 0 || scope.document > 0 {
      members["$id"] = nil
      members["$anchor"] = nil
    }
    return .object(
      try SchemaWalk.map(members) { (part, json) throws(SchemaError) in
        try rewritten(json, path.appending(part), scope, depth: depth + 1)
      })
  }

  /// The reference as a pointer in the linked schema.
  private mutating func pointer(_ text: String, _ path: JSONPointerPath, _ scope: Scope) throws(SchemaError) -> String {
    let reference = URIReference(text)
    let resource = try self.resource(reference.resource, text, path, scope)
    var target = resource.path
    if let names = reference.pointer {
      var value: JSON? = documents[resource.document].json[target]
      for name in names {
        if case .array? = value, let index = Int(name) {
          value = value?[index]
          target = target.appending(index)
        } else {
          value = value?[name]
          target = target.appending(name)
        }
      }
    } else if let anchor = reference.fragment {
      let place = Place(document: resource.document, path: resource.path, anchor: anchor)
      guard let found = anchors[place] else {
        throw error(path, scope, "`\(text)` leads nowhere: there is no `$anchor` of this name")
      }
      target = found
    }
    guard resource.document > 0 else { return URIReference.text(of: target) }
    let name = definitionName(of: resource.document)
    if !needed.contains(resource.document) { needed.append(resource.document) }
    if documents[resource.document].json[target] == nil {
      throw error(path, scope, "`\(text)` leads nowhere: `\(documents[resource.document].name)` has no such place")
    }
    return URIReference.text(of: JSONPointerPath([.key("$defs"), .key(name)]).appending(target))
  }

  private func resource(
    _ name: String, _ text: String, _ path: JSONPointerPath, _ scope: Scope
  ) throws(SchemaError) -> Resource {
    if name.isEmpty { return Resource(document: scope.document, path: scope.root) }
    if let found = identified[URIReference.resolve(name, at: scope.base)] { return found }
    let file = URIReference.resolve(name, at: documents[scope.document].name)
    if let index = documents.indices.first(where: { documents[$0].name == file && !file.isEmpty }) {
      return Resource(document: index, path: [])
    }
    let names = documents.dropFirst().map(\.name)
    let mend =
      nearestName(to: file, among: names).map { "did you mean `\($0)`?" }
      ?? (URIReference.hasScheme(name)
        ? "nothing is fetched; refer to a file by its relative path, or give its `$id`"
        : "give it under `schemas`, or load the definition from its file")
    throw error(path, scope, "`\(text)` leads to no schema that is loaded: \(mend)")
  }

  /// Errors in other documents are blamed on the schema as a whole and name the document.
  private func error(_ path: JSONPointerPath, _ scope: Scope, _ message: String) -> SchemaError {
    if scope.document == 0 { return SchemaError(path: base.appending(path), message: message) }
    return SchemaError(path: base, message: "in \(documents[scope.document].name) at \(path): \(message)")
  }

  private mutating func definitionName(of document: Int) -> String {
    if let known = definitionNames[document] { return known }
    let taken = documents[0].json["$defs"]?.objectValue ?? JSONObject()
    var name = documents[document].name
    while taken[name] != nil || definitionNames.values.contains(name) { name += "_" }
    definitionNames[document] = name
    return name
  }

  /// The files that a schema refers to and that no known `$id` stands for: their names from the folder of what is loaded, and where
  /// the references stand.
  static func fileReferences(
    of schema: JSON, named name: String, beside documents: SchemaDocuments
  ) -> [(name: String, path: JSONPointerPath)] {
    let linker = SchemaLinker(schema, name: name, documents: documents, base: [])
    var found: [(name: String, path: JSONPointerPath)] = []
    linker.collect(schema, [], Scope(document: 0, base: name, root: []), depth: 0, into: &found)
    return found
  }

  private func collect(
    _ schema: JSON, _ path: JSONPointerPath, _ outer: Scope, depth: Int,
    into found: inout [(name: String, path: JSONPointerPath)]
  ) {
    guard case .object(let members) = schema, depth < SchemaLinker.maximumDepth else { return }
    let scope = entered(members, path, outer)
    if let text = members["$ref"]?.stringValue {
      let resource = URIReference(text).resource
      let file = URIReference.resolve(resource, at: documents[scope.document].name)
      let isKnown = identified[URIReference.resolve(resource, at: scope.base)] != nil || file == documents[0].name
      if !resource.isEmpty, !URIReference.hasScheme(file), !isKnown { found.append((file, path.appending("$ref"))) }
    }
    var parts: [(JSONPointerPath, JSON)] = []
    SchemaWalk.visit(members) { parts.append((path.appending($0), $1)) }
    for (place, part) in parts { collect(part, place, scope, depth: depth + 1, into: &found) }
  }
}
