import CEL
import SagaCore
import Testing

@Suite("Types of schemas in expressions") struct SchemaTypesTests {
  @Test(
    "each schema has the type that its valid values have",
    arguments: [
      ("{}", "dyn"), ("true", "dyn"), (##"{"type":"integer"}"##, "int"), (##"{"type":"number"}"##, "double"),
      (##"{"type":["integer","number"]}"##, "double"), (##"{"type":"string"}"##, "string"),
      (##"{"type":"boolean"}"##, "bool"),
      (##"{"type":"null"}"##, "null_type"), (##"{"type":["string","null"]}"##, "nullable(string)"),
      (##"{"type":["string","integer"]}"##, "dyn"), (##"{"type":"array"}"##, "list(dyn)"),
      (##"{"type":"array","items":{"type":"integer"}}"##, "list(int)"),
      (##"{"type":"array","prefixItems":[{"type":"integer"}]}"##, "list(dyn)"), (##"{"type":"object"}"##, "object"),
      (##"{"type":"object","additionalProperties":{"type":"integer"}}"##, "map(string, int)"),
      (##"{"type":"object","title":"Order"}"##, "Order"), (##"{"enum":["a","b"]}"##, "string"),
      (##"{"enum":["a",1]}"##, "dyn"),
      (##"{"const":true}"##, "bool"), (##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}"##, "int"),
      (##"{"anyOf":[{"type":"integer"},{"type":"string"}]}"##, "dyn"),
      (##"{"allOf":[{"type":"integer"},{"minimum":1}]}"##, "int"),
    ])
  func types(schema: String, name: String) throws {
    #expect(try Schema(json: JSON.parse(schema)).celType.description == name)
  }

  @Test("an object has its properties as fields and is closed only if it says so") func objects() throws {
    let schema = try Schema(
      json: [
        "type": "object", "additionalProperties": false,
        "properties": [
          "id": ["type": "string"], "total": ["type": ["integer", "null"]],
          "lines": ["type": "array", "items": ["type": "object", "properties": ["sku": ["type": "string"]]]],
        ],
      ])
    let line = CELType.object(CELObjectType(name: "object.lines[]", fields: [("sku", .string)], isOpen: true))
    let fields: [(name: String, type: CELType)] = [("id", .string), ("total", .nullable(.int)), ("lines", .list(line))]
    #expect(schema.celType == .object(CELObjectType(name: "object", fields: fields, isOpen: false)))
  }

  @Test("a schema that contains itself is typed down to where it repeats") func recursion() throws {
    let schema = try Schema(json: ["type": "object", "properties": ["next": ["$ref": "#"], "v": ["type": "integer"]]])
    guard case .object(let object) = schema.celType else { throw RecursionIsNoObject() }
    #expect(object.type(ofField: "v") == .int)
    #expect(object.type(ofField: "next")?.description == "object.next")
  }

  private struct RecursionIsNoObject: Error {}

  @Test("defaults, normalised messages and the checker agree") func agreement() throws {
    let schema = try Schema(
      json: [
        "type": "object", "properties": ["cents": ["type": "integer", "default": 0], "rate": ["type": "number"]],
      ])
    let environment = CELEnvironment(variables: [(name: "data", type: schema.celType)])
    let program = try environment.compile("double(data.cents + 1) * data.rate", expecting: .double)
    let data = schema.normalise(["cents": 4999.0, "rate": 2])
    #expect(try program.evaluate(CELValues([CELValue(data)])).typeName == "double")
    #expect(throws: CELError.self) { try environment.compile("data.cents + data.rate") }
  }
}
