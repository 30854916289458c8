import SagaCore
import Testing

/// Random pairs of schemas: where the check says that a reader takes what a writer writes, each value that the writer's schema allows
/// is allowed by the reader's.
@Suite("Schema compatibility, for random schemas") struct SchemaCompatibilityPropertyTests {
  @Test("silence is a proof: what is found compatible is compatible for every value", arguments: 0..<16)
  func soundness(seed: UInt64) throws {
    var maker = SchemaMaker(seed: seed)
    var proven = 0
    var refuted = 0
    for _ in 0..<200 {
      let oldJSON = maker.schema(depth: 2)
      // Often a small change, so that compatible pairs are not only trivial ones.
      let newJSON = maker.chance(3) ? maker.schema(depth: 2) : maker.changed(oldJSON, depth: 2)
      guard let old = try? Schema(json: oldJSON), let new = try? Schema(json: newJSON) else { continue }
      let values =
        (0..<40).map { _ in maker.value(depth: 3) } + (0..<40).map { _ in maker.value(for: oldJSON, depth: 3) }
      let written = values.filter(old.isValid)
      let failures = SchemaCompatibility.findings(old: old, new: new, mode: .backward, isStrict: true).filter(
        \.isFailure)
      if failures.isEmpty {
        if !written.isEmpty { proven += 1 }
        for value in written where !new.isValid(value) {
          Issue.record("\(value) is valid under \(oldJSON) and not under \(newJSON)")
        }
      } else if written.contains(where: { !new.isValid($0) }) {
        refuted += 1
      }
    }
    // The pairs must try both answers, or nothing was tested.
    #expect(proven > 15)
    #expect(refuted > 15)
  }

  @Test("without --strict it is a proof for data that has no members which only the reader names", arguments: 0..<8)
  func leniency(seed: UInt64) throws {
    var maker = SchemaMaker(seed: 1_000 + seed)
    var noted = 0
    for _ in 0..<400 {
      let oldJSON = maker.object(depth: 2)
      let newJSON = maker.changed(oldJSON, depth: 2)
      guard let old = try? Schema(json: oldJSON), let new = try? Schema(json: newJSON) else { continue }
      let findings = SchemaCompatibility.findings(old: old, new: new, mode: .backward)
      if findings.contains(where: \.isFailure) { continue }
      if !findings.isEmpty { noted += 1 }
      // Values that are made for the old schema have members of its own names, and one that no schema names.
      for _ in 0..<40 {
        let value = maker.value(for: oldJSON, depth: 3)
        if old.isValid(value), !new.isValid(value) {
          Issue.record("\(value) is valid under \(oldJSON) and not under \(newJSON)")
        }
      }
    }
    #expect(noted > 0)
  }
}

