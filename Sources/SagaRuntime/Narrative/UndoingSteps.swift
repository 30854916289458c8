import SagaCore

/// Steps whose undo is under way, by all facts until now: their answers, timeouts and retries are those of the undo.
package struct UndoingSteps: Sendable {
  private var steps: Set<String> = []

  package init() {}

  package func contains(_ step: String) -> Bool { steps.contains(step) }

  package mutating func follow(_ fact: Fact) {
    switch fact {
    case .undoing(let step, _, _): steps.insert(step)
    case .undone(let step), .called(let step, _, _): steps.remove(step)
    default: break
    }
  }
}
