/// The rules about arrays.
extension SchemaContainment {
  mutating func checkArray(_ value: WrittenValue, _ reader: Int) {
    let node = nodes[reader]
    let fewest = value.greatest(nodes) { $0.minItems } ?? 0
    let most = value.least(nodes) { $0.maxItems }
    if let bound = node.minItems, fewest < bound {
      report(
        .minItemsRaised, reader, "minItems",
        "may have \(fewest) elements, where the \(direction.reader) schema wants at least \(bound)")
    }
    if let bound = node.maxItems, most.map({ $0 > bound }) ?? true {
      report(
        .maxItemsLowered, reader, "maxItems",
        "may have \(most.map { "\($0)" } ?? "any number of") elements, where the \(direction.reader) schema wants at most "
          + "\(bound)")
    }
    if node.uniqueItems, !value.included.contains(where: { nodes[$0].uniqueItems }), most.map({ $0 > 1 }) ?? true {
      report(.uniqueItemsAdded, reader, "uniqueItems", "may repeat elements")
    }
    checkElements(value, reader, most: most)
    checkContains(value, reader, fewest: fewest, most: most)
  }

  private mutating func checkElements(_ value: WrittenValue, _ reader: Int, most: Int?) {
    let node = nodes[reader]
    let fixed = (value.included + [reader]).map { nodes[$0].prefixItems.count }.max() ?? 0
    for index in 0...fixed {
      if let most, index >= most { return }
      guard let part = node.node(ofElement: index) else { continue }
      let element = value.element(index, nodes)
      if isEmpty(element) { return }
      let step: PathElement = index == fixed ? .key("*") : .index(index)
      guard nodes[part].verdict == false else {
        contain(element, part, at: step)
        continue
      }
      place.elements.append(step)
      report(.itemsClosed, reader, "items", "may have this element, and the \(direction.reader) schema allows none")
      place.elements.removeLast()
      return
    }
  }

  private mutating func checkContains(_ value: WrittenValue, _ reader: Int, fewest: Int, most: Int?) {
    let node = nodes[reader]
    guard let part = node.contains else { return }
    let least = node.minContains ?? 1
    if least > 0, !containsEnough(value, part, least, fewest: fewest) {
      report(
        .containsNarrowed, reader, "contains", "may contain fewer than \(least) elements of the form that is wanted")
    }
    if let bound = node.maxContains, most.map({ $0 > bound }) ?? true, !containsFewEnough(value, part, bound) {
      report(
        .containsNarrowed, reader, "maxContains", "may contain more than \(bound) elements of the form that is limited")
    }
  }

  private mutating func containsEnough(_ value: WrittenValue, _ part: Int, _ least: Int, fewest: Int) -> Bool {
    for place in value.included {
      guard let own = nodes[place].contains, nodes[place].minContains ?? 1 >= least else { continue }
      let element = WrittenValue([own], nodes)
      if !attempt({ $0.contain(element, part) }).contains(where: \.isFailure) { return true }
    }
    guard fewest >= least else { return false }
    // Enough elements, all of which have the form.
    let fixed = value.included.map { nodes[$0].prefixItems.count }.max() ?? 0
    return (0...fixed).allSatisfy { index in
      let element = value.element(index, nodes)
      return !attempt({ $0.contain(element, part) }).contains(where: \.isFailure)
    }
  }

  private mutating func containsFewEnough(_ value: WrittenValue, _ part: Int, _ bound: Int) -> Bool {
    for place in value.included {
      guard let own = nodes[place].contains, let most = nodes[place].maxContains, most <= bound else { continue }
      if areSame(own, part) { return true }
    }
    let fixed = value.included.map { nodes[$0].prefixItems.count }.max() ?? 0
    for index in 0...fixed where !isDisjoint(value.element(index, nodes), part) { return false }
    return true
  }
}