/// Makes small schemas and values from a seed (SplitMix64, Steele, Lea and Flood 2014).
struct SchemaMaker {
  private var state: UInt64
  private static let names = ["a", "b", "c"]

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func number(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  mutating func chance(_ of: Int) -> Bool { number(of) == 0 }

  private mutating func pick<Element>(_ from: [Element]) -> Element { from[number(from.count)] }

  // MARK: Schemas

  mutating func schema(depth: Int) -> JSON {
    if depth == 0 { return scalar() }
    switch number(16) {
    case 0...4: return object(depth: depth)
    case 5...6: return array(depth: depth)
    case 7: return ["anyOf": .array([schema(depth: depth - 1), schema(depth: depth - 1)])]
    case 8: return ["oneOf": .array([schema(depth: depth - 1), schema(depth: depth - 1)])]
    case 9: return ["allOf": .array([schema(depth: depth - 1), schema(depth: depth - 1)])]
    case 10: return merge(scalar(), ["not": schema(depth: depth - 1)])
    case 11:
      return [
        "if": schema(depth: depth - 1), "then": schema(depth: depth - 1), "else": schema(depth: depth - 1),
      ]
    case 12:
      return merge(
        object(depth: depth - 1),
        ["$defs": ["d": schema(depth: depth - 1)], "properties": ["c": ["$ref": "#/$defs/d"]]])
    default: return scalar()
    }
  }

  private mutating func scalar() -> JSON {
    switch number(14) {
    case 0: return true
    case 1: return ["type": "string"]
    case 2: return ["type": "integer"]
    case 3: return ["type": "number"]
    case 4: return ["type": .array([.string(pick(["string", "integer", "boolean"])), "null"])]
    case 5: return ["type": "integer", "minimum": .int(Int64(number(3)))]
    case 6:
      return ["type": "number", pick(["maximum", "exclusiveMaximum", "exclusiveMinimum"]): .int(Int64(number(3)))]
    case 7: return ["type": "string", pick(["minLength", "maxLength"]): .int(Int64(number(3)))]
    case 8: return ["enum": .array((0...number(3)).map { _ in scalarValue() })]
    case 9: return ["const": scalarValue()]
    case 10: return ["type": "integer", "multipleOf": pick([1, 2, 3, 0.5])]
    case 11: return ["type": "string", "pattern": pick(["a", "^a", "b"])]
    case 12: return ["type": "integer", "minimum": .int(Int64(number(2))), "maximum": .int(Int64(1 + number(3)))]
    default: return [pick(["minimum", "minLength", "minItems"]): .int(Int64(number(2)))]
    }
  }

  mutating func object(depth: Int) -> JSON {
    var schema: JSONObject = ["type": "object"]
    if chance(8) { schema["type"] = nil }
    var properties = JSONObject()
    for name in SchemaMaker.names where chance(2) { properties[name] = self.schema(depth: max(0, depth - 1)) }
    if !properties.isEmpty { schema["properties"] = .object(properties) }
    let required = SchemaMaker.names.filter { _ in chance(4) }
    if !required.isEmpty { schema["required"] = .array(required.map(JSON.string)) }
    switch number(14) {
    case 0...3: schema["additionalProperties"] = false
    case 4: schema["additionalProperties"] = scalar()
    case 5: schema["patternProperties"] = .object(JSONObject([(pick(["^a", "b", "z"]), scalar())]))
    case 6: schema["propertyNames"] = pick([["maxLength": 1], ["enum": ["a", "b"]], ["pattern": "a"]])
    case 7:
      schema["dependentRequired"] = .object(
        JSONObject([(pick(SchemaMaker.names), .array([.string(pick(SchemaMaker.names))]))]))
    case 8: schema["dependentSchemas"] = .object(JSONObject([(pick(SchemaMaker.names), object(depth: 0))]))
    case 9: schema[pick(["minProperties", "maxProperties"])] = .int(Int64(number(3)))
    default: break
    }
    return .object(schema)
  }

  private mutating func array(depth: Int) -> JSON {
    var schema: JSONObject = ["type": "array"]
    if !chance(3) { schema["items"] = chance(6) ? false : self.schema(depth: depth - 1) }
    if chance(3) { schema["prefixItems"] = .array((0...number(2)).map { _ in self.schema(depth: 0) }) }
    if chance(4) { schema[pick(["minItems", "maxItems"])] = .int(Int64(number(3))) }
    if chance(6) { schema["uniqueItems"] = true }
    if chance(4) {
      schema["contains"] = scalar()
      if chance(2) { schema[pick(["minContains", "maxContains"])] = .int(Int64(number(3))) }
    }
    return .object(schema)
  }

  /// The schema with something added, taken away or replaced somewhere.
  mutating func changed(_ schema: JSON, depth: Int) -> JSON {
    guard case .object(var members) = schema, !chance(8) else { return self.schema(depth: depth) }
    for _ in 0...number(2) {
      if !members.isEmpty, chance(2) {
        let key = members.keys[number(members.count)]
        if key == "$defs" { continue }
        if key == "properties", case .object(var properties)? = members[key], !properties.isEmpty {
          let name = properties.keys[number(properties.count)]
          properties[name] = chance(3) ? nil : changed(properties[name] ?? true, depth: max(0, depth - 1))
          members[key] = .object(properties)
        } else if !chance(3), case .array(var parts)? = members[key], ["anyOf", "oneOf", "allOf"].contains(key) {
          let place = number(parts.count)
          parts[place] = changed(parts[place], depth: max(0, depth - 1))
          if chance(3) { parts.append(self.schema(depth: 0)) }
          members[key] = .array(parts)
        } else {
          members[key] = nil
        }
      } else {
        let other = members["properties"] != nil ? object(depth: max(0, depth - 1)) : self.schema(depth: depth)
        for (key, value) in other.objectValue ?? JSONObject() where members[key] == nil && key != "$ref" {
          members[key] = value
        }
      }
    }
    return .object(members)
  }

  private func merge(_ one: JSON, _ other: JSON) -> JSON {
    guard case .object(var members) = one, case .object(let more) = other else { return other }
    for (key, value) in more { members[key] = value }
    return .object(members)
  }

  // MARK: Values

  private mutating func scalarValue() -> JSON {
    pick([nil, true, false, 0, 1, 2, 3, 1.5, -1, 6, 1.0, "", "a", "b", "ab", "aaa"])
  }

  mutating func value(depth: Int) -> JSON {
    if depth == 0 { return scalarValue() }
    switch number(8) {
    case 0...2:
      var members = JSONObject()
      for name in SchemaMaker.names + ["ab", "z"] where chance(3) { members[name] = value(depth: depth - 1) }
      return .object(members)
    case 3: return .array((0..<number(4)).map { _ in value(depth: depth - 1) })
    default: return scalarValue()
    }
  }

  /// A value that often fits a schema; members under other names than the schema's are called `q`.
  mutating func value(for schema: JSON, depth: Int, root: JSON? = nil) -> JSON {
    let root = root ?? schema
    guard depth > 0, case .object(let members) = schema else { return scalarValue() }
    if let constant = members["const"] { return constant }
    if case .array(let values)? = members["enum"] { return pick(values) }
    if members["$ref"] != nil { return value(for: root["$defs"]?["d"] ?? true, depth: depth, root: root) }
    for key in ["anyOf", "oneOf", "allOf"] {
      if case .array(let parts)? = members[key] { return value(for: pick(parts), depth: depth, root: root) }
    }
    if let part = members[pick(["then", "else", "if"])], members["if"] != nil {
      return value(for: part, depth: depth, root: root)
    }
    let type = members["type"]?.arrayValue.map { pick($0) } ?? members["type"]
    switch type?.stringValue {
    case "string": return pick(["", "a", "b", "ab", "aaa"])
    case "integer": return pick([0, 1, 2, 3, 6, -1])
    case "number": return pick([0, 1.5, 2, 0.5, -1])
    case "boolean": return pick([true, false])
    case "null": return nil
    case "array":
      return .array(
        (0..<number(4)).map { index in
          value(for: members["prefixItems"]?[index] ?? members["items"] ?? true, depth: depth - 1, root: root)
        })
    default:
      guard type != nil || members["properties"] != nil else { return scalarValue() }
      return objectValue(members, depth: depth, root: root)
    }
  }

  private mutating func objectValue(_ schema: JSONObject, depth: Int, root: JSON) -> JSON {
    var members = JSONObject()
    let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
    for (name, part) in schema["properties"]?.objectValue ?? JSONObject() where required.contains(name) || !chance(3) {
      members[name] = value(for: part, depth: depth - 1, root: root)
    }
    for name in required where members[name] == nil { members[name] = scalarValue() }
    if chance(4) { members["q"] = scalarValue() }
    return .object(members)
  }
}
