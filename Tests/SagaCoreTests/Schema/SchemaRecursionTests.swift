import CEL
import SagaCore
import Testing

/// A type or defaults that were told along every way through these schemas would never be done.
@Suite("Schemas that contain themselves many times", .timeLimit(.minutes(1))) struct SchemaRecursionTests {
  private struct IsNoObject: Error {}

  private static func field(_ type: CELType, _ name: String) throws -> CELType? {
    guard case .object(let object) = type else { throw IsNoObject() }
    return object.type(ofField: name)
  }

  private static let value: JSON = ["type": "integer", "default": 1]

  /// An object with a value, and a reference for each of some names.
  private static func node(_ references: [(String, String)]) -> JSON {
    var properties: JSONObject = ["v": value]
    for (name, target) in references { properties[name] = ["$ref": .string(target)] }
    return ["type": "object", "properties": .object(properties)]
  }

  @Test("a type with ten references to itself is typed, and so is what is not recursive beside them")
  func tenfold() throws {
    var root = Self.node((0..<10).map { ("p\($0)", "#") })
    var deep: JSON = ["type": "boolean"]
    for _ in 0..<6 { deep = ["type": "object", "properties": ["in": deep]] }
    guard case .object(var members) = root, case .object(var properties)? = members["properties"] else {
      throw IsNoObject()
    }
    properties["deep"] = deep
    members["properties"] = .object(properties)
    root = .object(members)
    let schema = try Schema(json: root)
    let type = schema.celType
    let inner = try #require(try Self.field(type, "p3"))
    #expect(try Self.field(inner, "v") == .int)
    #expect(try Self.field(inner, "p7") == .dyn)
    var found = try #require(try Self.field(type, "deep"))
    for _ in 0..<6 { found = try #require(try Self.field(found, "in")) }
    #expect(found == .bool)
    let defaults = schema.defaults()
    #expect(defaults["v"] == 1)
    #expect(defaults["p3"]?["v"] == 1)
    #expect(defaults["p3"]?["p3"] == nil)
  }

  @Test("types that each refer to all of them are typed as deep as there is room", arguments: [5, 10])
  func together(count: Int) throws {
    let references = (0..<count).map { ("r\($0)", "#/$defs/t\($0)") }
    var definitions = JSONObject()
    for index in 0..<count { definitions["t\(index)"] = Self.node(references) }
    guard case .object(var root) = Self.node(references) else { throw IsNoObject() }
    root["$defs"] = .object(definitions)
    let schema = try Schema(json: .object(root))
    let (type, defaults) = (schema.celType, schema.defaults())
    for index in 0..<count {
      let inner = try #require(try Self.field(type, "r\(index)"))
      #expect(try Self.field(inner, "v") == .int)
      #expect(defaults["r\(index)"]?["v"] == 1)
    }
  }

  @Test("what several ways of `allOf` lead to counts once") func doubling() throws {
    var definitions: JSONObject = ["d30": ["type": ["integer", "number"]]]
    for index in 0..<30 {
      let next: JSON = ["$ref": .string("#/$defs/d\(index + 1)")]
      definitions["d\(index)"] = ["allOf": [next, next]]
    }
    let schema = try Schema(
      json: ["type": "object", "properties": ["v": ["$ref": "#/$defs/d0"]], "$defs": .object(definitions)])
    #expect(try Self.field(schema.celType, "v") == .double)
    #expect(schema.normalise(["v": 1]) == ["v": .double(1)])
  }

  @Test("an object with more properties than a type has room for has types for the first of them") func wide() throws {
    var properties = JSONObject()
    for index in 0..<5000 { properties["p\(index)"] = Self.value }
    let schema = try Schema(json: ["type": "object", "properties": .object(properties)])
    let type = schema.celType
    #expect(try Self.field(type, "p0") == .int)
    #expect(try Self.field(type, "p4999") == .dyn)
    #expect(schema.defaults()["p4999"] == 1)
  }
}
