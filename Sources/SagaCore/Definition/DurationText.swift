/// Duration literals outside definitions: options of commands, latencies of scenarios.
public enum DurationText {
  /// The milliseconds of `"500ms" "30s" "15m" "36h" "30d"`; nil when the text is no such literal.
  public static func milliseconds(_ text: String) -> Int64? {
    guard case .milliseconds(let value) = DurationLiteral(text) else { return nil }
    return value
  }
}
