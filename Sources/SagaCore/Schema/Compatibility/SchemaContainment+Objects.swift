/// The rules about objects.
extension SchemaContainment {
  mutating func checkObject(_ value: WrittenValue, _ reader: Int) {
    let node = nodes[reader]
    let required = value.requiredNames(nodes)
    for name in node.required where !required.contains(where: name.hasSameCodePoints) {
      report(
        .requiredAdded, reader, "required",
        "may lack the property \(JSON.string(name)), which the \(direction.reader) schema requires")
    }
    checkPropertyCounts(value, reader, required: required)
    for name in declaredNames(value, reader) { checkProperty(name, value, reader, required: required) }
    checkOtherNames(value, reader)
    checkPropertyNames(value, reader)
    checkDependencies(value, reader, required: required)
  }

  private func declaredNames(_ value: WrittenValue, _ reader: Int) -> [String] {
    var names: [ExactText] = []
    var seen: Set<ExactText> = []
    for place in value.included + [reader] {
      for (name, _) in nodes[place].properties where seen.insert(ExactText(text: name)).inserted {
        names.append(ExactText(text: name))
      }
    }
    return names.map(\.text)
  }

  private mutating func checkPropertyCounts(_ value: WrittenValue, _ reader: Int, required: [String]) {
    let node = nodes[reader]
    let fewest = max(value.greatest(nodes) { $0.minProperties } ?? 0, Set(required.map(ExactText.init)).count)
    if let bound = node.minProperties, fewest < bound {
      report(
        .minPropertiesRaised, reader, "minProperties",
        "may have \(fewest) properties, where the \(direction.reader) schema wants at least \(bound)")
    }
    guard let bound = node.maxProperties else { return }
    var most = value.least(nodes) { $0.maxProperties }
    for place in value.included {
      let own = nodes[place]
      guard own.patternProperties.isEmpty, let rest = own.additionalProperties, nodes[rest].verdict == false else {
        continue
      }
      most = min(most ?? .max, own.properties.count)
    }
    if most.map({ $0 > bound }) ?? true {
      report(
        .maxPropertiesLowered, reader, "maxProperties",
        "may have \(most.map { "\($0)" } ?? "any number of") properties, where the \(direction.reader) schema wants at "
          + "most \(bound)")
    }
  }

  private mutating func checkProperty(_ name: String, _ value: WrittenValue, _ reader: Int, required: [String]) {
    let node = nodes[reader]
    let parts = node.nodes(ofMember: name)
    if parts.isEmpty { return }
    let member = value.property(name, nodes)
    if isEmpty(member) { return }
    let isRequired = required.contains(where: name.hasSameCodePoints)
    let isDeclared = isRequired || value.included.contains { nodes[$0].property(name) != nil }
    if !isDeclared, member.included.allSatisfy({ nodes[$0].allowsEverything }) {
      // Where the reader requires it, that has been said.
      if node.required.contains(where: name.hasSameCodePoints) { return }
      if parts.allSatisfy({ nodes[$0].allowsEverything }) { return }
      reportUndeclared(.property(name), reader)
      return
    }
    for part in parts {
      guard nodes[part].verdict == false else {
        contain(member, part, at: .key(name))
        continue
      }
      place.elements.append(.key(name))
      report(
        .propertyRefused, reader, node.property(name) == nil ? "additionalProperties" : "properties",
        "may have the property \(JSON.string(name)), which the \(direction.reader) schema does not allow")
      place.elements.removeLast()
    }
  }

  private enum Undeclared {
    case property(String)
    case pattern(String)
  }

  /// A name that the reader's schema describes, and of which the writer's says nothing: anything could stand there.
  private mutating func reportUndeclared(_ what: Undeclared, _ reader: Int) {
    let verdict: SchemaFinding.Verdict = isStrict ? .breaking : .note
    let (name, keyword, title): (PathElement, String, String) =
      switch what {
      case .property(let name): (.key(name), "properties", "the property \(JSON.string(name))")
      case .pattern(let text): (.key("*"), "patternProperties", "properties that match \(JSON.string(text).shown)")
      }
    place.elements.append(name)
    findings.append(
      finding(
        .propertyUndeclared, verdict, reader, keyword,
        "may have anything under \(title), which the \(direction.writer) schema does not name and does not forbid"))
    place.elements.removeLast()
  }

  /// Names that the writer's schema does not list: those that match one of its patterns, and all others.
  private struct NameClass {
    /// nil for names that match no pattern.
    var pattern: String?
    var value: WrittenValue
  }

  private func nameClasses(_ value: WrittenValue) -> [NameClass] {
    var classes: [NameClass] = []
    for place in value.included {
      for (pattern, node) in nodes[place].patternProperties {
        let rest = value.included.filter { $0 != place && nodes[$0].patternProperties.isEmpty }
        classes.append(
          NameClass(
            pattern: pattern.text,
            value: WrittenValue([node] + rest.compactMap { nodes[$0].additionalProperties }, nodes)))
      }
    }
    let rest = value.included.compactMap { nodes[$0].additionalProperties }
    return classes + [NameClass(pattern: nil, value: WrittenValue(rest, nodes))]
  }

