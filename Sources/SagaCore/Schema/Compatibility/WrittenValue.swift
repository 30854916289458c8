/// What is known of a value that a writer makes: it is valid under every one of some subschemas and under none of some others.
///
/// Leaving out what is known makes the set of values larger; that costs proofs and is never wrong.
struct WrittenValue: Hashable {
  /// Subschemas that the value is valid under, with all that they always apply to it.
  private(set) var included: [Int] = []
  /// Subschemas that the value is not valid under.
  private(set) var excluded: [Int] = []
  var atoms = TypeAtoms.all
  /// Properties that are there, beside those that `included` requires.
  var required: [String] = []
  /// Choices (`anyOf` and the like) of `included` that have been made already.
  private(set) var decided: [Choice] = []

  struct Choice: Hashable {
    enum Kind: Hashable { case anyOf, oneOf, condition }
    var place: Int
    var kind: Kind
  }

  init(_ places: [Int], _ nodes: [SchemaNode]) {
    for place in places { include(place, nodes) }
  }

  mutating func include(_ place: Int, _ nodes: [SchemaNode]) {
    if included.contains(place) { return }
    included.append(place)
    let node = nodes[place]
    if let types = node.types { atoms.formIntersection(TypeAtoms(types)) }
    if let reference = node.reference { include(reference, nodes) }
    for part in node.allOf { include(part, nodes) }
  }

  mutating func exclude(_ place: Int) {
    if !excluded.contains(place) { excluded.append(place) }
  }

  /// The cases of the first choice that has not been made; nil where there is none.
  func cases(_ nodes: [SchemaNode]) -> [WrittenValue]? {
    for place in included {
      let node = nodes[place]
      if !node.anyOf.isEmpty, let next = deciding(place, .anyOf) {
        return node.anyOf.map { next.including($0, nodes) }
      }
      if !node.oneOf.isEmpty, let next = deciding(place, .oneOf) {
        return node.oneOf.indices.map { index in
          var option = next.including(node.oneOf[index], nodes)
          for other in node.oneOf.indices where other != index { option.exclude(node.oneOf[other]) }
          return option
        }
      }
      if let condition = node.condition, let next = deciding(place, .condition) {
        var held = next.including(condition, nodes)
        if let consequence = node.consequence { held.include(consequence, nodes) }
        var failed = next
        failed.exclude(condition)
        if let alternative = node.alternative { failed.include(alternative, nodes) }
        return [held, failed]
      }
    }
    return nil
  }

  private func deciding(_ place: Int, _ kind: Choice.Kind) -> WrittenValue? {
    let choice = Choice(place: place, kind: kind)
    if decided.contains(choice) { return nil }
    var next = self
    next.decided.append(choice)
    return next
  }

  func including(_ place: Int, _ nodes: [SchemaNode]) -> WrittenValue {
    var next = self
    next.include(place, nodes)
    return next
  }

  // MARK: What the subschemas say together

  /// Properties that are there for certain.
  func requiredNames(_ nodes: [SchemaNode]) -> [String] {
    var names = required
    for place in included { names += nodes[place].required }
    // What they require in turn; the list grows while it is walked.
    var next = 0
    while next < names.count {
      for place in included {
        for (name, more) in nodes[place].dependentRequired where name.hasSameCodePoints(as: names[next]) {
          names += more.filter { !names.contains($0) }
        }
      }
      next += 1
    }
    return names
  }

  /// What is known of a property's value, if it is there.
  func property(_ name: String, _ nodes: [SchemaNode]) -> WrittenValue {
    WrittenValue(included.flatMap { nodes[$0].nodes(ofMember: name) }, nodes)
  }

  /// What is known of an element.
  func element(_ index: Int, _ nodes: [SchemaNode]) -> WrittenValue {
    WrittenValue(included.compactMap { nodes[$0].node(ofElement: index) }, nodes)
  }

  func greatest(_ nodes: [SchemaNode], _ count: (SchemaNode) -> Int?) -> Int? {
    included.compactMap { count(nodes[$0]) }.max()
  }

  func least(_ nodes: [SchemaNode], _ count: (SchemaNode) -> Int?) -> Int? {
    included.compactMap { count(nodes[$0]) }.min()
  }
}
