/// The metrics of an engine, by their Prometheus names. Every label has few values: what the service's definitions, participants
/// and routes name, and the codes of this library; never a key or an id.
public enum SagaMetric: String, CaseIterable, Sendable {
  /// What waits for the shard's thread.
  case inboxWaitingMessages = "saga_inbox_waiting_messages"
  /// From a message's coming in until what it led to is durable.
  case deliverySeconds = "saga_delivery_seconds"
  /// Rows of the journal that one commit wrote.
  case commitRows = "saga_commit_rows"
  /// How long the store took to make a batch durable.
  case commitSeconds = "saga_commit_seconds"
  /// Rows of the journal that a restart would read again.
  case unfoldedRows = "saga_unfolded_rows"
  /// Instances started.
  case started = "saga_started_total"
  /// Inputs that moved an instance: messages, timers, operations.
  case transitions = "saga_transitions_total"
  /// Instances that came to their end.
  case closed = "saga_closed_total"
  /// Steps that failed, by the kind of failure.
  case stepFailures = "saga_step_failures_total"
  /// Attempts of a step after the first one.
  case retries = "saga_retries_total"
  /// Instances that began to undo what they had done, by the kind of failure.
  case compensations = "saga_compensations_total"
  /// Times that an instance could not go on without an operator.
  case stuck = "saga_stuck_total"
  /// Messages that went to the dead letters, by the code of the reason.
  case deadLetters = "saga_dead_letters_total"
  /// Messages that no instance takes.
  case foreignMessages = "saga_foreign_messages_total"
  /// How long after its due time a timer fired.
  case timerLateSeconds = "saga_timer_late_seconds"
  /// 1 while timers wait for an operator to confirm the clock.
  case clockHeld = "saga_clock_held"
  /// Rows of the journal after the last one whose messages have all left by the lane.
  case outboxLagRows = "saga_outbox_lag_rows"
  /// The age of the first message that has not left by the lane.
  case outboxLagSeconds = "saga_outbox_lag_seconds"
  /// Messages that could not go and wait beside the lane.
  case heldMessages = "saga_held_messages"
  /// Messages given to the lane's transport, by what became of them.
  case sent = "saga_sent_total"
  /// How long handlers of participants and consumers took, by what became of the message.
  case handlerSeconds = "saga_handler_seconds"

  /// What is done with the values.
  public enum Kind: String, Sendable {
    /// A sum since the process started.
    case counter
    /// The present value.
    case gauge
    /// How often values fell below each of some bounds.
    case histogram
  }

  /// Which of the three it is.
  public var kind: Kind {
    switch self {
    case .deliverySeconds, .commitRows, .commitSeconds, .timerLateSeconds, .handlerSeconds: .histogram
    case .inboxWaitingMessages, .unfoldedRows, .clockHeld, .outboxLagRows, .outboxLagSeconds, .heldMessages: .gauge
    case .started, .transitions, .closed, .stepFailures, .retries, .compensations, .stuck, .deadLetters,
      .foreignMessages, .sent:
      .counter
    }
  }

  /// The names of the labels.
  public var labels: [String] {
    switch self {
    case .started, .transitions, .retries, .stuck: ["saga", "role"]
    case .closed: ["saga", "role", "status"]
    case .stepFailures, .compensations, .deadLetters: ["saga", "role", "reason"]
    case .outboxLagRows, .outboxLagSeconds, .heldMessages: ["lane"]
    case .sent: ["lane", "outcome"]
    case .handlerSeconds: ["handler", "type", "outcome"]
    case .inboxWaitingMessages, .deliverySeconds, .commitRows, .commitSeconds, .unfoldedRows, .foreignMessages,
      .timerLateSeconds, .clockHeld:
      []
    }
  }

  /// What it counts or measures, for people.
  public var help: String {
    switch self {
    case .inboxWaitingMessages: "What waits for the shard's thread."
    case .deliverySeconds: "From a message's coming in until what it led to is durable."
    case .commitRows: "Rows of the journal that one commit wrote."
    case .commitSeconds: "How long the store took to make a batch durable."
    case .unfoldedRows: "Rows of the journal that a restart would read again."
    case .started: "Instances started."
    case .transitions: "Inputs that moved an instance: messages, timers, operations."
    case .closed: "Instances that came to their end."
    case .stepFailures: "Steps that failed, by the kind of failure."
    case .retries: "Attempts of a step after the first one."
    case .compensations: "Instances that began to undo what they had done, by the kind of failure."
    case .stuck: "Times that an instance could not go on without an operator."
    case .deadLetters: "Messages that went to the dead letters, by the code of the reason."
    case .foreignMessages: "Messages that no instance takes."
    case .timerLateSeconds: "How long after its due time a timer fired."
    case .clockHeld: "1 while timers wait for an operator to confirm the clock."
    case .outboxLagRows: "Rows of the journal after the last one whose messages have all left by the lane."
    case .outboxLagSeconds: "The age of the first message that has not left by the lane."
    case .heldMessages: "Messages that could not go and wait beside the lane."
    case .sent: "Messages given to the lane's transport, by what became of them."
    case .handlerSeconds: "How long handlers of participants and consumers took, by what became of the message."
    }
  }

  /// The texts by name, for `PrometheusExporter`.
  public static var helpByName: [String: String] {
    Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0.help) })
  }
}
