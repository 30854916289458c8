import SagaCore
import Testing

@Suite("Schema validation") struct SchemaValidationTests {
  @Test(
    "each keyword accepts and refuses what draft 2020-12 says",
    arguments: [
      ("true", ["1", "null"], []), ("{}", ["1", "[]"], []), ("false", [], ["1", "null"]),
      (##"{"type":"integer"}"##, ["1", "-3", "4999.0", "1e3", "-0"], ["1.5", "\"1\"", "null", "1e300", "[]"]),
      (##"{"type":"number"}"##, ["1", "1.5"], ["\"1\"", "true"]), (##"{"type":"string"}"##, ["\"\""], ["1"]),
      (##"{"type":["string","null"]}"##, ["null", "\"x\""], ["1", "[]"]), (##"{"type":"boolean"}"##, ["true"], ["0"]),
      (##"{"type":"array"}"##, ["[]"], ["{}"]), (##"{"type":"object"}"##, ["{}"], ["[]"]),
      (##"{"type":"null"}"##, ["null"], ["0"]),
      (##"{"enum":[1,"a",[2],null]}"##, ["1.0", "\"a\"", "[2]", "null"], ["2", "\"b\"", "[]", "true"]),
      (##"{"const":{"a":1,"b":2}}"##, [##"{"b":2.0,"a":1}"##], [##"{"a":1}"##, "null"]),
      (##"{"const":null}"##, ["null"], ["0"]),
      (##"{"minimum":2}"##, ["2", "2.5", "\"x\""], ["1.9"]), (##"{"maximum":2}"##, ["2", "2.0"], ["2.1", "3"]),
      (##"{"exclusiveMinimum":2}"##, ["2.1"], ["2", "1"]), (##"{"exclusiveMaximum":2.5}"##, ["2"], ["2.5", "3"]),
      (##"{"maximum":9007199254740992}"##, ["9007199254740992"], ["9007199254740993"]),
      (##"{"multipleOf":2}"##, ["4", "4.0", "0", "-2"], ["3", "4.5"]), (##"{"multipleOf":1.5}"##, ["4.5", "3"], ["4"]),
      (##"{"multipleOf":0.01}"##, ["19.99", "0.07", "1", "4.35", "1e20"], ["19.995", "0.001"]),
      (##"{"multipleOf":0.123456789}"##, [], ["1e308"]), (##"{"multipleOf":1e-8}"##, ["12391239123"], []),
      (##"{"pattern":"^a+$"}"##, ["\"aaa\"", "1"], ["\"ab\"", "\"\""]),
      (##"{"pattern":"b\\d"}"##, ["\"ab1c\""], ["\"b\""]),
      (
        ##"{"patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false}"##,
        [##"{"x1":1,"x2":2}"##], [##"{"x1":"1"}"##, ##"{"y":1}"##]
      ),
      (##"{"minLength":2}"##, ["\"ab\"", "\"日本\"", "1"], ["\"a\"", "\"😀\""]),
      (##"{"maxLength":1}"##, ["\"😀\""], ["\"ab\""]),
      (##"{"minItems":1,"maxItems":2}"##, ["[1]", "[1,2]", "{}"], ["[]", "[1,2,3]"]),
      (
        ##"{"uniqueItems":true}"##, ["[1,2,\"1\",[1],null]", "[]"],
        ["[1,1.0]", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]"]
      ),
      (##"{"items":{"type":"integer"}}"##, ["[]", "[1,2]", "{}"], ["[1,\"x\"]"]),
      (##"{"prefixItems":[{"type":"string"}],"items":false}"##, ["[]", "[\"a\"]"], ["[1]", "[\"a\",1]"]),
      (##"{"contains":{"const":1}}"##, ["[2,1]", "{}"], ["[]", "[2]"]),
      (##"{"contains":{"const":1},"minContains":2,"maxContains":3}"##, ["[1,1]", "[1,1,1,0]"], ["[1]", "[1,1,1,1]"]),
      (##"{"contains":{"const":1},"minContains":0}"##, ["[]"], []),
      (##"{"minProperties":1,"maxProperties":2}"##, [##"{"a":1}"##], ["{}", ##"{"a":1,"b":2,"c":3}"##]),
      (##"{"required":["a","b"]}"##, [##"{"a":null,"b":1,"c":2}"##, "1"], [##"{"a":1}"##, "{}"]),
      (##"{"properties":{"a":{"type":"string"}}}"##, ["{}", ##"{"a":"x"}"##, ##"{"b":1}"##], [##"{"a":1}"##]),
      (##"{"properties":{"a":true},"additionalProperties":false}"##, [##"{"a":1}"##], [##"{"a":1,"b":2}"##]),
      (##"{"additionalProperties":{"type":"integer"}}"##, [##"{"x":1}"##], [##"{"x":"1"}"##]),
      (##"{"propertyNames":{"maxLength":2}}"##, [##"{"ab":1}"##], [##"{"abc":1}"##]),
      (##"{"allOf":[{"minimum":1},{"maximum":3}]}"##, ["2"], ["0", "4"]),
      (##"{"anyOf":[{"type":"string"},{"minimum":3,"type":"number"}]}"##, ["\"x\"", "3"], ["2", "null"]),
      (##"{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}"##, ["2", "3"], ["6", "5"]),
      (##"{"not":{"type":"null"}}"##, ["1"], ["null"]),
      (##"{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"maximum":5}}"##, ["20", "5"], ["11", "7"]),
      (##"{"then":false}"##, ["1"], []),
      (##"{"$ref":"#/$defs/a~1b%20c","$defs":{"a/b c":{"type":"string"}}}"##, ["\"x\""], ["1"]),
      (
        ##"{"$ref":"#/properties/x/prefixItems/0","properties":{"x":{"prefixItems":[{"type":"null"}]}}}"##, ["null"],
        ["1"]
      ),
      (
        ##"{"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}},"additionalProperties":false}"##,
        [##"{"v":1,"next":{"v":2,"next":{}}}"##], [##"{"next":{"next":{"v":"x"}}}"##, ##"{"next":{"w":1}}"##]
      ),
      (
        ##"{"title":"t","description":"d","format":"email","examples":[1],"$schema":"s","$id":"i","$comment":"c","x-own":1}"##,
        ["1"], []
      ),
    ] as [(String, [String], [String])])
  func keywords(schema: String, valid: [String], invalid: [String]) throws {
    let schema = try Schema(json: JSON.parse(schema))
    for text in valid {
      let violations = schema.validate(try JSON.parse(text))
      #expect(violations.isEmpty, "\(text): \(violations)")
      #expect(schema.isValid(try JSON.parse(text)))
    }
    for text in invalid {
      #expect(!schema.validate(try JSON.parse(text)).isEmpty, "\(text) should be refused")
      #expect(!schema.isValid(try JSON.parse(text)))
    }
  }

  @Test("violations name the place, the keyword, what is and what must be") func violations() throws {
    let schema = try Schema(
      json: [
        "type": "object", "required": ["orderId", "items"], "additionalProperties": false,
        "properties": [
          "orderId": ["type": "string", "minLength": 1],
          "items": ["type": "array", "items": ["type": "object", "properties": ["a/b": ["type": "integer"]]]],
          "amount": ["type": "integer", "minimum": 1],
        ],
      ])
    let value: JSON = ["items": [["a/b": 1], ["a/b": "x"]], "amount": 0.5, "itmes": []]
    #expect(
      schema.validate(value).map { "\($0.keyword) \($0.description)" } == [
        "required the property \"orderId\" is missing",
        "type /items/1/a~1b: must be an integer, is the string \"x\"",
        "type /amount: must be an integer, is 0.5",
        "minimum /amount: must be at least 1, is 0.5",
        "additionalProperties /itmes: the property \"itmes\" is not in the schema, which allows no others; did you mean \"items\"?",
      ])
  }

  @Test("the number of violations is bounded") func bounded() throws {
    let schema = try Schema(json: ["items": ["type": "string"]])
    #expect(schema.validate(.array(Array(repeating: 1, count: 10_000))).count == Schema.maximumViolations)
  }

  @Test("a schema that takes exponential time ends with a violation, also under not", arguments: [false, true])
  func exponential(negated: Bool) throws {
    let recursive: JSON = [
      "properties": ["a": ["allOf": [["$ref": "#/$defs/r"], ["$ref": "#/$defs/r"], ["$ref": "#/$defs/r"]]]]
    ]
    let head: JSON = negated ? ["not": ["not": ["$ref": "#/$defs/r"]]] : ["$ref": "#/$defs/r"]
    let schema = try Schema(json: .object(JSONObject([("allOf", [head]), ("$defs", ["r": recursive])])))
    var value: JSON = [:]
    for _ in 0..<40 { value = ["a": value] }
    #expect(schema.validate(value).map(\.keyword).contains("limit"))
  }

  @Test(
    "a pattern that takes too long ends with a violation: it has no answer for `not` to turn around",
    arguments: [##"{"not":{"pattern":"(a?){500}b"}}"##, ##"{"patternProperties":{"(a?){500}b":false}}"##])
  func longPattern(schema: String) throws {
    let schema = try Schema(json: JSON.parse(schema))
    let text = String(repeating: "a", count: 6_000)
    let value: JSON = schema.json["not"] == nil ? .object(JSONObject([(text, 1)])) : .string(text)
    let violations = schema.validate(value)
    #expect(violations.map(\.keyword) == ["limit"])
    #expect(violations.first?.message.contains("(a?){500}b") == true)
  }
}
