/// What `saga check --explain CODE` says: each code of the decoder, the compiler and the static checks, with its reason.
public enum DiagnosticCatalogue {
  /// What there is to say of one code.
  public struct Entry: Sendable, Hashable {
    /// Stable and dotted, as `Diagnostic.code`.
    public var code: String
    /// How a finding of this code is reported unless the place says otherwise.
    public var severity: Diagnostic.Severity
    /// What is the case when the code is reported.
    public var meaning: String
    /// The failure that the check prevents.
    public var reason: String
    /// What is reported.
    public var example: String
    /// The example, mended, or what to do.
    public var mend: String

    init(
      _ code: String, _ meaning: String, severity: Diagnostic.Severity = .error, reason: String, example: String,
      mend: String
    ) {
      self.code = code
      self.severity = severity
      self.meaning = meaning
      self.reason = reason
      self.example = example
      self.mend = mend
    }

    /// The entry as paragraphs of plain text.
    public var text: String {
      "\(code) (\(severity.rawValue))\n\n\(meaning)\n\nWhy: \(reason)\n\nExample: \(example)\n\nMend: \(mend)\n"
    }
  }

  /// In order of their codes.
  public static let entries: [Entry] = (decoding + compiling + states + messages + compensation + composed)
    .sorted { $0.code < $1.code }

  /// - Returns: nil for a code that does not exist; `nearest` then helps.
  public static func entry(_ code: String) -> Entry? { entries.first { $0.code == code } }

  /// The code that a misspelt one most likely means.
  public static func nearest(to code: String) -> String? { nearestName(to: code, among: entries.map(\.code)) }

  /// `docs/checks.md`, which a test holds to this.
  public static var markdown: String {
    var text = """
      # Checks

      Every code that `saga check` reports, and what `saga check --explain CODE` says of it. An error is refused by every
      command; a warning is not. This file is written from `DiagnosticCatalogue`.

      | Code | |
      |---|---|

      """
    for entry in entries { text += "| [`\(entry.code)`](#\(entry.anchor)) | \(entry.severity.rawValue) |\n" }
    for entry in entries {
      text +=
        "\n## `\(entry.code)`\n\n\(entry.meaning)\n\n*Why:* \(entry.reason)\n\n*Example:* \(entry.example)\n\n*Mend:* \(entry.mend)\n"
    }
    return text
  }
}

extension DiagnosticCatalogue.Entry {
  /// As GitHub names the section.
  fileprivate var anchor: String { code.filter { $0 != "." } }

  /// An entry of a static check, with its usual severity.
  init(_ code: CheckCode, _ meaning: String, reason: String, example: String, mend: String) {
    self.init(code.rawValue, meaning, severity: code.severity, reason: reason, example: example, mend: mend)
  }

  /// An entry of the decoder; the code itself says what it means.
  init(_ code: DecodingCode, reason: String, example: String, mend: String) {
    self.init(code.rawValue, code.explanation, reason: reason, example: example, mend: mend)
  }
}
