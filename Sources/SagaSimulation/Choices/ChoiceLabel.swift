/// A kind of question that a simulated world asks: everything that is not determined is one of these.
///
/// The raw value names the label in traces and is part of every random number: a new label takes a new number, and old
/// seeds stay what they were.
public enum ChoiceLabel: UInt8, Sendable, Hashable, CaseIterable {
  /// Which faults a run has, and how often.
  case plan = 1
  /// When a saga starts and whether a message from outside comes, and when.
  case arrival = 2
  /// Values of generated payloads.
  case payload = 3
  /// What a participant does with a command.
  case outcome = 4
  /// How long a participant takes.
  case latency = 5
  /// How long a message is on its way.
  case delay = 6
  /// Whether a message is lost, and whether it comes again.
  case loss = 7
  /// Whether a message comes twice, and when.
  case duplicate = 8
  /// Whether a service crashes here.
  case crash = 9
  /// How long a crashed or paused service is away.
  case downtime = 10
  /// Whether a service freezes while a successor takes over.
  case zombie = 11
  /// Whether a commit fails, or is reported as failed.
  case commit = 12
  /// Faults of the disk, and what of unsynced data survives.
  case disk = 13
  /// Jumps and drift of clocks.
  case clock = 14
  /// What operators do, and when.
  case operation = 15
  /// Whether a new version of the definition is loaded.
  case upgrade = 16
  /// Whether dead letters are replayed while faults go on.
  case replay = 17
  /// Messages that are no message: broken, oversized, contradicting.
  case poison = 18
  /// Whether maintenance (folding, checkpoints) runs now.
  case maintenance = 19
  /// Whether an operator moves an instance to the version that was loaded.
  case migration = 20
  /// Whether a service joins its commits, and whether they become durable beside its decisions.
  case joining = 21
  /// How long faults go on.
  case duration = 22
  /// Whether services sweep what has ended, how long it is kept, and when they sweep.
  case pruning = 23
  /// What is wrong with a message that else is one.
  case forgery = 24
  /// Limits of the engine that are met only where they are small.
  case limits = 25
  /// What the keys of sagas look like.
  case keys = 26
  /// Which roles share an engine, and by which lanes its messages leave.
  case topology = 27
  /// How long messages are on their way to what carries them on, and whether that says what became of them.
  case sending = 28

  /// The name in traces.
  public var name: String { "\(self)" }

  /// The label of a name in a trace; nil for a name of another version.
  public init?(name: String) {
    guard let label = ChoiceLabel.allCases.first(where: { $0.name == name }) else { return nil }
    self = label
  }
}
