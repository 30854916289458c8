import SagaCore
import SagaRuntime

/// What the commits of one service have said, up to a row of its journal.
///
/// A value: where commits are joined, decisions run ahead of what is durable, and when those are lost with the process, what
/// they said is forgotten by going back to the value of before them.
struct JournalBook {
  /// The last row.
  var lastSequence: JournalSequence = 0
  /// Revisions of instances by their last row.
  var revisions: [InstanceID: Int64] = [:]
  /// The machine that each instance started with.
  var births: [InstanceID: MachineID] = [:]
  /// The versions that operators moved instances to.
  var moves: [InstanceID: Int64] = [:]
  /// Keys that have an instance.
  var keys: [Hash128: InstanceID] = [:]
  /// The time of each instance's last row.
  var times: [InstanceID: Timestamp] = [:]
  /// Why instances failed first.
  var failures: [InstanceID: Failure] = [:]
  /// How instances ended.
  var ends: [InstanceID: End] = [:]
  /// Instances that kept messages and have moved on since.
  var keeping: Set<InstanceID> = []
  /// The last row at which a timer of an instance fired, by what its messages name as their source.
  var firings: [String: JournalSequence] = [:]

  /// How an instance ended; a late success may open it again, but not change this.
  struct End: Hashable, CustomStringConvertible {
    var status: InstanceStatus
    var failure: Failure?
    var description: String { failure.map { "\(status.name) (\($0.reason))" } ?? status.name }
  }
}
