/// Which step of a new version of a machine is which of the old one.
///
/// Calls have names and are paired by them; what has none (sequences, branches, loops) is paired by where it stands and by the
/// calls inside it. What is sent and what is set says which is which besides: an undo must not become another's.
struct StepPairing {
  private let old: MachineModel
  private let new: MachineModel
  private let renamed: [String: String]
  /// By old node.
  private(set) var target: [Int?]
  /// By new node.
  private(set) var source: [Int?]
  private let newCalls: [String: Int]

  /// - Parameter states: pairs of old and new states.
  init(_ old: MachineModel, _ new: MachineModel, states: [(old: Int, new: Int)], renamed: [String: String]) {
    self.old = old
    self.new = new
    self.renamed = renamed
    target = Array(repeating: nil, count: old.nodes.count)
    source = Array(repeating: nil, count: new.nodes.count)
    var calls: [String: Int] = [:]
    for (index, node) in new.nodes.enumerated() where node.isCall { calls[node.name] = index }
    newCalls = calls
    for pair in states {
      if let from = old.states[pair.old].root, let to = new.states[pair.new].root { match(from, to) }
    }
    // A call that stands elsewhere now is still the one whose undo is owed.
    for (index, node) in old.nodes.enumerated() where node.isCall && target[index] == nil {
      if let found = newCalls[newName(of: node.name)], source[found] == nil { join(index, found) }
    }
  }

  func newName(of step: String) -> String { renamed[step] ?? step }

  private mutating func join(_ from: Int, _ to: Int) {
    target[from] = to
    source[to] = from
  }

  private mutating func match(_ from: Int, _ to: Int) {
    if source[to] != nil { return }
    join(from, to)
    switch (old.nodes[from].kind, new.nodes[to].kind) {
    case (.sequence(let one), .sequence(let other)): matchChildren(one, other)
    case (.parallel(let one), .parallel(let other)):
      for (left, right) in zip(one, other) { match(left, right) }
    case (.choose(let one), .choose(let other)):
      // A branch is known by the calls in it, and where it has none, by its place.
      for (index, choice) in one.enumerated() {
        let named = other.first { source[$0.body] == nil && isAlike(choice.body, $0.body) }
        if let found = named ?? (other.indices.contains(index) ? other[index] : nil) { match(choice.body, found.body) }
      }
    case (.forEach(_, _, let one), .forEach(_, _, let other)): match(one, other)
    case (.attempt(let body, let recovery), .attempt(let newBody, let newRecovery)):
      match(body, newBody)
      match(recovery, newRecovery)
    default: break
    }
  }

  private mutating func matchChildren(_ one: [Int], _ other: [Int]) {
    for child in one {
      let node = old.nodes[child]
      let found = other.first { candidate in
        guard source[candidate] == nil, new.nodes[candidate].isSameKind(as: node) else { return false }
        return node.isCall ? new.nodes[candidate].name == newName(of: node.name) : isAlike(child, candidate)
      }
      if let found { match(child, found) }
    }
  }

  /// Whether two parts have a call in common, or have none both.
  private func isAlike(_ from: Int, _ to: Int) -> Bool {
    let names = old.calls(in: from).map { newName(of: $0) }
    let others = new.calls(in: to)
    if names.isEmpty || others.isEmpty { return names.isEmpty && others.isEmpty }
    return names.contains { others.contains($0) }
  }
}

extension NodeModel {
  var isCall: Bool { if case .call = kind { true } else { false } }

  fileprivate func isSameKind(as other: NodeModel) -> Bool {
    switch (kind, other.kind) {
    case (.set(let one), .set(let two)): one.map(\.name) == two.map(\.name)
    case (.publish(let one, _), .publish(let two, _)): one.map(\.type) == two.map(\.type)
    case (.sequence, .sequence), (.call, .call), (.fail, .fail), (.forEach, .forEach), (.parallel, .parallel),
      (.choose, .choose), (.attempt, .attempt):
      true
    default: false
    }
  }

  var children: [Int] {
    switch kind {
    case .sequence(let children), .parallel(let children): children
    case .forEach(_, _, let body): [body]
    case .choose(let choices): choices.map(\.body)
    case .attempt(let body, let recovery): [body, recovery]
    case .call, .set, .fail, .publish: []
    }
  }
}

extension MachineModel {
  /// The names of the calls at and below a node, in the order of the text.
  func calls(in node: Int) -> [String] {
    if parts.nodes[node].isCall { return [parts.nodes[node].name] }
    return parts.nodes[node].children.flatMap { calls(in: $0) }
  }
}
