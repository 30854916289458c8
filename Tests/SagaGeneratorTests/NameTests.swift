import SagaCore
import SagaGenerator
import Testing

@Suite("Names in Swift")
struct NameTests {
  @Test(
    "of members are words in camel case that stay apart, and JSON keeps its own",
    arguments: [
      ("orderId", "var orderId: String"), ("order_id", "var orderId: String"), ("Order-Id", "var orderId: String"),
      ("ORDER_ID", "var orderId: String"), ("OrderID", "var orderID: String"), ("SKU", "var sku: String"),
      ("URLPath", "var urlPath: String"), ("2fa", "var n2fa: String"), ("€", "var member1: String"),
      ("größe", "var größe: String"), ("class", "var `class`: String"), ("self", "var self2: String"),
      ("hashValue", "var hashValue2: String"),
    ])
  func members(key: String, declaration: String) {
    let text = Sample.text(
      Sample.definition(
        wanted: #"{ "type": "object", "required": ["\#(key)"], "properties": { "\#(key)": { "type": "string" } } }"#))
    #expect(text.contains("    \(declaration)\n"), "\(text)")
    if !declaration.contains(" \(key):"), !declaration.contains("`\(key)`") { #expect(text.contains("= \"\(key)\"\n")) }
  }

  @Test(
    "of types hide none that the generated code needs",
    arguments: [
      ("State", "StateMessage"), ("String", "StringMessage"), ("JSON", "JSONMessage"), ("order.paid", "OrderPaid"),
    ])
  func types(message: String, name: String) {
    let text = Sample.text(
      Sample.definition(
        more: #", "\#(message)": { "key": "'k'" }"#,
        steps: #"{ "step": "wait", "reply": { "\#(message)": {}, "Done": {} }, "timeout": "1s" }"#))
    #expect(text.contains("  struct \(name): SagaMessage, Hashable {\n    static let messageType = \"\(message)\""))
  }

  @Test("of namespaces are those of sagas; an older version beside a newer one has its number")
  func namespaces() {
    let versions = SwiftGenerator.generate([
      Sample.definition(saga: "the-orders", version: 2), Sample.definition(saga: "the-orders", version: 10),
      Sample.definition(saga: "string"),
    ])
    #expect(versions.outputs.map(\.namespace) == ["TheOrdersV2", "TheOrders", "StringSaga"])
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var what: String
    var sources: [SwiftGenerator.Source]
    var code: GenerationError.Code
    var place: String
    var words: [String]
    var testDescription: String { what }
  }

  static let wait = #"{ "step": "wait", "reply": { "Order.Paid": {}, "Done": {}, "OrderPaid": {} }, "timeout": "1s" }"#

  static let refusals = [
    Refusal(
      what: "two messages",
      sources: [
        Sample.definition(
          more: #", "Order.Paid": { "key": "'k'" }, "OrderPaid": { "key": "'k'" }"#, steps: wait)
      ], code: .nameClash, place: "sample.json:2", words: ["\"OrderPaid\"", "`OrderPaid`", "x-swift-name"]),
    Refusal(
      what: "a message and a schema that others share",
      sources: [
        Sample.definition(
          wanted: #"{ "type": "object", "properties": { "d": { "$ref": "done" } } }"#,
          schemas: #"{ "done": { "type": "object", "properties": { "a": {} } } }"#)
      ], code: .nameClash, place: "sample.json:2", words: ["the schema \"done\"", "`Done`", "x-swift-name"]),
    Refusal(
      what: "a message and a protocol",
      sources: [
        Sample.definition(
          more: #", "WorkParticipant": { "key": "'k'" }"#,
          steps: """
            { "step": "do", "call": "Do", "to": "work", "with": {}, "reply": { "WorkParticipant": {}, "Done": {} },
              "timeout": "1s", "undo": "none" }
            """)
      ], code: .nameClash, place: "sample.json:2", words: ["`WorkParticipant`"]),
    Refusal(
      what: "two sagas", sources: [Sample.definition(saga: "my-saga"), Sample.definition(saga: "mySaga")],
      code: .nameClash, place: "mySaga.json:1", words: ["'mySaga'", "`MySaga`", "'my-saga' of my-saga.json"]),
    Refusal(
      what: "one version twice", sources: [Sample.definition(), Sample.definition()], code: .definitionTwice,
      place: "sample.json:1", words: ["version 1 of 'sample'"]),
    Refusal(
      what: "a message without a letter",
      sources: [
        Sample.definition(
          more: #", "€": { "key": "'k'" }"#,
          steps: #"{ "step": "wait", "reply": { "€": {}, "Done": {} }, "timeout": "1s" }"#)
      ], code: .nameEmpty, place: "sample.json:2", words: ["\"€\"", "x-swift-name"]),
    Refusal(
      what: "a destination without a letter", sources: [Sample.definition(to: "→")], code: .nameEmpty,
      place: "sample.json:4", words: ["the destination \"→\"", "Rename it."]),
    Refusal(
      what: "a command that does and undoes",
      sources: [
        Sample.definition(
          steps: """
            { "step": "do", "call": "Do", "to": "work", "with": {}, "reply": { "Done": {} }, "timeout": "1s",
              "undo": { "call": "Do", "to": "work", "with": {}, "reply": { "Done": {} }, "timeout": "1s" } }
            """)
      ], code: .commandBothWays, place: "sample.json:5", words: ["\"Do\"", "4:", "a command type of its own"]),
  ]

  @Test("that would mean two things are refused with the place and the mend", arguments: refusals)
  func refused(_ refusal: Refusal) throws {
    let result = SwiftGenerator.generate(refusal.sources)
    #expect(result.outputs.isEmpty)
    let finding = try #require(result.diagnostics.last)
    #expect(finding.code == refusal.code.rawValue, "\(finding.message)")
    #expect("\(finding.file):\(finding.position.line)" == refusal.place)
    for word in refusal.words { #expect("\(finding.message) \(finding.mend)".contains(word), "\(finding)") }
  }

  @Test("are given to so many types, and a definition that would have more is refused")
  func limit() throws {
    // Each part holds the next one twice, by references that say something themselves and so are types of their own.
    let parts = (1...20).map { number in
      let next = ##"{ "$ref": "#/$defs/P\##(number + 1)", "minProperties": 1 }"##
      return #""P\#(number)": { "type": "object", "properties": { "a": \#(next), "b": \#(next) } }"#
    }
    let result = SwiftGenerator.generate([
      Sample.definition(
        wanted: ##"""
          { "type": "object", "$defs": { \##(parts.joined(separator: ",")), "P21": { "type": "string" } },
            "properties": { "p": { "$ref": "#/$defs/P1" } } }
          """##)
    ])
    #expect(result.diagnostics.last?.code == GenerationError.Code.typesTooMany.rawValue)
    #expect(result.outputs.isEmpty)
  }

  @Test("can be given in the schema, where its own will not do")
  func given() {
    let text = Sample.text(
      Sample.definition(
        wanted: """
          { "x-swift-name": "order wish", "type": "object",
            "properties": { "d": { "$ref": "done" }, "e": { "x-swift-name": "Size", "enum": ["s", "m"] } } }
          """,
        schemas: #"{ "done": { "x-swift-name": "DoneWork", "type": "object", "properties": { "a": {} } } }"#))
    #expect(
      text.contains("  struct OrderWish: SagaMessage, Hashable {\n    static let messageType = \"Wanted\""), "\(text)")
    #expect(text.contains("var d: Sample.DoneWork?"))
    #expect(text.contains("var e: Size?"))
  }

  @Test("of what the checks refuse are not made: the findings come instead")
  func invalid() {
    let source = SwiftGenerator.Source(file: "x.json", bytes: Array(#"{ "saga": "x" }"#.utf8))
    let result = SwiftGenerator.generate([source])
    #expect(result.outputs.isEmpty)
    #expect(result.diagnostics.map(\.code) == ["definition.mode"])
  }
}
