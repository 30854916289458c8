import Testing

@testable import SagaSimulation

@Suite("The breadth-first search")
struct BreadthFirstSearchTests {
  @Test("finds the published numbers of states of two-phase commit", arguments: [(3, 288), (5, 8_832), (7, 296_448)])
  func published(managers: Int, states: Int) {
    let exploration = TwoPhaseCommit(resourceManagers: managers).explore()
    #expect(exploration.verdict == .exhausted)
    #expect(exploration.distinctStates == states)
  }

  @Test("looks at as many steps as TLC reports for three resource managers, the beginning counted by TLC as one")
  func generated() {
    let exploration = TwoPhaseCommit(resourceManagers: 3).explore()
    #expect(exploration.transitions + 1 == 1_146)
    #expect(exploration.depth + 1 == 11)
  }

  @Test("finds a shortest counterexample where the transaction manager does not wait", arguments: [2, 3, 6])
  func broken(managers: Int) throws {
    let exploration = TwoPhaseCommit(resourceManagers: managers, isBroken: true).explore()
    guard case .violated(let counterexample) = exploration.verdict else {
      Issue.record("the broken protocol passed: \(exploration)")
      return
    }
    #expect(counterexample.property == "one resource manager has committed and another aborted")
    #expect(counterexample.steps.count == 3)
    #expect(counterexample.steps.contains("the transaction manager commits"))
  }

  @Test("says that it was bounded exactly when a state was left out", arguments: [1, 287, 288, 289])
  func bounded(limit: Int) {
    let exploration = TwoPhaseCommit(resourceManagers: 3).explore(limit: limit)
    #expect(exploration.verdict == (limit < 288 ? .bounded(at: limit) : .exhausted))
    #expect(exploration.distinctStates == min(limit, 288))
  }

  @Test("stops when it is told to, and calls that bounded")
  func stopped() throws {
    var search = BreadthFirstSearch(TwoPhaseCommit(resourceManagers: 5))
    search.progressInterval = 100
    search.onProgress = { $0.transitions < 5_000 }
    let exploration = try search.run()
    #expect(exploration.verdict == .bounded(at: exploration.distinctStates))
    #expect(exploration.distinctStates < 8_832)
  }

  @Test("reports a state that nothing leads out of when the model says that is wrong")
  func deadEnd() throws {
    var search = BreadthFirstSearch(Countdown(from: 4))
    guard case .violated(let counterexample) = try search.run().verdict else {
      Issue.record("the dead end was not seen")
      return
    }
    #expect(counterexample == Counterexample(property: "stuck at 0", steps: ["down", "down", "down", "down"]))
  }
}

/// Counts down and is stuck at zero.
private struct Countdown: TransitionSystem {
  enum Action { case down }
  var start: UInt64

  init(from start: UInt64) { self.start = start }

  func initialStates() -> [PackedState] { [PackedState(low: start, high: 1)] }

  func appendSteps(from state: PackedState, to steps: inout [Step<Action>]) {
    if state.low > 0 { steps.append(Step(.down, to: PackedState(low: state.low - 1, high: 1))) }
  }

  func violation(in state: PackedState) -> String? { nil }
  func violation(atEnd state: PackedState) -> String? { "stuck at \(state.low)" }
  func describe(_ action: Action, from state: PackedState) -> String { "down" }
}
