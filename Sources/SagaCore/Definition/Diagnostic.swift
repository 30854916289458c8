/// One finding about a definition, placed where a person can mend it.
public struct Diagnostic: Sendable, Hashable {
  /// How bad a finding is.
  public enum Severity: String, Sendable, Hashable, Comparable {
    /// A definition with an error is not loaded; a warning is for people.
    case error, warning
    public static func < (left: Severity, right: Severity) -> Bool { left == .error && right == .warning }
  }
  /// Whether the definition can be loaded in spite of it.
  public var severity: Severity
  /// Stable, dotted, lower-case: `step.unreachable`. `saga check --explain CODE` tells more.
  public var code: String
  /// The file as whoever loaded it called it.
  public var file: String
  /// Where it is, or as near as can be said.
  public var position: SourcePosition
  /// What is wrong.
  public var message: String
  /// How to mend it; empty when the message says so already.
  public var mend: String
  /// For composed findings: how it comes about, a line per event.
  public var trace: [String]

  /// For checks besides those of the core.
  public init(
    _ severity: Severity = .error, code: String, file: String, position: SourcePosition, message: String,
    mend: String = "", trace: [String] = []
  ) {
    self.severity = severity
    self.code = code
    self.file = file
    self.position = position
    self.message = message
    self.mend = mend
    self.trace = trace
  }
}
