/// Which way data goes between two versions of a schema. The words are those of Confluent's Schema Registry.
public enum SchemaDirection: String, Sendable, Hashable, CaseIterable {
  /// The new schema reads data that was written with the old one.
  case backward
  /// The old schema reads data that was written with the new one.
  case forward

  /// "old" or "new".
  var writer: String { self == .backward ? "old" : "new" }
  var reader: String { self == .backward ? "new" : "old" }
}

/// What a new version of a schema has to be.
public enum SchemaCompatibilityMode: String, Sendable, CaseIterable {
  /// The new version reads data of the old one: readers are updated first.
  case backward
  /// The old version reads data of the new one: writers are updated first.
  case forward
  /// Both.
  case full

  /// What is checked for it.
  public var directions: [SchemaDirection] {
    switch self {
    case .backward: [.backward]
    case .forward: [.forward]
    case .full: [.backward, .forward]
    }
  }
}

/// One thing that a change of a schema does to data that is written by one version and read by the other.
public struct SchemaFinding: Sendable, Hashable {
  /// How bad a finding is.
  public enum Verdict: String, Sendable {
    /// There is data that the reader refuses.
    case breaking
    /// It cannot be proven that the reader takes everything; counts as breaking.
    case unproven
    /// Worth knowing; breaks nothing.
    case note
  }

  /// What kind of change it is.
  public var code: SchemaChangeCode
  /// Whether it breaks something, may break something, or is only told.
  public var verdict: Verdict
  /// Who reads whose data.
  public var direction: SchemaDirection
  /// The message type; nil where schemas were compared and not definitions.
  public var type: String?
  /// Where the data is that is refused; `*` stands for any element or any other name.
  public var place: JSONPointerPath
  /// Where the rule stands that refuses it, in the schema of the reader.
  public var rule: JSONPointerPath
  /// What breaks.
  public var message: String

  /// How it is mended.
  public var mend: String { code.mend(direction) }

  /// Whether the mode that asked for it is not fulfilled.
  public var isFailure: Bool { verdict != .note }
}
