import Configuration
import SagaRuntime

extension EngineConfiguration {
  /// Reads the limits from environment variables, files, or wherever the reader's providers look.
  ///
  /// - Parameter reader: scoped to where the keys are: `reader.scoped(to: "saga")` for `saga.maximumBatch`.
  /// - Throws: `ConfigurationError` for the first value that cannot be used.
  public init(reader: ConfigReader) throws {
    self.init()
    for setting in EngineConfiguration.settings { try setting.apply(reader, &self) }
  }

  /// Every key that `init(reader:)` looks for, in the order of the documentation.
  public static var configurationKeys: [ConfigurationKey] { settings.map(\.key) }

  private static let defaults = EngineConfiguration()

  private static let settings: [Setting<EngineConfiguration>] = input + memory + folding + timing + sending

  private static let input: [Setting<EngineConfiguration>] = [
    .choice("clock", \.clock, of: defaults, [("wall", .wall), ("events", .events)]),
    .number("maximumBatch", "messages, timers or expiries", \.maximumBatch, of: defaults),
    .number("maximumRestartMessages", "messages", \.maximumRestartMessages, of: defaults, from: 0),
    .number("maximumMessageBytes", "bytes", \.maximumMessageBytes, of: defaults),
    .number("maximumDeadLetterBytes", "bytes", \.maximumDeadLetterBytes, of: defaults),
    .number("keysPerMessage", "instances", \.keysPerMessage, of: defaults),
    .number("maximumDeferred", "messages", \.maximumDeferred, of: defaults),
    .number("maximumParkedPerKey", "messages", \.maximumParkedPerKey, of: defaults),
    .number("cascadeLimit", "messages", \.cascadeLimit, of: defaults),
  ]

  private static let memory: [Setting<EngineConfiguration>] = [
    .number("inlineSeenIDs", "ids", \.inlineSeenIDs, of: defaults),
    .number("hotInstanceBytes", "bytes", \.hotInstanceBytes, of: defaults),
    .number("maximumFingerprints", "fingerprints", \.maximumFingerprints, of: defaults),
  ]

  private static let folding: [Setting<EngineConfiguration>] = [
    .number("foldThreshold", "rows", \.foldThreshold, of: defaults),
    .number("foldSpan", "rows", \.foldSpan, of: defaults),
    .number("maxUnfoldedRows", "rows", \.maxUnfoldedRows, of: defaults),
    .number("idleFoldInstances", "instances", \.idleFoldInstances, of: defaults),
    .number("checkpointFrames", "frames", \.checkpointFrames, of: defaults),
    .number("checkpointFramesFull", "frames", \.checkpointFramesFull, of: defaults),
  ]

  private static let timing: [Setting<EngineConfiguration>] = [
    .number("timerHorizonMilliseconds", "milliseconds", \.timerHorizonMilliseconds, of: defaults),
    .number("timerPage", "timers", \.timerPage, of: defaults),
    .number("maxClockLeapMilliseconds", "milliseconds", \.maxClockLeapMilliseconds, of: defaults),
  ]

  private static let sending: [Setting<EngineConfiguration>] = [
    .number("relayWindow", "messages", \.relayWindow, of: defaults, from: 2),
    .number("heldPerLane", "messages", \.heldPerLane, of: defaults),
    .number("publishAttempts", "attempts", \.publishAttempts, of: defaults),
    .number("relayPage", "rows", \.relayPage, of: defaults),
  ]
}
