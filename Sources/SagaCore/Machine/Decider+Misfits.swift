/// What stands in an instance and does not fit the machine that decides.
///
/// A store gives every instance the definition that it was started with, and a move to another version checks each
/// step, so that there should be none. Where there is one all the same, to take it for done would leave out steps or
/// forget what is owed, and to trap would stop every instance of the shard. So it stays as it is, and the instance is
/// stuck with it.
extension Decider {
  /// Keeps a frame that does not fit, with everything in it.
  ///
  /// - Parameters:
  ///   - frame: as it stands in the instance.
  ///   - node: the node that it names.
  ///   - wanted: what it takes the node for.
  mutating func misfit(_ frame: Frame, _ node: Int, _ wanted: String) -> Progress {
    // The first one counts.
    if instance.entryProblem == nil { instance.entryProblem = misfit(node, wanted).message }
    return .running(frame)
  }

  /// The fault of an instance that takes a node for what it is not.
  func misfit(_ node: Int, _ wanted: String) -> MessageFault {
    misfit("node \(node) ('\(model.nodes[node].name)') is not \(wanted)")
  }

  /// The fault of an instance that stands where the definition has no place for it.
  ///
  /// - Parameter what: what does not fit, as a clause.
  func misfit(_ what: String) -> MessageFault {
    let mend = "Load the definition that it was started with and `retry`, or end it with `resolve`"
    return machine.fault("instance.misfit", "the instance does not fit the definition: \(what). \(mend)")
  }

  /// The current state, for such a fault.
  var stateText: String { "the state '\(model.states[instance.state].name)'" }
}
