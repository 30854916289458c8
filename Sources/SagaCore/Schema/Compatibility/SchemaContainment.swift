/// Proves that whatever a writer's schema allows, a reader's schema allows too; says of what it cannot prove why not.
///
/// Works on both schemas at once: their nodes stand in one list. What is known of a written value only ever grows smaller than
/// the truth where it is simplified (`WrittenValue`), and every rule of the reader has to be proven, so that silence is a proof.
/// Schemas that contain themselves are compared by assuming what is being proven, which values, being finite, allow.
///
/// The idea is that of Habib, Shinnar, Hirzel and Pradel, "Finding Data Compatibility Bugs with JSON Subschema Checks" (ISSTA
/// 2021), without its complete normal form.
struct SchemaContainment {
  /// How many pairs of subschemas one comparison looks at.
  static let maximumSteps = 20_000
  /// How deep a comparison goes.
  static let maximumDepth = 200

  struct Frame: Hashable {
    var value: WrittenValue
    var reader: Int
  }

  let nodes: [SchemaNode]
  /// Where each node stands in its schema.
  let paths: [JSONPointerPath]
  let direction: SchemaDirection
  /// Whether members that the writer's schema does not name may come under any name.
  let isStrict: Bool
  var sameness = SchemaSameness()
  var findings: [SchemaFinding] = []
  var place: JSONPointerPath = []
  private var open: Set<Frame> = []
  private var steps = 0
  private var depth = 0
  private(set) var isExhausted = false

  init(writer: Schema, reader: Schema, direction: SchemaDirection, isStrict: Bool) {
    nodes = writer.nodes + reader.nodes.map { SchemaNode($0.rules.shifted(by: writer.nodes.count)) }
    paths = writer.paths + reader.paths
    self.direction = direction
    self.isStrict = isStrict
  }

  /// What keeps a reader from taking all that a writer writes.
  static func findings(
    writer: Schema, reader: Schema, direction: SchemaDirection, isStrict: Bool
  ) -> [SchemaFinding] {
    var run = SchemaContainment(writer: writer, reader: reader, direction: direction, isStrict: isStrict)
    let root = writer.nodes.count + reader.root
    run.contain(WrittenValue([writer.root], run.nodes), root)
    guard run.isExhausted else { return run.findings.withoutRepetitions }
    run.place = []
    let finding = run.finding(
      .limit, .unproven, root, nil,
      "comparing takes more than \(maximumSteps) steps, or goes deeper than \(maximumDepth)")
    return run.findings.withoutRepetitions.filter { $0.verdict == .breaking } + [finding]
  }

  /// Adds what keeps a subschema of the reader from taking a value.
  mutating func contain(_ value: WrittenValue, _ reader: Int) {
    if depth >= SchemaContainment.maximumDepth { isExhausted = true }
    if isPastLimit() || nodes[reader].allowsEverything || isEmpty(value) { return }
    for place in value.included where areSame(place, reader) { return }
    let frame = Frame(value: value, reader: reader)
    guard open.insert(frame).inserted else { return }
    depth += 1
    defer {
      open.remove(frame)
      depth -= 1
    }
    let direct = attempt { $0.check(value, reader) }
    guard direct.contains(where: \.isFailure), let cases = cases(of: value, for: reader) else {
      findings += direct
      return
    }
    // Taken case by case, more is known of the value.
    for part in cases { contain(part, reader) }
  }

  /// Counts a step. Past the limit nothing is looked at any more, and the whole comparison proves nothing.
  mutating func isPastLimit() -> Bool {
    steps += 1
    if steps > SchemaContainment.maximumSteps { isExhausted = true }
    return isExhausted
  }

  /// Like `contain`, at a part of the value.
  mutating func contain(_ value: WrittenValue, _ reader: Int, at element: PathElement) {
    place.elements.append(element)
    contain(value, reader)
    place.elements.removeLast()
  }

  /// What a body would add.
  mutating func attempt(_ body: (inout SchemaContainment) -> Void) -> [SchemaFinding] {
    let before = findings
    findings = []
    body(&self)
    defer { findings = before }
    return findings
  }

  private func cases(of value: WrittenValue, for reader: Int) -> [WrittenValue]? {
    if let cases = value.cases(nodes) { return cases }
    // Types are told apart only where the reader has alternatives for them.
    guard value.atoms.single.count > 1, hasAlternatives(reader) else { return nil }
    return value.atoms.single.map { atom in
      var part = value
      part.atoms = atom
      return part
    }
  }

  private func hasAlternatives(_ reader: Int) -> Bool {
    WrittenValue([reader], nodes).included.contains { place in
      let node = nodes[place]
      return !node.anyOf.isEmpty || !node.oneOf.isEmpty || node.condition != nil || node.negated != nil
    }
  }

