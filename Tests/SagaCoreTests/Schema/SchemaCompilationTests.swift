import SagaCore
import Testing

@Suite("Schema compilation") struct SchemaCompilationTests {
  @Test(
    "a schema that cannot mean what it says is refused, with the place and the mend",
    arguments: [
      ("3", "", "not 3"), (##"{"propertis":{}}"##, "/propertis", "did you mean `properties`?"),
      (##"{"properties":{"a":{"minimun":1}}}"##, "/properties/a/minimun", "did you mean `minimum`?"),
      (##"{"zzzzzz":1}"##, "/zzzzzz", "unknown keyword"), (##"{"definitions":{}}"##, "/definitions", "`$defs`"),
      (##"{"nullable":true}"##, "/nullable", "null"), (##"{"type":"int"}"##, "/type", "no type"),
      (##"{"type":"interger"}"##, "/type", "did you mean \"integer\"?"), (##"{"type":[]}"##, "/type", "at least one"),
      (##"{"type":3}"##, "/type", "no type"), (##"{"enum":[]}"##, "/enum", "at least one"),
      (##"{"enum":1}"##, "/enum", "list"),
      (##"{"minimum":"1"}"##, "/minimum", "is a number"), (##"{"multipleOf":0}"##, "/multipleOf", "greater than 0"),
      (##"{"minLength":-1}"##, "/minLength", "from 0"), (##"{"minItems":1.5}"##, "/minItems", "integer"),
      (##"{"uniqueItems":1}"##, "/uniqueItems", "true or false"), (##"{"required":"a"}"##, "/required", "list"),
      (##"{"required":[1]}"##, "/required", "list"), (##"{"properties":[]}"##, "/properties", "object"),
      (##"{"properties":{"a":1}}"##, "/properties/a", "a schema is"), (##"{"items":[{}]}"##, "/items", "prefixItems"),
      (##"{"allOf":[]}"##, "/allOf", "at least one"), (##"{"anyOf":{}}"##, "/anyOf", "list"),
      (##"{"anyOf":[{},{"typ":1}]}"##, "/anyOf/1/typ", "`type`"),
      (##"{"$defs":{"x":{"a":1}}}"##, "/$defs/x/a", "unknown keyword"),
      (##"{"$ref":"#/$defs/Adress","$defs":{"Address":{}}}"##, "/$ref", "did you mean `Address`?"),
      (##"{"$ref":"other.json"}"##, "/$ref", "no schema that is loaded"),
      (##"{"$ref":7}"##, "/$ref", "a reference like"),
      (##"{"pattern":"("}"##, "/pattern", "regular expression"),
      (##"{"pattern":"(?=a)"}"##, "/pattern", "regular expression"),
      (##"{"pattern":1}"##, "/pattern", "is a string"), (##"{"$ref":"#"}"##, "", "refers back"),
      (##"{"not":{"$ref":"#"}}"##, "", "refers back"),
      (
        ##"{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"}]}}}"##, "/$defs/a", "refers back"
      ),
      (##"{"properties":{"n":{"type":"integer","default":"0"}}}"##, "/properties/n/default", "must be an integer"),
      (
        ##"{"properties":{"o":{"properties":{"a":{"type":"string"}},"default":{"a":1}}}}"##, "/properties/o/default",
        "at /a"
      ),
    ])
  func refused(text: String, pointer: String, part: String) throws {
    let error = #expect(throws: SchemaError.self) { try Schema(json: JSON.parse(text), path: ["messages", "T"]) }
    #expect(error?.pointer == "/messages/T" + pointer)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
  }

  @Test("a schema may contain itself inside its parts") func recursion() throws {
    _ = try Schema(json: ["properties": ["a": ["$ref": "#"]], "items": ["anyOf": [["$ref": "#"], ["type": "null"]]]])
  }

  @Test("a default may leave out what is required: it can be set later") func incompleteDefault() throws {
    _ = try Schema(json: ["properties": ["o": ["type": "object", "required": ["a"], "default": [:]]]])
  }

  @Test("schemas are equal when their texts are equivalent in structure") func equality() throws {
    #expect(try Schema(json: ["type": "string", "title": "x"]) == Schema(json: ["title": "x", "type": "string"]))
    #expect(Schema.anything.isValid(nil))
  }

  @Test("deep schemas are refused") func deep() {
    var json: JSON = [:]
    for _ in 0..<300 { json = ["items": json] }
    #expect(throws: SchemaError.self) { try Schema(json: json) }
  }
}
