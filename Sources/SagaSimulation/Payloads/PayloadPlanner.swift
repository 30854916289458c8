import SagaCore

/// Turns a JSON Schema into a `PayloadPlan`.
///
/// Covers what messages are described with: types, `const`, `enum`, ranges, lengths, `properties`, `items`, the `…Of`
/// keywords and `$ref` within the document. Where a schema says more (a `pattern`, dependencies between members), values
/// may not fit it; such a message is given by a scenario instead.
struct PayloadPlanner {
  let pool: LiteralPool
  let document: JSON

  /// How deep generated values nest; recursive schemas end there.
  static let maximumDepth = 8
  /// Of any list of candidates, and once more of those that are added to it. Where there are more, the plan says so.
  static let maximumCandidates = 12

  /// How long a text is made for the sake of a schema; a message has a megabyte at most.
  static let maximumLength = 1 << 16
  /// How many elements a list is made with for the same reason.
  static let maximumElements = 1 << 10

  /// The plan for a schema; an empty object where there is none.
  static func plan(for schema: Schema?, pool: LiteralPool) -> PayloadPlan {
    guard let schema else { return .constant(.object(JSONObject())) }
    return PayloadPlanner(pool: pool, document: schema.json).plan(schema.json, depth: 0)
  }

  private func plan(_ schema: JSON, depth: Int) -> PayloadPlan {
    guard case .object(let members) = schema, depth < PayloadPlanner.maximumDepth else { return .constant(.null) }
    if let constant = members["const"] { return .constant(constant) }
    if case .array(let options)? = members["enum"], !options.isEmpty { return .candidates(options) }
    if let target = members["$ref"]?.stringValue.flatMap(resolve) { return plan(target, depth: depth + 1) }
    for keyword in ["oneOf", "anyOf"] {
      if case .array(let options)? = members[keyword], !options.isEmpty {
        return .either(options.map { plan(merge(schema.removing(keyword), $0), depth: depth + 1) })
      }
    }
    if case .array(let parts)? = members["allOf"] {
      return plan(parts.reduce(schema.removing("allOf")) { merge($0, $1) }, depth: depth + 1)
    }
    switch type(of: members) {
    case "object": return object(members, depth: depth)
    case "array": return array(members, depth: depth)
    case "integer": return integer(members)
    case "number": return number(members)
    case "boolean": return .candidates([false, true])
    case "string": return string(members, schema)
    default: return .constant(.null)
    }
  }

  /// The first of the types that is not null; an object where only properties are given.
  private func type(of members: JSONObject) -> String {
    switch members["type"] {
    case .string(let name)?: return name
    case .array(let names)?: return names.compactMap(\.stringValue).first { $0 != "null" } ?? "null"
    default: return members["items"] == nil ? "object" : "array"
    }
  }

