import Foundation
import Testing

@testable import SagaCore

@Suite struct LanguageDocumentTests {
  @Test("every field of the language stands in docs/language.md", arguments: DefinitionShape.all)
  func documented(shape: DefinitionShape) throws {
    let document = try Repository.text("docs/language.md")
    for field in shape.fields {
      let isThere = document.contains("`\(field)`") || document.contains("\"\(field)\"")
      #expect(isThere, "\(field) of \(shape.title)")
    }
  }

  @Test("every field of the language, and no other, stands in the JSON Schema")
  func published() throws {
    let definitions = try #require(try Repository.json("schema/saga.schema.json")["$defs"]?.objectValue)
    var published: Set<String> = []
    for (_, definition) in definitions { collect(definition, into: &published) }
    #expect(published.sorted() == Set(DefinitionShape.all.flatMap(\.fields)).sorted())
  }

  /// The names of the fields of closed objects.
  private func collect(_ schema: JSON, into names: inout Set<String>) {
    if schema["additionalProperties"] == false, let properties = schema["properties"]?.objectValue {
      names.formUnion(properties.keys)
    }
    for (_, value) in schema.objectValue ?? [:] { collect(value, into: &names) }
    for value in schema.arrayValue ?? [] { collect(value, into: &names) }
  }

  @Test("the examples of docs/language.md pass the checks without a finding and fit the JSON Schema")
  func examples() throws {
    let schema = try Schema(json: try Repository.json("schema/saga.schema.json"))
    let examples = try jsonBlocks("docs/language.md")
    #expect(examples.count == 2)
    for example in examples {
      #expect(LoadedDefinition.load(source: Array(example.utf8), file: "docs/language.md").diagnostics == [])
      #expect(schema.validate(try JSON.parse(example)).map(\.description) == [])
    }
  }

  @Test("the example of docs/scenarios.md fits the JSON Schema, and every field of the schema is explained there")
  func scenarios() throws {
    let json = try Repository.json("schema/scenario.schema.json")
    let schema = try Schema(json: json)
    for example in try jsonBlocks("docs/scenarios.md") {
      #expect(schema.validate(try JSON.parse(example)).map(\.description) == [])
    }
    var fields: Set<String> = []
    collect(json, into: &fields)
    let document = try Repository.text("docs/scenarios.md")
    for field in fields.sorted() { #expect(document.contains("`\(field)`"), "\(field)") }
  }

  private func jsonBlocks(_ path: String) throws -> [String] {
    try Repository.text(path).components(separatedBy: "```json\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
  }

  @Test(
    "the JSON Schema refuses what the decoder refuses",
    arguments: [
      #"{"saga":"1","version":1,"messages":{},"start":{"B":{}},"steps":[{"fail":"'x'"}]}"#,
      orchestration(steps: #"{"step":"a"}"#),
      orchestration(steps: #"{"step":"a","reply":{"R":{}},"pivot":true}"#),
      orchestration(steps: #"{"step":"a","call":"C","undo":"nothing"}"#),
      orchestration(steps: #"{"set":{},"fail":"'x'"}"#),
      orchestration(steps: #"{"step":"a","call":"C","reply":{"R":{"fail":"'x'","again":"1s"}}}"#),
      orchestration(steps: #"{"fail":"'x'"}"#, more: #","on":{"C":{"goto":"x"}}"#),
      choreography(states: #""a":{"do":[{"fail":"'x'"}],"done":{}}"#),
      choreography(states: #""a":{"final":"completed","on":{}}"#),
      choreography(states: #""a":{"on":{"M":{"compensate":"'x'"}}}"#),
    ])
  func refuses(text: String) throws {
    let schema = try Schema(json: try Repository.json("schema/saga.schema.json"))
    #expect(decode(text).diagnostics.isEmpty == false)
    #expect(schema.isValid(try JSON.parse(text)) == false)
  }
}

extension DefinitionShape: CustomTestStringConvertible {
  public var testDescription: String { title }
}
