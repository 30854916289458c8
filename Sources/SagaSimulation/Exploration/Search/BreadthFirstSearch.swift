/// Looks at every state of a model, those nearest to the beginning first: the way to the first violation found is a
/// shortest one.
///
/// Only states and their predecessors are kept. The steps of a counterexample are found again by taking the steps out of
/// each state on the way, as TLC does (Yu, Manolios, Lamport, "Model Checking TLA+ Specifications", 1999).
struct BreadthFirstSearch<Model: TransitionSystem> {
  private(set) var model: Model
  /// The search ends when there is one more distinct state than this.
  let limit: Int
  /// How many states are looked at between two calls of `onProgress`.
  var progressInterval = 1 << 16
  /// Told how far the search is; it stops, bounded, when this says false.
  var onProgress: (ExplorationProgress) -> Bool = { _ in true }

  init(_ model: Model, limit: Int = .max) {
    self.model = model
    self.limit = min(limit, VisitedStates.maximum)
  }

  /// Runs the search to its end.
  ///
  /// - Throws: what the model throws.
  mutating func run() throws -> Exploration {
    var visited = VisitedStates(allowance: model.allowance)
    var steps: [Step<Model.Action>] = []
    var transitions = 0
    var depth = 0
    for state in try model.initialStates() {
      switch visited.insert(state, from: UInt32(truncatingIfNeeded: visited.count), limit: limit) {
      case .known: continue
      case .full: return exploration(.bounded(at: visited.count), visited, transitions, depth)
      case .new:
        if let property = try model.violation(in: state) {
          return try violated(property, at: visited.count - 1, visited, transitions, depth)
        }
      }
    }
    var current = 0
    var levelEnd = visited.count
    while current < visited.count {
      if current == levelEnd {
        depth += 1
        levelEnd = visited.count
      }
      let state = visited.states[current]
      steps.removeAll(keepingCapacity: true)
      try model.appendSteps(from: state, to: &steps)
      transitions += steps.count
      for step in steps {
        switch visited.insert(step.next, from: UInt32(truncatingIfNeeded: current), limit: limit) {
        case .known: continue
        case .full: return exploration(.bounded(at: visited.count), visited, transitions, depth + 1)
        case .new:
          if let property = try model.violation(in: step.next) {
            return try violated(property, at: visited.count - 1, visited, transitions, depth + 1)
          }
        }
      }
      if steps.isEmpty, let property = try model.violation(atEnd: state) {
        return try violated(property, at: current, visited, transitions, depth)
      }
      current += 1
      if current % progressInterval == 0 {
        let progress = ExplorationProgress(
          distinctStates: visited.count, waiting: visited.count - current, transitions: transitions, depth: depth)
        if !onProgress(progress), current < visited.count {
          return exploration(.bounded(at: visited.count), visited, transitions, depth)
        }
      }
    }
    return exploration(.exhausted, visited, transitions, depth)
  }

  private func exploration(
    _ verdict: Exploration.Verdict, _ visited: borrowing VisitedStates, _ transitions: Int, _ depth: Int
  ) -> Exploration {
    Exploration(
      verdict: verdict, distinctStates: visited.count, transitions: transitions, depth: depth,
      memoryBytes: visited.bytes)
  }

  private mutating func violated(
    _ property: String, at number: Int, _ visited: borrowing VisitedStates, _ transitions: Int, _ depth: Int
  ) throws -> Exploration {
    let path = visited.path(to: number)
    var words: [String] = []
    var steps: [Step<Model.Action>] = []
    for (from, to) in zip(path, path.dropFirst()) {
      let state = visited.states[from]
      steps.removeAll(keepingCapacity: true)
      try model.appendSteps(from: state, to: &steps)
      guard let step = steps.first(where: { $0.next == visited.states[to] }) else {
        preconditionFailure("a model gave other steps out of the same state")
      }
      words.append(try model.describe(step.action, from: state))
    }
    return exploration(
      .violated(Counterexample(property: property, steps: words)), visited, transitions, depth)
  }
}