  private func object(_ members: JSONObject, depth: Int) -> PayloadPlan {
    let required = members["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
    var result: [PayloadPlan.Member] = []
    for (name, schema) in members["properties"]?.objectValue ?? JSONObject() {
      result.append(
        PayloadPlan.Member(
          name: name, isRequired: required.contains(name), schema: try? Schema(json: schema),
          plan: plan(schema, depth: depth + 1)))
    }
    for name in required where !result.contains(where: { $0.name == name }) {
      result.append(PayloadPlan.Member(name: name, isRequired: true, schema: nil, plan: .constant("value")))
    }
    return .object(result)
  }

  private func array(_ members: JSONObject, depth: Int) -> PayloadPlan {
    let least = min(Int(members["minItems"]?.intValue ?? 0), PayloadPlanner.maximumElements)
    let maximum = members["maxItems"]?.intValue.map(Int.init)
    let most = max(least, min(maximum ?? 2, max(least, 2)))
    let plain = min(max(least, 1), most)
    return .array(
      plan(members["items"] ?? true, depth: depth + 1), lengths: [plain] + (least...most).filter { $0 != plain },
      allowsMore: maximum.map { $0 > most } ?? true)
  }

  private func integer(_ members: JSONObject) -> PayloadPlan {
    let least = members["minimum"]?.intValue ?? members["exclusiveMinimum"]?.intValue.map { $0 &+ 1 } ?? 0
    let most = members["maximum"]?.intValue ?? members["exclusiveMaximum"]?.intValue.map { $0 &- 1 } ?? Int64(1) << 40
    let step = max(1, members["multipleOf"]?.intValue ?? 1)
    // The first multiple that is large enough; where there is none before the numbers end, the bound itself.
    let rest = least % step
    let (above, isTooLarge) = least.addingReportingOverflow(rest > 0 ? step - rest : -rest)
    let first = isTooLarge ? least : above
    var candidates: [Int64] = []
    for number in [max(first, step), first, 100, 1_000_000] + pool.integers
    where number >= least && number <= most && number % step == 0 && !candidates.contains(number) {
      candidates.append(number)
    }
    // Two messages must be able to differ, whatever the definition mentions.
    let (second, isBeyond) = first.addingReportingOverflow(step)
    if candidates.count == 1, !isBeyond, second <= most, second != candidates[0] { candidates.append(second) }
    if candidates.isEmpty { candidates = [first] }
    // Compared with a decimal, whole numbers turn where it lies between two of them.
    let sides: [Double] = pool.decimals.flatMap { [$0.rounded(.down), $0.rounded(.up)] }
    let whole = sides.compactMap { Int64(exactly: $0) }.filter { $0 >= least && $0 <= most && $0 % step == 0 }
    let compiled = try? Schema(json: .object(members))
    let negative = pool.negativeIntegers.map { JSON.int($0) }.filter { compiled?.isValid($0) ?? false }
    return PayloadPlanner.limited(
      candidates.map { .int($0) }, then: whole.map { .int($0) } + negative,
      isCut: isCut(.integers) || isCut(.decimals))
  }

  private func number(_ members: JSONObject) -> PayloadPlan {
    let least = members["minimum"]?.doubleValue ?? members["exclusiveMinimum"]?.doubleValue.map { $0 + 1 } ?? 0
    let most = members["maximum"]?.doubleValue ?? .greatestFiniteMagnitude
    var candidates: [Double] = []
    for number in [max(least, min(1, most)), least, 100, 1_000_000] + pool.integers.map(Double.init)
    where number >= least && number <= most && !candidates.contains(number) {
      candidates.append(number)
    }
    if candidates.isEmpty { candidates = [least] }
    let compiled = try? Schema(json: .object(members))
    let others = pool.decimals + pool.negativeIntegers.map(Double.init)
    let decimals = others.map { JSON.double($0) }.filter { compiled?.isValid($0) ?? false }
    return PayloadPlanner.limited(
      candidates.map { .double($0) }, then: decimals, isCut: isCut(.integers) || isCut(.decimals))
  }

  private func string(_ members: JSONObject, _ schema: JSON) -> PayloadPlan {
    switch members["format"]?.stringValue {
    case "date-time": return dateTime(schema)
    case "date": return .constant("2026-01-01")
    case "time": return .constant("00:00:00Z")
    case "uuid": return .constant("00000000-0000-4000-8000-000000000001")
    case "email": return .constant("someone@example.com")
    case "uri", "uri-reference": return .constant("https://example.com/")
    default: break
    }
    let least = min(Int(members["minLength"]?.intValue ?? 1), PayloadPlanner.maximumLength)
    let compiled = try? Schema(json: schema)
    let fitting = pool.strings.filter { compiled?.isValid(.string($0)) ?? false }
    let plain = String(repeating: "a", count: max(1, least))
    var candidates = [plain] + fitting.filter { $0 != plain }
    // Two messages must be able to differ, whatever the definition mentions.
    let other = String(repeating: "b", count: max(1, least))
    if candidates.count == 1, compiled?.isValid(.string(other)) ?? false { candidates.append(other) }
    return PayloadPlanner.limited(candidates.map { .string($0) }, isCut: isCut(.strings))
  }

  /// One time, and those at which the definition's guards turn.
  private func dateTime(_ schema: JSON) -> PayloadPlan {
    let plain: JSON = "2026-01-01T00:00:00Z"
    let compiled = try? Schema(json: schema)
    let others = pool.timestamps.map { JSON.string($0) }.filter { compiled?.isValid($0) ?? false }
    return others.isEmpty ? .constant(plain) : PayloadPlanner.limited([plain], then: others, isCut: isCut(.timestamps))
  }

  private func isCut(_ kind: LiteralPool.Kind) -> Bool { pool.cut.contains(kind) }

  /// - Parameter added: what comes after the candidates, with a limit of its own: many of one kind do not keep out a
  ///   few of another.
  private static func limited(_ candidates: [JSON], then added: [JSON] = [], isCut: Bool) -> PayloadPlan {
    let kept = Array(candidates.prefix(maximumCandidates))
    var others: [JSON] = []
    for value in added where !kept.contains(value) && !others.contains(value) { others.append(value) }
    return .candidates(
      kept + others.prefix(maximumCandidates),
      isCut: isCut || candidates.count > maximumCandidates || others.count > maximumCandidates)
  }

  private func merge(_ left: JSON, _ right: JSON) -> JSON {
    guard case .object(var result) = left, case .object(let other) = right else { return left }
    for (name, value) in other {
      switch (name, result[name], value) {
      case ("properties", .object(let mine)?, .object(let theirs)):
        var both = mine
        for (property, schema) in theirs { both[property] = schema }
        result[name] = .object(both)
      case ("required", .array(let mine)?, .array(let theirs)): result[name] = .array(mine + theirs)
      default: result[name] = value
      }
    }
    return .object(result)
  }

  private func resolve(_ reference: String) -> JSON? {
    guard reference.hasPrefix("#"), let names = URIReference(reference).pointer else { return nil }
    return names.reduce(JSON?.some(document)) { value, name in
      if case .array? = value, let index = Int(name) { return value?[index] }
      return value?[name]
    }
  }
}
