/// What a definition file may cost; past one of these, decoding says so by the limit's name.
public enum DefinitionLimits {
  /// Bytes of a definition's file: 1 MiB.
  public static let maximumFileBytes = 1_048_576
  /// How deep arrays and objects may nest in the file.
  public static let maximumDepth = 100
  /// Entries of `messages`.
  public static let maximumMessages = 1_000
  /// Entries of `roles`.
  public static let maximumRoles = 64
  /// States of one role.
  public static let maximumStates = 1_000
  /// Steps of one role, at every depth.
  public static let maximumSteps = 10_000
  /// Transitions tried for one message or timer, and outcomes of one reply.
  public static let maximumAlternatives = 100
  /// Characters of the name of a saga, role, state, step or further key.
  public static let maximumNameLength = 128
  /// Characters of a message type.
  public static let maximumTypeLength = 256
  /// How many elements of a `forEach` may run side by side.
  public static let maximumConcurrency = 1_000
  /// The greatest `retry.attempts`.
  public static let maximumAttempts: Int64 = 1_000_000
  /// The longest duration literal: 36500 days, a century.
  public static let maximumDurationMilliseconds: Int64 = 36_500 * 86_400_000
  /// Findings of one decoding; the last then says how many more there are.
  public static let maximumDiagnostics = 100

  /// What the text of a definition's file may cost: `maximumFileBytes` and `maximumDepth`.
  public static let file = JSONLimits(maximumBytes: maximumFileBytes, maximumDepth: maximumDepth)
  /// What the text of a definition may cost that a store holds: more than that of a `file`, since the schema files that it
  /// refers to have become part of it. These are read with `JSONLimits.definition`, and stand two levels deep in it.
  public static let stored = JSONLimits(
    maximumBytes: JSONLimits.definition.maximumBytes, maximumDepth: JSONLimits.definition.maximumDepth + 2)
}