  /// Every rule of one subschema of the reader.
  private mutating func check(_ written: WrittenValue, _ reader: Int) {
    let node = nodes[reader]
    if node.verdict == false {
      report(.nothingAllowed, reader, nil, "the \(direction.reader) schema allows nothing here")
      return
    }
    if let values = finiteValues(written) {
      check(values, reader)
      return
    }
    var value = written
    if let types = node.types {
      let refused = value.atoms.subtracting(TypeAtoms(types))
      if !refused.isEmpty {
        report(
          .typeNarrowed, reader, "type",
          "may be \(refused.text), where the \(direction.reader) schema wants \(types.text)")
      }
      value.atoms.formIntersection(TypeAtoms(types))
      if value.atoms.isEmpty { return }
    }
    if let allowed = node.enumeration {
      let list = allowed.prefix(8).map(\.shown).joined(separator: ", ") + (allowed.count > 8 ? ", …" : "")
      report(.enumAdded, reader, "enum", "may be other than \(list)")
    }
    if let constant = node.constant { report(.constAdded, reader, "const", "may be other than \(constant.shown)") }
    if !value.atoms.isDisjoint(with: .number) { checkNumber(value, reader) }
    if value.atoms.contains(.string) { checkString(value, reader) }
    if value.atoms.contains(.array) { checkArray(value, reader) }
    if value.atoms.contains(.object) { checkObject(value, reader) }
    checkApplicators(value, reader)
  }

  /// Each of the values that there can be.
  private mutating func check(_ values: [JSON], _ reader: Int) {
    var refused: [String: (values: [JSON], first: SchemaViolation)] = [:]
    var order: [String] = []
    for value in values {
      var validator = SchemaValidator(nodes: nodes, maximumViolations: 1)
      guard !validator.check(value, reader), let violation = validator.violations.first else { continue }
      if refused[violation.keyword] == nil { order.append(violation.keyword) }
      refused[violation.keyword, default: ([], violation)].values.append(value)
    }
    for keyword in order {
      guard let (values, first) = refused[keyword] else { continue }
      let list = values.prefix(8).map(\.shown).joined(separator: ", ") + (values.count > 8 ? ", …" : "")
      let verdict: SchemaFinding.Verdict = keyword == "limit" ? .unproven : .breaking
      let message = "may be \(list); the \(direction.reader) schema: \(first.message)"
      place.elements += first.path.elements
      findings.append(
        finding(SchemaChangeCode(refusedBy: keyword), verdict, reader, nodes[reader].states(keyword), message))
      place.elements.removeLast(first.path.elements.count)
    }
  }

  /// All values that there can be; nil where there are too many to tell.
  func finiteValues(_ value: WrittenValue) -> [JSON]? {
    guard let candidates = candidates(value) else { return nil }
    func holds(_ place: Int, _ json: JSON) -> Bool {
      var validator = SchemaValidator(nodes: nodes, maximumViolations: 0)
      return validator.check(json, place)
    }
    return candidates.filter { json in
      value.atoms.contains(TypeAtoms(of: json)) && value.included.allSatisfy { holds($0, json) }
        && !value.excluded.contains { holds($0, json) } && value.required.allSatisfy { json[$0] != nil }
    }
  }

  private func candidates(_ value: WrittenValue) -> [JSON]? {
    for place in value.included {
      if let constant = nodes[place].constant { return [constant] }
      if let values = nodes[place].enumeration { return values }
    }
    if value.atoms.isSubset(of: [.null, .boolean]) { return [.null, false, true] }
    guard value.atoms == .integer,
      let low = NumberBound.lower(value.included.lazy.map { nodes[$0] }, integers: true)?.value.intValue,
      let high = NumberBound.upper(value.included.lazy.map { nodes[$0] }, integers: true)?.value.intValue
    else { return nil }
    if low > high { return [] }
    let (width, overflow) = high.subtractingReportingOverflow(low)
    return overflow || width >= 64 ? nil : (low...high).map(JSON.int)
  }

  mutating func areSame(_ one: Int, _ other: Int) -> Bool { sameness.areSame(one, other, nodes) }

  // MARK: Reporting

  mutating func report(_ code: SchemaChangeCode, _ reader: Int, _ keyword: String?, _ message: String) {
    findings.append(finding(code, .breaking, reader, keyword, message))
  }

  func finding(
    _ code: SchemaChangeCode, _ verdict: SchemaFinding.Verdict, _ reader: Int, _ keyword: String?, _ message: String
  ) -> SchemaFinding {
    let text = "\(direction.writer) data \(message)"
    return SchemaFinding(
      code: code, verdict: verdict, direction: direction, type: nil, place: place,
      rule: keyword.map { paths[reader].appending($0) } ?? paths[reader], message: text)
  }
}

extension SchemaNode {
  /// A keyword, if the node itself states it.
  fileprivate func states(_ keyword: String) -> String? {
    switch keyword {
    case "enum": rules.enumeration == nil ? nil : keyword
    case "const": rules.constant == nil ? nil : keyword
    case "type": rules.types == nil ? nil : keyword
    default: nil
    }
  }
}

extension [SchemaFinding] {
  fileprivate var withoutRepetitions: [SchemaFinding] {
    var seen: Set<SchemaFinding> = []
    return filter { seen.insert($0).inserted }
  }
}
