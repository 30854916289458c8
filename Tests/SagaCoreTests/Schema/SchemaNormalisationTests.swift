import SagaCore
import Testing

@Suite("Schema normalisation and defaults") struct SchemaNormalisationTests {
  @Test(
    "numbers take the form the schema gives them",
    arguments: [
      ("{}", "1", "1.0"), (##"{"type":"integer"}"##, "4999.0", "4999"), (##"{"type":"integer"}"##, "7", "7"),
      (##"{"type":"number"}"##, "7", "7.0"), (##"{"type":["integer","null"]}"##, "7.0", "7"),
      (##"{"type":["integer","number"]}"##, "7", "7.0"), (##"{"type":"integer"}"##, "1.5", "1.5"),
      (##"{"enum":[1,2]}"##, "1", "1.0"), (##"{"type":"integer"}"##, "9007199254740993", "9007199254740993"),
      ("{}", "9007199254740991", "9007199254740991.0"), ("{}", "-9007199254740992", "-9007199254740992"),
      ("{}", ##"{"a":[9007199254740993]}"##, ##"{"a":[9007199254740993]}"##),
      (##"{"type":"number"}"##, "9007199254740993", "9007199254740992.0"),
      (##"{"anyOf":[{"type":"string"},{"type":"number"}]}"##, "9007199254740993", "9007199254740992.0"),
      (##"{"anyOf":[{"minimum":1},{"type":"string"}]}"##, "9007199254740993", "9007199254740993"),
      (
        ##"{"properties":{"a":{"type":"integer"}}}"##, ##"{"a":1.0,"b":2,"c":{"d":[3]}}"##,
        ##"{"a":1,"b":2.0,"c":{"d":[3.0]}}"##
      ),
      (##"{"additionalProperties":{"type":"integer"}}"##, ##"{"x":1.0}"##, ##"{"x":1}"##),
      (##"{"prefixItems":[{"type":"number"}],"items":{"type":"integer"}}"##, "[1,2,3.0]", "[1.0,2,3]"),
      (##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer"}}}"##, "5.0", "5"),
      (##"{"allOf":[{"minimum":0},{"type":"integer"}]}"##, "5.0", "5"),
      (##"{"anyOf":[{"type":"string"},{"type":"integer"}]}"##, "5", "5"),
      (
        ##"{"oneOf":[{"properties":{"k":{"const":"i"},"v":{"type":"integer"}}},{"properties":{"k":{"const":"d"}}}]}"##,
        ##"{"k":"i","v":1}"##, ##"{"k":"i","v":1}"##
      ),
      (
        ##"{"if":{"properties":{"k":{"const":"i"}}},"then":{"properties":{"v":{"type":"integer"}}}}"##,
        ##"{"k":"d","v":1}"##, ##"{"k":"d","v":1.0}"##
      ),
      (
        ##"{"properties":{"v":{"type":"integer"},"next":{"$ref":"#"}}}"##, ##"{"next":{"next":{"v":1.0,"w":1}}}"##,
        ##"{"next":{"next":{"v":1,"w":1.0}}}"##
      ),
    ])
  func numbers(schema: String, text: String, expected: String) throws {
    let schema = try Schema(json: JSON.parse(schema))
    let normalised = schema.normalise(try JSON.parse(text))
    #expect(normalised == (try JSON.parse(expected)))
    #expect(schema.normalise(normalised) == normalised)
  }

  @Test("normalising keeps the order of members") func order() throws {
    let schema = try Schema(json: ["properties": ["b": ["type": "integer"]]])
    #expect(schema.normalise(["z": 1, "b": 2.0, "a": 3]).objectValue?.keys == ["z", "b", "a"])
  }

  @Test(
    "defaults are nested and in the order of the schema",
    arguments: [
      ("{}", "{}"), ("true", "{}"), (##"{"properties":{"a":{"type":"string"}}}"##, "{}"),
      (##"{"properties":{"b":{"type":"integer","default":0.0},"a":{"default":null}}}"##, ##"{"b":0,"a":null}"##),
      (
        ##"{"properties":{"o":{"properties":{"x":{"default":[]},"y":{}}},"p":{"properties":{"q":{}}}}}"##,
        ##"{"o":{"x":[]}}"##
      ),
      (
        ##"{"properties":{"o":{"default":{"x":1},"properties":{"x":{"default":2},"y":{"default":3}}}}}"##,
        ##"{"o":{"x":1,"y":3}}"##
      ),
      (##"{"default":{"a":1},"properties":{"b":{"default":2}}}"##, ##"{"a":1,"b":2}"##),
      (
        ##"{"allOf":[{"properties":{"a":{"default":1}}}],"properties":{"b":{"$ref":"#/$defs/t"}},"$defs":{"t":{"default":"x"}}}"##,
        ##"{"b":"x","a":1}"##
      ),
      (##"{"properties":{"v":{"default":1},"next":{"$ref":"#"}}}"##, ##"{"v":1,"next":{"v":1}}"##),
    ])
  func defaults(schema: String, expected: String) throws {
    let defaults = try Schema(json: JSON.parse(schema)).defaults()
    #expect(defaults.description == expected)
  }

  @Test("an integer default is an integer, another number a double") func defaultNumbers() throws {
    let schema = try Schema(
      json: ["properties": ["cents": ["type": "integer", "default": 0.0], "rate": ["type": "number", "default": 1]]])
    #expect(schema.defaults() == ["cents": .int(0), "rate": .double(1)])
  }
}
