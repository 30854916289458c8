extension DefinitionReader {
  /// A JSON Schema.
  mutating func schema(_ node: SourceNode) -> Schema? {
    do throws(SchemaError) {
      return try Schema(json: node.json)
    } catch {
      report(.schemaInvalid, node.nearestPosition(of: error.path), capitalised(error.message) + ".")
      return nil
    }
  }
}
