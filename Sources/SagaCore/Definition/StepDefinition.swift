/// A node of the step grammar that `steps` and a state's `do` share.
public indirect enum StepDefinition: Sendable {
  case call(CallDefinition)
  case set([TemplateMember], position: SourcePosition)
  case fail(ExpressionSource, position: SourcePosition)
  case publish(PublishDefinition)
  case forEach(ForEachDefinition)
  case parallel([[StepDefinition]], position: SourcePosition)
  case choose([ChoiceDefinition], position: SourcePosition)
  case attempt(steps: [StepDefinition], recovery: [StepDefinition], position: SourcePosition)

  public var position: SourcePosition {
    switch self {
    case .call(let call): call.position
    case .publish(let publish): publish.position
    case .forEach(let loop): loop.position
    case .set(_, let position), .fail(_, let position), .parallel(_, let position), .choose(_, let position),
      .attempt(_, _, let position):
      position
    }
  }
}

/// A named step: a call, a wait (no command) or a command that is not awaited (no reply).
public struct CallDefinition: Sendable {
  public var name: String
  public var position: SourcePosition
  public var command: CommandDefinition?
  public var replies: [ReplyDefinition] = []
  public var timeout: Delay?
  public var retry: RetryDefinition?
  public var undo: UndoDefinition?
  public var isPivot = false
}

/// What is sent to a participant.
public struct CommandDefinition: Sendable {
  public var type: Located<String>
  /// The destination; nil where none is given.
  public var destination: Located<String>?
  public var with: Template
}

/// What one type of reply does. Several entries of one type are tried in order.
public struct ReplyDefinition: Sendable {
  public var type: String
  public var position: SourcePosition
  public var when: ExpressionSource?
  public var set: [TemplateMember] = []
  public var correlate: [TemplateMember] = []
  /// The reason, when the reply is a business failure.
  public var fail: ExpressionSource?
  /// Repeat the call after this time.
  public var again: Delay?
}

/// Absent fields take the defaults of `MachineLimits`.
public struct RetryDefinition: Sendable {
  public var position: SourcePosition
  public var attempts: Int64?
  public var delay: Delay?
  public var factor: Double?
  public var maxDelay: Delay?
  /// Share of the delay that may be taken off or added, 0…1.
  public var jitter: Double?
}

public indirect enum UndoDefinition: Sendable {
  /// `"none"`: said to need no undoing.
  case none(position: SourcePosition)
  case call(CallDefinition)
  case publish([TemplateMember], position: SourcePosition)
}

public struct PublishDefinition: Sendable {
  public var position: SourcePosition
  public var messages: [TemplateMember]
  public var undo: UndoDefinition?
}

public struct ForEachDefinition: Sendable {
  public var position: SourcePosition
  public var list: ExpressionSource
  /// How many elements run side by side; 1 unless given.
  public var concurrency: Int
  public var steps: [StepDefinition]
}

/// A branch of `choose`; without `when` it always holds.
public struct ChoiceDefinition: Sendable {
  public var position: SourcePosition
  public var when: ExpressionSource?
  public var steps: [StepDefinition]
}
