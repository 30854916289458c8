/// Why an instance cannot move to another version of its definition.
public struct MigrationObstacle: Sendable, Hashable, CustomStringConvertible {
  /// What stands in the way; stable, for machines.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The instance has ended: it keeps its version for ever.
    case final
    /// The new version has no such state.
    case state
    /// The old and the new state do not both end the instance, or end it differently.
    case stateKind = "state-kind"
    /// The instance is in a state that runs steps only in the new version: nothing would begin them.
    case stepsNotBegun = "steps-not-begun"
    /// A step that is under way, or whose undo is owed, is not in the new version, or stands elsewhere.
    case step
    /// Steps of the new version come before where the instance is: they would never run for it.
    case neverRuns = "never-runs"
    /// A step that has run comes after where the instance is: it would run again.
    case runsAgain = "runs-again"
    /// An attempt of a call is out, and the new version would repeat another command under its idempotency key; or an undo is owed
    /// for another command than the new version would undo.
    case command
    /// A reply that may still come is taken by nothing.
    case reply
    /// The pivot is passed, or under way, in one version and not in the other.
    case pivot
    /// What was done could not be undone any more.
    case undo
    /// A `forEach` under way goes through another list, or a `parallel` under way has other branches.
    case branches
    /// A transition that waits for the end of a compensation is not in the new version.
    case transition
    /// The instance's data does not fit the new version, or the mapping's expressions have no value for it.
    case data
    /// A message that the instance keeps for later, or the reply of a step, does not fit the new version.
    case message
    /// A value under which messages find the instance cannot be recorded.
    case correlation
  }

  /// What stands in the way.
  public var code: Code
  /// What it is about: a state, a step, a message type, a field.
  public var subject: String
  /// The cause, for people.
  public var message: String

  init(_ code: Code, _ subject: String, _ message: String) {
    self.code = code
    self.subject = subject
    self.message = message
  }

  /// What a mapping can say about it; nil where the instance must stay with its version.
  public var mend: String? {
    switch code {
    case .state: "map it: \"states\": {\"\(subject)\": \"…\"}"
    case .stepsNotBegun: "begin them: \"states\": {\"\(subject)\": {\"enter\": \"…\"}}"
    case .step: "if it has another name now, map it: \"steps\": {\"\(subject)\": \"…\"}"
    case .neverRuns: "if that is right, say so: \"skip\": [\"\(subject)\"]"
    case .data: "compute what is missing and drop what is gone: \"set\": {…}, \"drop\": […]"
    case .final, .stateKind, .runsAgain, .command, .reply, .pivot, .undo, .branches, .transition, .message,
      .correlation:
      nil
    }
  }

  public var description: String { mend.map { "\(message); \($0)" } ?? message }
}
