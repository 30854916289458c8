import Configuration
import SagaRuntime

extension DestinationPolicy {
  /// Reads how a participant's commands are given to it.
  ///
  /// - Parameter reader: scoped to where the keys are: `reader.scoped(to: "saga.participants.payments")`.
  /// - Throws: `ConfigurationError` for the first value that cannot be used.
  public init(reader: ConfigReader) throws {
    self.init()
    for setting in DestinationPolicy.settings { try setting.apply(reader, &self) }
  }

  /// Every key that `init(reader:)` looks for, in the order of the documentation.
  public static var configurationKeys: [ConfigurationKey] { settings.map(\.key) }

  private static let settings: [Setting<DestinationPolicy>] = [
    .number("concurrency", "commands", \.concurrency, of: DestinationPolicy()),
    .optionalDecimal("commandsPerSecond", "commands a second", \.commandsPerSecond),
    .number("failuresToOpen", "failures", \.failuresToOpen, of: DestinationPolicy(), from: 0),
    .number("openMilliseconds", "milliseconds", \.openMilliseconds, of: DestinationPolicy()),
  ]
}

extension AlertPolicy {
  /// Reads what counts as worth an alert; the hook and limits of single sagas are set in code.
  ///
  /// - Parameter reader: scoped to where the keys are: `reader.scoped(to: "saga.alerts")`.
  /// - Throws: `ConfigurationError` for the first value that cannot be used.
  public init(reader: ConfigReader) throws {
    self.init()
    for setting in AlertPolicy.settings { try setting.apply(reader, &self) }
  }

  /// Every key that `init(reader:)` looks for, in the order of the documentation.
  public static var configurationKeys: [ConfigurationKey] { settings.map(\.key) }

  private static let settings: [Setting<AlertPolicy>] = [
    .optionalNumber("lateAfterMilliseconds", "milliseconds", \.lateAfterMilliseconds),
    .optionalNumber("deadLetterThreshold", "dead letters", \.deadLetterThreshold),
    .number("checkMilliseconds", "milliseconds", \.checkMilliseconds, of: AlertPolicy()),
  ]
}

extension ConsumerPolicy {
  /// Reads how events are given to a consumer.
  ///
  /// - Parameter reader: scoped to where the keys are: `reader.scoped(to: "saga.consumers.projection")`.
  /// - Throws: `ConfigurationError` for the first value that cannot be used.
  public init(reader: ConfigReader) throws {
    self.init()
    for setting in ConsumerPolicy.settings { try setting.apply(reader, &self) }
  }

  /// Every key that `init(reader:)` looks for, in the order of the documentation.
  public static var configurationKeys: [ConfigurationKey] { settings.map(\.key) }

  private static let settings: [Setting<ConsumerPolicy>] = [
    .number("concurrency", "events", \.concurrency, of: ConsumerPolicy()),
    .number("attempts", "failures", \.attempts, of: ConsumerPolicy()),
    .number("delayMilliseconds", "milliseconds", \.delayMilliseconds, of: ConsumerPolicy()),
    .number("maxDelayMilliseconds", "milliseconds", \.maxDelayMilliseconds, of: ConsumerPolicy()),
  ]
}
