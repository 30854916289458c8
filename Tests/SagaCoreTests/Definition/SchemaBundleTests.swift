import SagaCore
import Testing

@Suite("Schemas shared by messages") struct SchemaBundleTests {
  static let files = SchemaReader { path throws(SchemaReader.Fault) in
    guard path == "money.schema.json" else { throw SchemaReader.Fault(reason: "there is no file \(path)") }
    return Array(##"{ "$defs": { "cents": { "type": "integer", "minimum": 1 } } }"##.utf8)
  }

  private static func definition(_ schemas: String = "", reference: String = "money.schema.json#/$defs/cents") -> String
  {
    """
    {
      "saga": "pay", "version": 1,
      "messages": { "Wanted": { "key": "event.data.id", "schema": { "type": "object", "required": ["id"],
        "properties": { "id": { "type": "string" }, "cents": { "$ref": "\(reference)" } } } } },
      \(schemas)
      "start": { "Wanted": {} },
      "steps": [ { "set": {} } ]
    }

    """
  }

  private static func load(_ text: String, _ schemas: SchemaReader = files) -> LoadedDefinition {
    LoadedDefinition.load(source: Array(text.utf8), file: "pay.json", schemas: schemas, runsChecks: false)
  }

  @Test(
    "a definition that refers to files becomes one that stands alone, with its own hash",
    arguments: ["", #""schemas": {},"#, #""schemas": { "odd } \" name": true },"#])
  func standsAlone(schemas: String) throws {
    let text = SchemaBundleTests.definition(schemas)
    let loaded = SchemaBundleTests.load(text)
    #expect(loaded.diagnostics == [])
    let machine = try #require(loaded.machines.first)
    #expect(machine.source != Array(text.utf8))
    // What a store holds is compiled without any file.
    let stored = LoadedDefinition.load(source: machine.source, file: "stored", runsChecks: false)
    #expect(stored.diagnostics == [])
    #expect(stored.machines.first?.sourceHash == machine.sourceHash)
    let event = CloudEvent(id: "1", source: "/s", type: "Wanted", data: ["id": "a", "cents": 0])
    #expect(throws: MessageFault.self) { try #require(stored.machines.first).normalise(event) }
  }

  @Test(
    "what a store holds may be larger and deeper than a file, as its schema files may be", arguments: [true, false])
  func wide(isLarge: Bool) throws {
    let filler =
      isLarge
      ? #""description": "\#(String(repeating: "x", count: 1_048_400))""#
      : #""examples": \#(String(repeating: "[", count: 200) + String(repeating: "]", count: 200))"#
    let files = SchemaReader { _ throws(SchemaReader.Fault) in
      Array(##"{ \##(filler), "$defs": { "cents": { "type": "integer", "minimum": 1 } } }"##.utf8)
    }
    let loaded = SchemaBundleTests.load(SchemaBundleTests.definition(), files)
    #expect(loaded.diagnostics == [])
    let machine = try #require(loaded.machines.first)
    // As a file it would be too much.
    let file = DefinitionDecoder.decode(source: machine.source, file: "file")
    #expect(file.diagnostics.map(\.code) == ["limit.exceeded"])
    let stored = LoadedDefinition.load(source: machine.source, file: "stored", runsChecks: false)
    #expect(stored.diagnostics == [])
    #expect(stored.machines.first?.sourceHash == machine.sourceHash)
    #expect(loaded.definition?.recompiled().diagnostics == [])
  }

  @Test("the files of all schemas of a definition have one limit together") func together() {
    let files = SchemaReader { _ throws(SchemaReader.Fault) in
      Array(#"{ "description": "\#(String(repeating: "x", count: 600_000))" }"#.utf8)
    }
    let text = SchemaBundleTests.definition(reference: "one.json").replacing(
      "\"messages\": {", with: "\"data\": { \"properties\": { \"a\": { \"$ref\": \"other.json\" } } }, \"messages\": {")
    let loaded = SchemaBundleTests.load(text, files)
    #expect(loaded.diagnostics.map(\.code) == ["schema.invalid"])
    #expect(loaded.diagnostics.first?.message.contains("bytes") == true)
  }

  @Test("a definition that refers to no file is stored byte for byte") func untouched() throws {
    let text = SchemaBundleTests.definition(
      #""schemas": { "money": { "$defs": { "cents": { "type": "integer" } } } },"#, reference: "money#/$defs/cents")
    let loaded = SchemaBundleTests.load(text, .none)
    #expect(loaded.diagnostics == [])
    #expect(loaded.machines.first?.source == Array(text.utf8))
  }

  @Test("what is wrong is said where it stands: at the reference, in `schemas`, in the file")
  func faults() {
    let missing = SchemaBundleTests.load(SchemaBundleTests.definition(reference: "mony.schema.json"))
    #expect(missing.diagnostics.map(\.code) == ["schema.invalid"])
    #expect(missing.diagnostics.first?.position.line == 4)
    let own = SchemaBundleTests.load(
      SchemaBundleTests.definition(#""schemas": { "money": { "typ": 1 } },"#, reference: "money"))
    #expect(own.diagnostics.first?.position.line == 5)
    let bad = SchemaReader { _ throws(SchemaReader.Fault) in Array("{\n  \"type\": \"int\" }".utf8) }
    let inFile = SchemaBundleTests.load(SchemaBundleTests.definition(), bad)
    #expect(inFile.diagnostics.first?.message.contains("money.schema.json at /type") == true)
  }
}
