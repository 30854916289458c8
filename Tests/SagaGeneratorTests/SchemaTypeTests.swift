import SagaGenerator
import Testing

@Suite("A schema's type in Swift")
struct SchemaTypeTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var schema: String
    var required: String
    var optional: String
    var testDescription: String { "\(schema) is \(required)" }

    init(_ schema: String, _ required: String, _ optional: String? = nil) {
      self.schema = schema
      self.required = required
      self.optional = optional ?? required + "?"
    }
  }

  static let rows = [
    Row(#"{ "type": "string" }"#, "String"), Row(#"{ "type": "integer" }"#, "Int64"),
    Row(#"{ "type": "number" }"#, "Double"), Row(#"{ "type": ["integer", "number"] }"#, "Double"),
    Row(#"{ "type": "boolean" }"#, "Bool"), Row(#"{ "type": "array" }"#, "[JSON]"),
    Row(#"{ "type": "array", "items": { "type": "string" } }"#, "[String]"),
    Row(#"{ "type": "array", "items": { "type": ["string", "null"] } }"#, "[String?]"),
    Row(#"{ "type": "array", "prefixItems": [ { "type": "string" } ] }"#, "[JSON]"),
    Row(#"{ "type": "array", "items": { "type": "object", "properties": { "a": {} } } }"#, "[XElement]"),
    Row(#"{ "type": "object", "properties": { "a": {} } }"#, "X"), Row(#"{ "type": "object" }"#, "JSON"),
    Row(#"{ "type": "object", "additionalProperties": false }"#, "X"),
    Row(#"{ "type": "object", "additionalProperties": { "type": "number" } }"#, "[String: Double]"),
    Row(#"{ "type": "object", "additionalProperties": true }"#, "JSON"),
    Row(#"{ "type": "object", "properties": { "a": {} }, "patternProperties": { "^x": {} } }"#, "JSON"),
    Row(#"{ "type": "object", "properties": { "a": {} }, "anyOf": [ { "required": ["a"] } ] }"#, "X"),
    Row(#"{ "type": "object", "properties": { "a": {} }, "oneOf": [ { "properties": { "b": {} } } ] }"#, "JSON"),
    Row(#"{ "allOf": [ { "type": "object", "properties": { "a": {} } } ] }"#, "X"),
    Row(#"{ "oneOf": [ { "type": "string" }, { "type": "integer" } ] }"#, "JSON"), Row("{}", "JSON"),
    Row("true", "JSON"),
    Row(#"{ "type": ["string", "integer"] }"#, "JSON"), Row(#"{ "type": ["string", "null"] }"#, "String?", "String?"),
    Row(#"{ "type": "null" }"#, "JSON"), Row(#"{ "type": "string", "format": "date-time" }"#, "String"),
    Row(#"{ "type": "string", "enum": ["a", "b"] }"#, "X"), Row(#"{ "enum": ["a", "b"] }"#, "X"),
    Row(#"{ "enum": ["a", null] }"#, "X?", "X?"), Row(#"{ "enum": [1, 2] }"#, "Int64"),
    Row(#"{ "enum": ["a", 1] }"#, "JSON"), Row(#"{ "enum": [ { "a": 1 } ] }"#, "JSON"),
    Row(#"{ "const": "a" }"#, "X = .a", "X?"), Row(#"{ "const": 7 }"#, "Int64 = 7", "Int64?"),
    Row(#"{ "const": true }"#, "Bool = true", "Bool?"), Row(#"{ "const": null }"#, "JSON"),
    Row(#"{ "$ref": "money" }"#, "Sample.Money"), Row(##"{ "$ref": "#/$defs/Part" }"##, "Part"),
    Row(##"{ "$ref": "#/$defs/Text" }"##, "String"), Row(##"{ "$ref": "#/$defs/Loop" }"##, "[JSON]"),
    Row(##"{ "$ref": "#/$defs/Maybe" }"##, "Maybe?", "Maybe?"), Row(##"{ "$ref": "#" }"##, "JSON"),
    Row(##"{ "type": "array", "items": { "$ref": "#" } }"##, "[Sample.Wanted]"),
    Row(##"{ "$ref": "money", "description": "What it costs." }"##, "Sample.Money"),
    Row(##"{ "$ref": "#", "minProperties": 1 }"##, "X"),
    Row(##"{ "type": "array", "items": { "$ref": "#/properties/x", "minItems": 0 } }"##, "[[JSON]]"),
    Row(#"{ "$ref": "money", "properties": { "note": { "type": "string" } } }"#, "X"),
  ]

  private func text(_ row: Row, required: Bool) -> String {
    Sample.text(
      Sample.definition(
        wanted: """
          { "type": "object", "required": ["id"\(required ? #", "x""# : "")],
            "$defs": { "Part": { "type": "object", "properties": { "a": {} } }, "Text": { "type": "string" },
                       "Loop": { "type": "array", "items": { "$ref": "#/$defs/Loop" } },
                       "Maybe": { "type": ["object", "null"], "properties": { "a": {} } } },
            "properties": { "id": { "type": "string" }, "x": \(row.schema) } }
          """,
        schemas: #"{ "money": { "type": "object", "properties": { "cents": { "type": "integer" } } } }"#))
  }

  @Test("follows what the schema says, and is any JSON where a type of Swift would say less", arguments: rows)
  func types(_ row: Row) {
    let required = text(row, required: true)
    #expect(required.contains("    var x: \(row.required)\n"), "\(required)")
    let optional = text(row, required: false)
    #expect(optional.contains("    var x: \(row.optional)\n"), "\(optional)")
  }

  @Test("of a message that is no object with known members holds the whole payload")
  func wholePayloads() {
    for (schema, type) in [
      ("{}", "JSON"), (#"{ "type": "string" }"#, "String"), (#"{ "type": ["integer", "null"] }"#, "Int64?"),
      (#"{ "type": "array", "items": { "type": "object", "properties": { "a": {} } } }"#, "[ValueElement]"),
    ] {
      let text = Sample.text(
        Sample.definition(
          more: #", "Other": { "key": "'k'", "schema": \#(schema) }"#,
          steps: """
            { "step": "wait", "reply": { "Other": {}, "Done": {} }, "timeout": "1s" }
            """))
      #expect(text.contains("    /// The whole payload.\n    var value: \(type)\n"), "\(text)")
    }
  }

  @Test("of a schema that messages share is one type, and one of a message's own stands in the message")
  func references() {
    let money = #"{ "$ref": "money" }"#
    let part = ##""$defs": { "Part": { "type": "object", "properties": { "a": {} } } }"##
    let member = ##""p": { "$ref": "#/$defs/Part" }, "q": { "$ref": "#/$defs/Part" }"##
    let text = Sample.text(
      Sample.definition(
        wanted: #"{ "type": "object", \#(part), "properties": { "m": \#(money), \#(member) } }"#,
        more:
          #", "Other": { "key": "'k'", "schema": { "type": "object", \#(part), "properties": { "m": \#(money), \#(member) } } }"#,
        schemas: #"{ "money": { "type": "object", "properties": { "cents": { "type": "integer" } } } }"#,
        steps: #"{ "step": "wait", "reply": { "Other": {}, "Done": {} }, "timeout": "1s" }"#))
    #expect(text.ranges(of: "\n  struct Money: ").count == 1, "\(text)")
    #expect(text.ranges(of: "\n    struct Part: ").count == 2)
    #expect(text.ranges(of: "var p: Part?").count == 2 && text.ranges(of: "var q: Part?").count == 2)
    #expect(text.ranges(of: "var m: Sample.Money?").count == 2)
  }
}