  private mutating func checkOtherNames(_ value: WrittenValue, _ reader: Int) {
    let node = nodes[reader]
    let isOpen = node.additionalProperties.map { nodes[$0].allowsEverything } ?? true
    if isOpen, node.patternProperties.isEmpty { return }
    let classes = nameClasses(value)
    let patterns = node.patternProperties.map(\.pattern.text)
    for names in classes where !isEmpty(names.value) {
      for (pattern, part) in node.patternProperties {
        // Names of the last class match no pattern of the writer's.
        if names.pattern == nil, classes.contains(where: { $0.pattern == pattern.text }) { continue }
        checkMatching(names.value, pattern.text, isSamePattern: names.pattern == pattern.text, part, reader)
      }
      guard !isOpen, let part = node.additionalProperties else { continue }
      if let own = names.pattern, patterns.contains(own) { continue }
      guard nodes[part].verdict == false else {
        reportFailure(of: names.value, part, .additionalNarrowed, .breaking, reader, "additionalProperties")
        continue
      }
      report(
        .additionalClosed, reader, "additionalProperties",
        "may have properties that the \(direction.reader) schema does not name, and it allows no others")
    }
  }

  private mutating func checkMatching(
    _ value: WrittenValue, _ pattern: String, isSamePattern: Bool, _ part: Int, _ reader: Int
  ) {
    if isSamePattern {
      contain(value, part, at: .key("*"))
    } else if value.included.allSatisfy({ nodes[$0].allowsEverything }) {
      if !nodes[part].allowsEverything { reportUndeclared(.pattern(pattern), reader) }
    } else {
      reportFailure(of: value, part, .patternPropertiesNarrowed, .unproven, reader, "patternProperties")
    }
  }

  /// Names the rule as a whole where members under unknown names break it.
  private mutating func reportFailure(
    of value: WrittenValue, _ part: Int, _ code: SchemaChangeCode, _ verdict: SchemaFinding.Verdict, _ reader: Int,
    _ keyword: String
  ) {
    let found = attempt { $0.contain(value, part, at: .key("*")) }
    guard let first = found.first(where: \.isFailure) else {
      findings += found
      return
    }
    let isAnything = value.included.allSatisfy { nodes[$0].allowsEverything }
    let reason =
      isAnything
      ? "may have anything under names that are not listed" : "under names that are not listed: \(first.message)"
    findings.append(finding(code, verdict, reader, keyword, reason))
  }

  private mutating func checkPropertyNames(_ value: WrittenValue, _ reader: Int) {
    guard let rule = nodes[reader].propertyNames else { return }
    var names = WrittenValue(value.included.compactMap { nodes[$0].propertyNames }, nodes)
    names.atoms.formIntersection(.string)
    if !attempt({ $0.contain(names, rule) }).contains(where: \.isFailure) { return }
    // A closed object has no names but its own.
    let isClosed = nameClasses(value).allSatisfy { isEmpty($0.value) }
    let listed = declaredNames(value, reader)
    let refused = listed.filter { name in
      var validator = SchemaValidator(nodes: nodes, maximumViolations: 0)
      return !validator.check(.string(name), rule) && !isEmpty(value.property(name, nodes))
    }
    if isClosed, refused.isEmpty { return }
    let list = refused.prefix(4).map { JSON.string($0).shown }.joined(separator: ", ")
    report(
      .propertyNamesNarrowed, reader, "propertyNames",
      refused.isEmpty
        ? "may have properties of other names than the \(direction.reader) schema allows"
        : "may have the properties \(list), whose names the \(direction.reader) schema does not allow")
  }

  private mutating func checkDependencies(_ value: WrittenValue, _ reader: Int, required: [String]) {
    let node = nodes[reader]
    for (name, wanted) in node.dependentRequired where !isEmpty(value.property(name, nodes)) {
      var present = value
      present.required.append(name)
      let there = present.requiredNames(nodes)
      for other in wanted where !there.contains(where: other.hasSameCodePoints) {
        report(
          .dependentRequiredAdded, reader, "dependentRequired",
          "may have the property \(JSON.string(name)) without \(JSON.string(other)), which the \(direction.reader) schema "
            + "requires with it")
      }
    }
    for (name, part) in node.dependentSchemas where !isEmpty(value.property(name, nodes)) {
      var present = value
      present.required.append(name)
      for place in value.included {
        for (own, schema) in nodes[place].dependentSchemas where own.hasSameCodePoints(as: name) {
          present.include(schema, nodes)
        }
      }
      contain(present, part)
    }
  }
}
