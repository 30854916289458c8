import Foundation
import SagaCore
import SagaRuntime
import SagaSimulation
import Testing

/// The decoders of scenarios and the JSON Schema that editors check them with must not differ.
@Suite("Scenario files")
struct ScenarioFileTests {
  /// A scenario with one fault.
  struct Wrong: Sendable, CustomTestStringConvertible {
    /// A JSON Pointer to the fault.
    var place: String
    /// Stands in the message.
    var mentioned: String
    var text: String
    var testDescription: String { text }

    init(_ place: String, _ mentioned: String, _ text: String) {
      self.place = place
      self.mentioned = mentioned
      self.text = text
    }

    /// A fault beside `participants`.
    static func file(_ place: String, _ mentioned: String, _ member: String) -> Wrong {
      Wrong(place, mentioned, #"{ "participants": {}, \#(member) }"#)
    }

    /// A fault in an outcome, whose place is told from there.
    static func outcome(_ place: String, _ mentioned: String, _ outcome: String) -> Wrong {
      Wrong("/participants/p/Do/0\(place)", mentioned, #"{ "participants": { "p": { "Do": [\#(outcome)] } } }"#)
    }

    /// A fault in an event of `start`, which has what an event needs but what is taken out of it.
    static func event(_ place: String, _ mentioned: String, _ member: String, without: String = "") -> Wrong {
      let needed = [("specversion", "1.0"), ("id", "1"), ("source", "/shop"), ("type", "Placed")]
      let members = needed.filter { $0.0 != without }.map { #""\#($0.0)": "\#($0.1)""# }
      let all = members + (member.isEmpty ? [] : [member])
      return .file("/start/0\(place)", mentioned, #""start": [{ \#(all.joined(separator: ", ")) }]"#)
    }

    /// A fault in a resource, whose place is told from there.
    static func resource(_ place: String, _ mentioned: String, _ resource: String) -> Wrong {
      .file("/resources/stock\(place)", mentioned, #""resources": { "stock": \#(resource) }"#)
    }
  }

  static let wrong: [Wrong] = [
    Wrong("", "an object; this is an array", "[]"),
    Wrong("", "`participants`", "{}"),
    Wrong("/participants", "an object of destinations; this is an array", #"{ "participants": [] }"#),
    Wrong("/participants/p", "command types; this is true", #"{ "participants": { "p": true } }"#),
    Wrong("/participants/p/Do", "at least one; this one is empty", #"{ "participants": { "p": { "Do": [] } } }"#),
    Wrong("/participants/p/Do", "at least one; this is an object", #"{ "participants": { "p": { "Do": {} } } }"#),
    .file("/$schema", "`$schema` is a string; this is 1", #""$schema": 1"#),
    .file("/description", "`description` is a string; this is null", #""description": null"#),
    .file("/invariant", "unknown member 'invariant'", #""invariant": {}"#),
    .file("/seed", #"whole number of 64 bits; this is "x""#, #""seed": "x""#),
    .file("/seed", "this is 1.5", #""seed": 1.5"#),
    .file("/seed", "this is null", #""seed": null"#),
    .file("/seed", "64 bits", #""seed": 9223372036854775808"#),

    .outcome("", #"an object; this is "Done""#, #""Done""#),
    .outcome("", "has a `reply`, or is", "{}"),
    .outcome("", "has a `reply`, or is", #"{ "lost": false, "silent": false }"#),
    .outcome("/replies", "an outcome has reply, data", #"{ "reply": "Done", "replies": "Done" }"#),
    .outcome("/reply", "this is 5", #"{ "reply": 5, "silent": true }"#),
    .outcome("/reply", #"not empty; this is """#, #"{ "reply": "" }"#),
    .outcome("/weight", #"from 1 to 1000000000; this is "2""#, #"{ "reply": "Done", "weight": "2" }"#),
    .outcome("/weight", "this is 0", #"{ "reply": "Done", "weight": 0 }"#),
    .outcome("/weight", "this is 0.5", #"{ "reply": "Done", "weight": 0.5 }"#),
    .outcome("/weight", "this is 1000000001", #"{ "reply": "Done", "weight": 1000000001 }"#),
    .outcome("/lost", #"true or false; this is "yes""#, #"{ "reply": "Done", "lost": "yes" }"#),
    .outcome("/silent", "true or false; this is 1", #"{ "reply": "Done", "silent": 1 }"#),
    .outcome("/refuses", "true or false; this is null", #"{ "reply": "Done", "refuses": null }"#),
    .outcome("/twice", "true or false; this is an array", #"{ "reply": "Done", "twice": [] }"#),
    .outcome("/latency", "a duration such as \"200ms\" or \"30s\"", #"{ "reply": "Done", "latency": 200 }"#),
    .outcome("/latency", #"this is "1h30m""#, #"{ "reply": "Done", "latency": "1h30m" }"#),
    .outcome("/delivery", "fails, refused, unavailable; this is false", #"{ "reply": "Done", "delivery": false }"#),
    .outcome("/for", "there is none", #"{ "reply": "Done", "for": "1s" }"#),
    .outcome("/for", "refused for good", #"{ "delivery": "refused", "for": "1s" }"#),
    .outcome("/for", "`for` is a duration", #"{ "reply": "Done", "delivery": "fails", "for": 10 }"#),

    .file("/start", "a list of CloudEvents; this is an object", #""start": {}"#),
    .file("/start/0", "a string", #""start": ["Placed"]"#),
    .event("", "specversion is missing", "", without: "specversion"),
    .event("", "specversion is \"0.3\"", #""specversion": "0.3""#, without: "specversion"),
    .event("", "\"id\" is missing", "", without: "id"),
    .event("/id", "`id` is a string that is not empty; this is 5", #""id": 5"#, without: "id"),
    .event("/source", "not empty; this is \"\"", #""source": """#, without: "source"),
    .event("/type", "this is null", #""type": null"#, without: "type"),
    .event("/subject", "this is null", #""subject": null"#),
    .event("/time", "this is 0", #""time": 0"#),

    .file("/invariants", "names and CEL expressions; this is an array", #""invariants": []"#),
    .file("/invariants/a", "a CEL expression in a string; this is true", #""invariants": { "a": true }"#),
    .file("/reach", "names and CEL expressions; this is \"true\"", #""reach": "true""#),
    .file("/reach/a", "a CEL expression in a string; this is \"\"", #""reach": { "a": "" }"#),
    .file("/reach/", "a name that is not empty", #""reach": { "": "true" }"#),

    .file("/resources", "names and what touches them; this is an array", #""resources": []"#),
    .resource("", "a resource is an object; this is \"command.data.sku\"", #""command.data.sku""#),
    .resource("", "has a `key`", #"{ "writes": [] }"#),
    .resource("/key", "a CEL expression over `command` in a string; this is 5", #"{ "key": 5 }"#),
    .resource("/key", "this is \"\"", #"{ "key": "" }"#),
    .resource("/write", "a resource has key, writes, reads", #"{ "key": "command.type", "write": ["Do"] }"#),
    .resource("/writes", "a list of commands' types; this is \"Do\"", #"{ "key": "command.type", "writes": "Do" }"#),
    .resource("/reads/1", "each a string; this is 1", #"{ "key": "command.type", "reads": ["Do", 1] }"#),
  ]

  static func schema() throws -> Schema {
    try Schema(json: try JSONParser.parse(try Repository.read("schema/scenario.schema.json"), limits: .definition))
  }

  @Test("A wrong one is refused by both decoders, with its place, and by the JSON Schema", arguments: wrong)
  func refused(wrong: Wrong) throws {
    let source = Array(wrong.text.utf8)
    let located = try JSONParser.parseWithPositions(source)
    let simulated = #expect(throws: ScenarioError.self) { try SimulationScenario(source: source, file: "a.json") }
    let modelled = #expect(throws: ScenarioError.self) { try Scenario(source: source, file: "a.json") }
    for caught in [simulated, modelled] {
      let error = try #require(caught)
      let position = try #require(located.position(of: error.path))
      #expect(error.path.description == wrong.place)
      #expect(error.description.hasPrefix("a.json:\(position): \(wrong.place)"), "\(error)")
      #expect(error.message.contains(wrong.mentioned), "\(error)")
    }
    #expect(try Self.schema().isValid(located.root) == false)
  }

  /// A scenario with every member that there is.
  static let complete: JSON =
    (try? JSON.parse(
      #"""
      {
        "$schema": "../schema/scenario.schema.json", "description": "all there is", "seed": 3,
        "participants": { "payments": { "Charge": [
          { "reply": "Charged", "data": { "orderId": "command.data.orderId", "parts": [1, true, null, "'a'"] },
            "latency": "2s", "weight": 4, "twice": true },
          { "reply": "Declined", "refuses": true, "delivery": "fails", "for": "10s" },
          { "lost": true }, { "silent": true }, { "delivery": "unavailable" } ] } },
        "start": [
          { "specversion": "1.0", "id": "1", "source": "/shop", "type": "Placed", "subject": "o-1",
            "time": "2026-01-05T09:00:00Z", "data": { "orderId": "o-1" } } ],
        "invariants": { "some": "instances.size() >= 0" },
        "reach": { "charged": "ledger.exists(l, l.effect == 'done')" },
        "resources": { "account": { "key": "command.data.orderId", "writes": ["Charge"], "reads": ["Look"] } }
      }
      """#)) ?? .null

  /// What is put in the place of each part of it: something of every type, and numbers and texts that few places allow.
  static let others: [JSON] = [
    .null, .bool(true), .bool(false), .int(0), .int(-1), .double(1.5), .string(""), .string("text"), .array([]),
    .object([:]),
  ]

  static func paths(of json: JSON, from path: JSONPointerPath = []) -> [JSONPointerPath] {
    var found = [path]
    for (name, value) in json.objectValue ?? [:] { found += paths(of: value, from: path.appending(name)) }
    for (index, value) in (json.arrayValue ?? []).enumerated() {
      found += paths(of: value, from: path.appending(index))
    }
    return found
  }

  /// The value with another one at a path; nil takes a member away.
  static func changed(_ json: JSON, _ path: ArraySlice<PathElement>, _ value: JSON?) -> JSON {
    guard let first = path.first else { return value ?? .null }
    let rest = path.dropFirst()
    switch (first, json) {
    case (.key(let key), .object(var members)):
      members[key] = rest.isEmpty ? value : changed(members[key] ?? .null, rest, value)
      return .object(members)
    case (.index(let index), .array(var elements)):
      elements[index] = changed(elements[index], rest, value)
      return .array(elements)
    default: return json
    }
  }

  /// The complete scenario with one change at a path, in every way, and where the fault is then.
  static func changes(at path: JSONPointerPath) -> [(json: JSON, place: JSONPointerPath)] {
    var changes: [(json: JSON, place: JSONPointerPath)] = []
    for other in others { changes.append((changed(complete, path.elements[...], other), path)) }
    if case .key? = path.elements.last {
      let parent = JSONPointerPath(Array(path.elements.dropLast()))
      changes.append((changed(complete, path.elements[...], nil), parent))
    }
    if complete[path]?.objectValue != nil {
      let more = path.appending("more")
      changes.append((changed(complete, more.elements[...], .int(7)), more))
    }
    return changes
  }

  static func refusal(of json: JSON) throws -> ScenarioError? {
    do {
      _ = try SimulationScenario(source: JSONWriter.compact(json), file: "a.json")
      return nil
    } catch let error as ScenarioError {
      return error
    }
  }

  @Test("Whatever the JSON Schema refuses at a place the decoder refuses there", arguments: paths(of: complete))
  func agree(path: JSONPointerPath) throws {
    let schema = try Self.schema()
    for (json, place) in Self.changes(at: path) where !schema.isValid(json) {
      let error = try #require(try Self.refusal(of: json), "accepted with another value at \(place): \(json)")
      let told = error.path.elements
      #expect(told.starts(with: place.elements) || place.elements.starts(with: told), "\(error) for \(place)")
    }
  }

  static let files: [String] = ["sagas", "Fixtures"].flatMap { (folder: String) -> [String] in
    let path = Repository.root.appendingPathComponent(folder).path
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".scenario.json") }.sorted().map { "\(folder)/\($0)" }
  }

  @Test("Those of the repository are accepted by the decoder and by the JSON Schema", arguments: files)
  func accepted(file: String) throws {
    let source = try Repository.read(file)
    _ = try SimulationScenario(source: source, file: file)
    #expect(try Self.schema().validate(try JSONParser.parse(source, limits: .definition)).map(\.description) == [])
  }

  @Test("The example of docs/scenarios.md and one with every member are accepted by both")
  func examples() throws {
    #expect(Self.files.count >= 24)
    let document = String(decoding: try Repository.read("docs/scenarios.md"), as: UTF8.self)
    let example = try #require(document.components(separatedBy: "```json\n").dropFirst().first)
    let text = try #require(example.components(separatedBy: "```").first)
    for json in [try JSON.parse(text), Self.complete] {
      let error = try Self.refusal(of: json)
      #expect(error?.description == nil)
      #expect(try Self.schema().validate(json).map(\.description) == [])
    }
  }
}
