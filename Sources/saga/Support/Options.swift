import SagaCore

/// Option values that several commands take.
enum Options {
  /// - Throws: `Failure` (usage) naming the option.
  static func duration(_ text: String, option: String) throws -> Int64 {
    guard let value = DurationText.milliseconds(text) else {
      throw Failure.usage("\(option) takes a duration such as 500ms, 30s, 15m, 36h or 30d, not '\(text)'")
    }
    return value
  }
}
