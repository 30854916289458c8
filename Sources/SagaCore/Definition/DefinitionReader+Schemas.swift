/// Schemas, and the documents that they refer to.
extension DefinitionReader {
  /// A JSON Schema.
  mutating func schema(_ node: SourceNode) -> Schema? {
    guard let documents else { return nil }
    do throws(SchemaError) {
      return try Schema(json: node.json, documents: documents)
    } catch {
      report(.schemaInvalid, node.nearestPosition(of: error.path), capitalised(error.message) + ".")
      return nil
    }
  }

  /// `schemas`, and the files that the definition's schemas refer to, which become part of its source: what a store holds must
  /// stand alone.
  mutating func readDocuments(_ fields: SourceFields, into definition: inout Definition) {
    var documents = SchemaDocuments()
    let declared = fields["schemas"].flatMap { members($0.value, what: "`schemas`") } ?? []
    for member in declared.prefix(SchemaDocuments.maximumCount) { documents.add(member.name, member.value.json) }
    if let schemas = fields["schemas"] {
      checkCount(
        declared.count, SchemaDocuments.maximumCount, named: "SchemaDocuments.maximumCount", what: "schemas",
        schemas.position)
    }
    let own = documents.names.count
    var isSound = true
    for (name, node) in declared.map({ ($0.name, $0.value) }) + messageSchemas(fields).map({ ("", $0) }) {
      do throws(SchemaError) {
        try documents.gather(from: [(name, node.json)], by: schemas)
      } catch {
        isSound = false
        report(.schemaInvalid, node.nearestPosition(of: error.path), capitalised(error.message) + ".")
      }
    }
    isSound = isSound && check(documents, declared: declared, position: fields.position)
    self.documents = isSound ? documents : nil
    if documents.names.count > own {
      definition.source = DefinitionBundle.source(
        definition.source, adding: documents.entries.dropFirst(own), inside: fields["schemas"]?.value.position)
    }
  }

  /// Every document must be a schema by itself, even where a message uses a part of it.
  private mutating func check(
    _ documents: SchemaDocuments, declared: [SourceMember], position: SourcePosition
  ) -> Bool {
    var isSound = true
    for entry in documents.entries {
      do throws(SchemaError) {
        _ = try Schema(json: entry.json, name: entry.name, documents: documents)
      } catch {
        isSound = false
        let node = declared.first { $0.name == entry.name }?.value
        let text = node == nil ? "\(entry.name) at \(error.path): \(error.message)" : capitalised(error.message)
        report(.schemaInvalid, node?.nearestPosition(of: error.path) ?? position, text + ".")
      }
    }
    return isSound
  }

  private func messageSchemas(_ fields: SourceFields) -> [SourceNode] {
    var found: [SourceNode] = []
    for message in fields["messages"]?.value.members ?? [] {
      for field in message.value.members {
        switch field.name {
        case "schema": found.append(field.value)
        case "accepts":
          for version in field.value.elements { found += version.members.filter { $0.name == "schema" }.map(\.value) }
        default: break
        }
      }
    }
    if let data = fields["data"] { found.append(data.value) }
    return found
  }
}
