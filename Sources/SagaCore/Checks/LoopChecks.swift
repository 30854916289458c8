/// States that an instance runs round without ever waiting: it would never come to rest.
func checkLoops(_ role: CheckedRole, _ findings: inout Findings) {
  let next = role.states.indices.map { role.statesEnteredAtOnce(from: $0) }
  var reported: Set<Int> = []
  for start in role.reached where !reported.contains(start) {
    guard let circle = circle(through: start, next) else { continue }
    reported.formUnion(circle)
    let names = (circle + [start]).map { role.states[$0].name }.joined(separator: " → ")
    findings.add(
      .loopUnbounded, role.states[start].position,
      "an instance can go round \(names) without waiting for anything",
      mend: "let one of these states wait for a message, a reply or an `after`; work off a list with `forEach`")
  }
}

/// The shortest way from a state back to itself, without the return.
private func circle(through start: Int, _ next: [[Int]]) -> [Int]? {
  var paths = [[start]]
  var seen: Set<Int> = []
  while !paths.isEmpty {
    var longer: [[Int]] = []
    for path in paths {
      for state in next[path[path.count - 1]] {
        if state == start { return path }
        if seen.insert(state).inserted { longer.append(path + [state]) }
      }
    }
    paths = longer
  }
  return nil
}

extension CheckedRole {
  /// States that can follow in the commit in which this one is entered.
  fileprivate func statesEnteredAtOnce(from index: Int) -> [Int] {
    let state = states[index]
    let outlook = state.steps.map { self.outlook($0) }
    return edges.filter { $0.source == index && isPossible($0) }.filter { edge in
      switch edge.cause {
      case .done: outlook?.canPassAtOnce ?? false
      case .failed: outlook.map { $0.canFail && !$0.canWait } ?? false
      case .after(let entry): !edge.isRoleWide && entry.delay.isNothing
      case .start, .message: false
      }
    }.map(\.target)
  }
}

extension Delay {
  var isNothing: Bool { literal == 0 }

  /// Milliseconds, where the file says them.
  package var literal: Int64? { if case .milliseconds(let value) = value { value } else { nil } }
}
