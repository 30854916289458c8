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
  /// Each instance's last row.
  var lastRows: [InstanceID: LastRow] = [:]
  /// Why instances failed first.
  var failures: [InstanceID: Failure] = [:]
  /// How instances ended.
  var ends: [InstanceID: End] = [:]
  /// Instances that kept messages and have moved on since.
  var keeping: Set<InstanceID> = []
  /// The timers of instances that have fired.
  private(set) var fired: [InstanceID: [FiredTimer]] = [:]
  /// The last row at which a timer of an instance fired, by what its messages name as their source.
  var firings: [String: JournalSequence] = [:]

  /// A timer of an instance that has fired.
  struct FiredTimer: Hashable {
    var firing: TimerFiring
    /// The visit to a state in which it fired; nil where that is not known.
    var visit: Int64?

    /// Whether it is one that counts for this visit: a state's timers are armed at each.
    func stands(for name: TimerName, in visit: Int64) -> Bool {
      guard firing.timer == name else { return false }
      if case .state = name { return self.visit.map { $0 == visit } ?? true }
      return true
    }
  }

  /// - Returns: whether the timer had not fired before.
  mutating func note(_ firing: TimerFiring, of id: InstanceID, visit: Int64?) -> Bool {
    let isNew = !(fired[id] ?? []).contains { $0.firing == firing }
    fired[id, default: []].append(FiredTimer(firing: firing, visit: visit))
    return isNew
  }

  /// An instance's last row.
  struct LastRow {
    var sequence: JournalSequence
    /// Its time; the end of the instance, when the row was swept: that is then what the engine knows of its time.
    var at: Timestamp
  }

  /// How an instance ended; a late success may open it again, but not change this.
  struct End: Hashable, CustomStringConvertible {
    var status: InstanceStatus
    var failure: Failure?
    var state: Int
    var data: JSON?
    var description: String {
      let reason = failure.map { " (\($0.reason))" } ?? ""
      let text = data.map { " with " + String(decoding: JSONWriter.compact($0), as: UTF8.self) } ?? ""
      return status.name + reason + " in state \(state)" + text
    }
  }
}
