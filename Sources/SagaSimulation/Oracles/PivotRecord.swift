import SagaCore
import SagaRuntime

/// From a pivot on nothing is undone, by a step's or by a transition's: as a journal tells it.
struct PivotRecord {
  private struct Course {
    /// The row that passed the pivot.
    var pivot: JournalSequence?
    /// Steps whose undo had begun before it; one may be owed once more when its action's success comes late.
    var undone: Set<String> = []
  }

  private var courses: [InstanceID: Course] = [:]

  /// Reads on by one row of an instance.
  ///
  /// - Parameter tried: steps below a `try`, whose undoing a transition that is a pivot does not end.
  mutating func enter(
    _ row: JournalRow, _ facts: [Fact], of id: InstanceID, key: String, tried: Set<String>, _ service: String
  ) throws(Violation) {
    for fact in facts {
      switch fact {
      case .pivoted: courses[id, default: Course()].pivot = row.sequence
      case .undoing(let step, _, let type):
        if let pivot = courses[id]?.pivot, courses[id]?.undone.contains(step) != true,
          !tried.contains(step.withoutIndexes)
        {
          throw Violation(
            "undo-after-pivot",
            "row \(row.sequence) of \(service): \(key) sends \(type) for \(step); row \(pivot) passed the pivot")
        }
        courses[id, default: Course()].undone.insert(step)
      default: break
      }
    }
  }
}
