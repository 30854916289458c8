/// What may go wrong in a simulated world. Each kind has a switch (`--faults`) and, in each run, a rate.
public enum FaultKind: String, Sendable, Hashable, CaseIterable {
  /// A message comes twice within a short time.
  case duplicate
  /// A message comes again, as late as a day later.
  case redelivery
  /// Messages overtake one another.
  case reorder
  /// A message is lost and comes again later, as a broker does it.
  case loss
  /// A command or a reply is lost for ever.
  case drop
  /// A destination takes no messages for a while, or refuses one.
  case unreachable
  /// A service dies: anywhere between reading a message and acknowledging it, and while it recovers.
  case crash
  /// A service freezes, a successor takes its place, and it wakes up beside it.
  case zombie
  /// A commit fails, or happens and is reported as failed.
  case commit
  /// The disk: errors, no room, failing and lying syncs, torn writes. Only stores that have a disk.
  case disk
  /// Clocks jump forward and back, stand still and drift apart.
  case clock
  /// A new version of the definition is loaded while sagas run.
  case upgrade
  /// Participants refuse, stay silent, lose answers, answer twice, ask to be called again, refuse undos.
  case participant
  /// A participant takes back what it said, or says that it has not done what it did.
  case contradiction
  /// Operators cancel, pause, resume and retry while messages arrive.
  case `operator`
  /// Dead letters are replayed while faults go on, each twice.
  case replay
  /// Messages that are none: broken, oversized, of unknown types, with the id of another.
  case poison

  /// What it is, for `--help` and the coverage report.
  public var summary: String {
    switch self {
    case .duplicate: "a message comes twice"
    case .redelivery: "a message comes again, as late as a day later"
    case .reorder: "messages overtake one another"
    case .loss: "a message is lost and sent again"
    case .drop: "a command or reply is lost for ever"
    case .unreachable: "a destination takes no messages for a while"
    case .crash: "a service dies between any two steps"
    case .zombie: "a frozen service wakes up beside its successor"
    case .commit: "a commit fails, or is reported as failed"
    case .disk: "disk errors, no room, lost and torn writes"
    case .clock: "clocks jump, stand still and drift"
    case .upgrade: "a new definition version is loaded in flight"
    case .participant: "participants refuse, are silent, answer twice"
    case .contradiction: "a participant takes back what it said, or denies what it did"
    case .operator: "operators act while messages arrive"
    case .replay: "dead letters are replayed twice"
    case .poison: "broken, oversized and forged messages"
    }
  }
}
