import SagaCore
import Testing

@Suite("Schema references") struct SchemaReferenceTests {
  private static func schema(_ json: String, _ documents: [(String, String)] = [], name: String = "") throws -> Schema {
    var all = SchemaDocuments()
    for (name, text) in documents { all.add(name, try JSON.parse(text)) }
    return try Schema(json: JSON.parse(json), name: name, documents: all)
  }

  @Test(
    "a reference leads to a pointer, an anchor, an $id, a document, or a part of one",
    arguments: [
      (##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}"##, [(String, String)]()),
      (##"{"$ref":"#whole","$defs":{"n":{"$anchor":"whole","type":"integer"}}}"##, []),
      (##"{"$ref":"urn:whole","$defs":{"n":{"$id":"urn:whole","type":"integer"}}}"##, []),
      (
        ##"{"$id":"https://example.com/a/b.json","$ref":"n.json","$defs":{"n":{"$id":"n.json","type":"integer"}}}"##, []
      ),
      (
        ##"{"$ref":"n.json#inner","$defs":{"n":{"$id":"n.json","$defs":{"i":{"$anchor":"inner","type":"integer"}}}}}"##,
        []
      ),
      (##"{"$ref":"n.json#/$defs/i","$defs":{"x":{"$id":"n.json","$defs":{"i":{"type":"integer"}}}}}"##, []),
      (##"{"$ref":"number"}"##, [("number", ##"{"type":"integer"}"##)]),
      (
        ##"{"$ref":"number#/$defs/whole%20number"}"##, [("number", ##"{"$defs":{"whole number":{"type":"integer"}}}"##)]
      ),
      (##"{"$ref":"number#whole"}"##, [("number", ##"{"$defs":{"n":{"$anchor":"whole","type":"integer"}}}"##)]),
      (
        ##"{"$ref":"types/a.json"}"##,
        [("types/a.json", ##"{"$ref":"../b.json#/$defs/n"}"##), ("b.json", ##"{"$defs":{"n":{"type":"integer"}}}"##)]
      ),
      (
        ##"{"$ref":"a.json"}"##,
        [
          ("a.json", ##"{"$id":"https://example.com/a.json","$ref":"b.json"}"##),
          ("b.json", ##"{"$id":"https://example.com/b.json","type":"integer"}"##),
        ]
      ),
      (##"{"$ref":"a.json"}"##, [("a.json", ##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}"##)]),
      (##"{"$ref":"a~b/c%d.json"}"##, [("a~b/c%d.json", ##"{"type":"integer"}"##)]),
    ])
  func leads(text: String, documents: [(String, String)]) throws {
    let schema = try SchemaReferenceTests.schema(text, documents)
    #expect(schema.isValid(1))
    #expect(schema.isValid("1") == false)
    // What it was turned into stands alone.
    let alone = try Schema(json: schema.json)
    #expect(alone.isValid(1))
    #expect(alone.isValid("1") == false)
  }

  @Test("documents may refer to one another, and to themselves, in a circle that goes into the value") func circle()
    throws
  {
    let schema = try SchemaReferenceTests.schema(
      ##"{"$ref":"node.json"}"##,
      [
        ("node.json", ##"{"type":"object","properties":{"value":{"type":"integer"},"next":{"$ref":"list.json"}}}"##),
        ("list.json", ##"{"type":"array","items":{"$ref":"node.json"}}"##),
      ])
    #expect(schema.isValid(["value": 1, "next": [["value": 2, "next": []]]]))
    #expect(schema.isValid(["next": [["next": [["value": "x"]]]]]) == false)
  }

  @Test(
    "a reference to what is not there is refused, with the place and the mend",
    arguments: [
      (##"{"properties":{"a":{"$ref":"moeny"}}}"##, "/properties/a/$ref", "did you mean `money`?"),
      (##"{"$ref":"money#/$defs/cents"}"##, "/$ref", "`money` has no such place"),
      (##"{"$ref":"money#cents"}"##, "/$ref", "no `$anchor`"),
      (##"{"$ref":"https://example.com/x.json"}"##, "/$ref", "nothing is fetched"),
      (##"{"$ref":"loop.json"}"##, "/$defs/loop.json", "refers back"),
    ])
  func missing(text: String, pointer: String, part: String) throws {
    let error = #expect(throws: SchemaError.self) {
      try SchemaReferenceTests.schema(
        text, [("money", ##"{"type":"integer"}"##), ("loop.json", ##"{"$ref":"loop.json"}"##)])
    }
    #expect(error?.pointer == pointer)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  @Test("files are read from beside the definition, and what they refer to in turn") func files() throws {
    let files = ["shared/money.json": ##"{"$ref":"cents.json"}"##, "shared/cents.json": ##"{"type":"integer"}"##]
    let reader = SchemaReader { path throws(SchemaReader.Fault) in
      guard let text = files[path] else { throw SchemaReader.Fault(reason: "there is no file \(path)") }
      return Array(text.utf8)
    }
    var documents = SchemaDocuments()
    try documents.gather(from: [("", ["properties": ["a": ["$ref": "shared/money.json"]]])], by: reader)
    #expect(documents.names == ["shared/money.json", "shared/cents.json"])
    let error = #expect(throws: SchemaError.self) {
      try documents.gather(from: [("", ["items": ["$ref": "other.json"]])], by: reader)
    }
    #expect(error?.pointer == "/items/$ref")
    #expect(error?.message == "the schema `other.json` cannot be read: there is no file other.json")
  }

  @Test("the bytes of files count together for all schemas that lead to them") func together() throws {
    let reader = SchemaReader { _ throws(SchemaReader.Fault) in
      Array(#"{"description":"\#(String(repeating: "x", count: 600_000))"}"#.utf8)
    }
    var documents = SchemaDocuments()
    try documents.gather(from: [("", ["$ref": "one.json"])], by: reader)
    let error = #expect(throws: SchemaError.self) {
      try documents.gather(from: [("", ["$ref": "other.json"])], by: reader)
    }
    #expect(error?.pointer == "/$ref")
    #expect(error?.message == "the schemas that are referred to have more than \(SchemaDocuments.maximumBytes) bytes")
    #expect(documents.names == ["one.json"])
  }

  @Test("dependent keywords say what the presence of a property asks for") func dependencies() throws {
    let schema = try SchemaReferenceTests.schema(
      ##"{"dependentRequired":{"card":["name"]},"dependentSchemas":{"card":{"properties":{"n":{"type":"integer"}}}}}"##)
    #expect(schema.isValid(["n": "x"]))
    #expect(schema.isValid(["card": 1, "name": 2, "n": 3]))
    #expect(schema.validate(["card": 1]).map(\.keyword) == ["dependentRequired"])
    #expect(schema.validate(["card": 1, "name": 2, "n": "x"]).map(\.pointer) == ["/n"])
    #expect(schema.normalise(["card": 1, "n": 3.0]) == ["card": 1.0, "n": 3])
  }
}
