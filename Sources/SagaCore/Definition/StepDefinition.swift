/// A node of the step grammar that `steps` and a state's `do` share.
public indirect enum StepDefinition: Sendable {
  /// Asks a participant, waits for messages, or sends without waiting.
  case call(CallDefinition)
  /// Computes new values of the instance's data.
  case set([TemplateMember], position: SourcePosition)
  /// Fails with the reason that the expression gives.
  case fail(ExpressionSource, position: SourcePosition)
  /// Publishes events.
  case publish(PublishDefinition)
  /// Repeats its steps for each element of a list.
  case forEach(ForEachDefinition)
  /// Runs branches side by side.
  case parallel([[StepDefinition]], position: SourcePosition)
  /// Runs the first branch whose condition holds.
  case choose([ChoiceDefinition], position: SourcePosition)
  /// `try`: where a step fails, undoes what the steps did and runs `recovery`.
  case attempt(steps: [StepDefinition], recovery: [StepDefinition], position: SourcePosition)

  /// Where the step begins.
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
  /// Unique in the role; idempotency keys are made of it.
  public var name: String
  /// Where the step begins.
  public var position: SourcePosition
  /// What is sent; nil for a step that only waits.
  public var command: CommandDefinition?
  /// What is waited for; empty for a command that is not awaited.
  public var replies: [ReplyDefinition] = []
  /// How long an attempt waits for its reply; nil takes the default.
  public var timeout: Delay?
  /// How a call is repeated that nobody answered; nil takes the defaults.
  public var retry: RetryDefinition?
  /// How the step is undone; nil where it needs no undo or has none.
  public var undo: UndoDefinition?
  /// Whether the saga only goes forward once this step is done.
  public var isPivot = false
}

/// What is sent to a participant.
public struct CommandDefinition: Sendable {
  /// The command's type.
  public var type: Located<String>
  /// The destination; nil where none is given.
  public var destination: Located<String>?
  /// Its payload.
  public var with: Template
}

/// What one type of reply does. Several entries of one type are tried in order.
public struct ReplyDefinition: Sendable {
  /// The reply's type.
  public var type: String
  /// Where the entry begins.
  public var position: SourcePosition
  /// Must hold for this entry to be taken.
  public var when: ExpressionSource?
  /// New values of the instance's data.
  public var set: [TemplateMember] = []
  /// Further values that the instance answers to from now on.
  public var correlate: [TemplateMember] = []
  /// The reason, when the reply is a business failure.
  public var fail: ExpressionSource?
  /// Repeat the call after this time.
  public var again: Delay?
}

/// Absent fields take the defaults of `MachineLimits`.
public struct RetryDefinition: Sendable {
  /// Where it begins.
  public var position: SourcePosition
  /// How often the command is sent at most, the first time included.
  public var attempts: Int64?
  /// The wait before the second attempt.
  public var delay: Delay?
  /// What each further wait is multiplied by.
  public var factor: Double?
  /// The longest wait.
  public var maxDelay: Delay?
  /// Share of the delay that may be taken off or added, 0…1.
  public var jitter: Double?
}

/// How what a step did is taken back.
public indirect enum UndoDefinition: Sendable {
  /// `"none"`: said to need no undoing.
  case none(position: SourcePosition)
  /// A command, with replies, timeout and retries of its own.
  case call(CallDefinition)
  /// Events that say it does not hold any more.
  case publish([TemplateMember], position: SourcePosition)
}

/// A step that publishes events.
public struct PublishDefinition: Sendable {
  /// Where the step begins.
  public var position: SourcePosition
  /// Events, by type, with their payloads.
  public var messages: [TemplateMember]
  /// How it is taken back; nil where there is nothing to take back.
  public var undo: UndoDefinition?
}

/// A step that repeats others for each element of a list.
public struct ForEachDefinition: Sendable {
  /// Where the step begins.
  public var position: SourcePosition
  /// Gives the list, once, when the step begins.
  public var list: ExpressionSource
  /// How many elements run side by side; 1 unless given.
  public var concurrency: Int
  /// The steps; `item` is the element.
  public var steps: [StepDefinition]
}

/// A branch of `choose`; without `when` it always holds.
public struct ChoiceDefinition: Sendable {
  /// Where the branch begins.
  public var position: SourcePosition
  /// Must hold for the branch to be taken.
  public var when: ExpressionSource?
  /// The steps of the branch.
  public var steps: [StepDefinition]
}
