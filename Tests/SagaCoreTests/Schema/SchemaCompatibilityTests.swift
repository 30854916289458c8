import SagaCore
import Testing

@Suite("Schema compatibility") struct SchemaCompatibilityTests {
  struct Change: CustomTestStringConvertible, Sendable {
    struct Side: Sendable {
      var verdict: String
      var findings: [String]
      var witness: JSON?
    }
    var name: String
    var old: JSON
    var new: JSON
    var sides: [SchemaDirection: Side]
    var testDescription: String { name }
  }

  static var changes: [Change] {
    get throws {
      try #require(try Repository.json("Fixtures/schemas/changes.json").arrayValue).map { json in
        var sides: [SchemaDirection: Change.Side] = [:]
        for direction in SchemaDirection.allCases {
          let side = try #require(json[direction.rawValue])
          sides[direction] = Change.Side(
            verdict: try #require(side["verdict"]?.stringValue),
            findings: side["findings"]?.arrayValue?.compactMap(\.stringValue) ?? [], witness: side["witness"])
        }
        return Change(
          name: try #require(json["change"]?.stringValue), old: try #require(json["old"]),
          new: try #require(json["new"]),
          sides: sides)
      }
    }
  }

  @Test("agrees with each change that was classified by hand, with its codes and places", arguments: try changes)
  func classified(change: Change) throws {
    let old = try Schema(json: change.old)
    let new = try Schema(json: change.new)
    for direction in SchemaDirection.allCases {
      let side = try #require(change.sides[direction])
      let mode: SchemaCompatibilityMode = direction == .backward ? .backward : .forward
      let failures = SchemaCompatibility.findings(old: old, new: new, mode: mode).filter(\.isFailure)
      let verdict =
        failures.contains { $0.verdict == .breaking } ? "breaking" : failures.isEmpty ? "compatible" : "unproven"
      #expect(verdict == side.verdict, "\(direction): \(failures)")
      #expect(failures.map { "\($0.code.rawValue) \($0.place)" }.sorted() == side.findings.sorted(), "\(direction)")
    }
  }

  @Test("what was classified as breaking by hand breaks: a value shows it", arguments: try changes)
  func witnessed(change: Change) throws {
    let old = try Schema(json: change.old)
    let new = try Schema(json: change.new)
    for direction in SchemaDirection.allCases {
      let side = try #require(change.sides[direction])
      #expect((side.witness != nil) == (side.verdict == "breaking"))
      guard let witness = side.witness else { continue }
      let (writer, reader) = direction == .backward ? (old, new) : (new, old)
      #expect(writer.validate(witness).map(\.description) == [])
      #expect(reader.isValid(witness) == false)
    }
  }

  @Test("the classified changes are many, of all three verdicts") func classification() throws {
    let verdicts = try SchemaCompatibilityTests.changes.flatMap { $0.sides.values.map(\.verdict) }
    #expect(verdicts.count >= 80)
    #expect(Set(verdicts) == ["compatible", "breaking", "unproven"])
  }

  @Test("a property that only the new version names is noted, and breaks where data may hold anything under any name")
  func undeclared() throws {
    let old = try Schema(json: ["type": "object", "properties": ["a": ["type": "string"]]])
    let new = try Schema(json: ["type": "object", "properties": ["a": ["type": "string"], "b": ["type": "integer"]]])
    let notes = SchemaCompatibility.findings(old: old, new: new, mode: .backward)
    #expect(notes.map(\.code) == [.propertyUndeclared])
    #expect(notes.map(\.verdict) == [.note])
    let strict = SchemaCompatibility.findings(old: old, new: new, mode: .backward, isStrict: true)
    #expect(strict.map(\.verdict) == [.breaking])
  }

  @Test("a finding says where the data is, where the rule stands, what breaks and how it is mended") func finding()
    throws
  {
    let old = try Schema(json: ["properties": ["n": ["type": "integer", "minimum": 0]]])
    let new = try Schema(json: [
      "properties": ["n": ["$ref": "#/$defs/n"]], "$defs": ["n": ["type": "integer", "minimum": 3]],
    ])
    let finding = try #require(SchemaCompatibility.findings(old: old, new: new, mode: .full).first)
    #expect(finding.place.description == "/n")
    #expect(finding.rule.description == "/$defs/n/minimum")
    #expect(finding.direction == .backward)
    #expect(finding.message == "old data may be as low as 0, where the new schema wants at least 3")
    #expect(
      finding.mend == "Keep the limit of the old version, or keep the old version under `accepts` with an `upcast`.")
  }

  @Test("schemas that are too large to compare are said to be unproven, in bounded time") func bounded() throws {
    // Each level has two alternatives, so that there are 2^40 cases.
    func nested(_ depth: Int, _ leaf: JSON) throws -> Schema {
      var levels: JSONObject = ["0": leaf]
      for level in 1...depth {
        let next: JSON = ["$ref": .string("#/$defs/\(level - 1)")]
        levels["\(level)"] = [
          "anyOf": [
            ["type": "object", "required": ["a"], "properties": ["a": next]],
            ["type": "object", "required": ["b"], "properties": ["b": next]],
          ]
        ]
      }
      return try Schema(json: ["$ref": .string("#/$defs/\(depth)"), "$defs": .object(levels)])
    }
    let old = try nested(40, ["type": "integer"])
    let new = try nested(40, ["type": "string"])
    let codes = SchemaCompatibility.findings(old: old, new: new, mode: .backward).map(\.code)
    #expect(codes.contains(.limit))
  }
}
