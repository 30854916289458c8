import SagaCore
import SagaRuntime
import Testing

@Suite("Definitions that a store holds")
struct StoredDefinitionTests {
  @Test("are compiled with the schema files in them, which may make them larger than a file")
  func large() throws {
    let text = """
      { "saga": "pay", "version": 1,
        "messages": { "Wanted": { "key": "event.data.id", "schema": { "type": "object", "required": ["id"],
          "properties": { "id": { "type": "string" }, "cents": { "$ref": "money.schema.json" } } } } },
        "start": { "Wanted": {} }, "steps": [ { "set": {} } ] }
      """
    let files = SchemaReader { _ throws(SchemaReader.Fault) in
      Array(#"{ "type": "integer", "description": "\#(String(repeating: "x", count: 1_048_400))" }"#.utf8)
    }
    let loaded = LoadedDefinition.load(source: Array(text.utf8), file: "pay.json", schemas: files, runsChecks: false)
    let machine = try #require(loaded.machines.first, "\(loaded.diagnostics)")
    #expect(machine.source.count > DefinitionLimits.maximumFileBytes)
    #expect(try SagaDefinitions.compileStored(machine.source, role: "").sourceHash == machine.sourceHash)
  }
}
