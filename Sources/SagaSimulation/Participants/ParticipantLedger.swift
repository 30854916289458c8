import SagaCore

/// What participants did, by idempotency key: the truth that a saga's end is judged by, apart from the engine's tables.
public struct ParticipantLedger: Sendable, Hashable {
  /// What one key stands for.
  public struct Entry: Sendable, Hashable {
    /// What a key has come to.
    public enum Effect: String, Sendable, Hashable {
      /// The action took effect.
      case done
      /// It was refused, or put off: nothing was done.
      case refused
      /// It took effect and was undone.
      case undone
      /// An undo was carried out, or found nothing to undo.
      case undo
      /// Its undo came first: it is refused from then on.
      case tombstone
    }
    /// The idempotency key.
    public var key: String
    /// The participant.
    public var destination: String
    /// The command's type.
    public var command: String
    /// Whose command it is: `/sagas/NAME/ROLE/KEY`.
    public var source: String
    /// The key of the saga's instance.
    public var sagaKey: String
    /// The command's data.
    public var data: JSON
    /// The action's key, for an undo.
    public var undoes: String?
    /// What the key has come to so far.
    public var effect: Effect
    /// When the key was first seen, in the order of everything that happened.
    public var order: Int
    /// When the action was undone.
    public var undoneOrder: Int?
    /// The keys of undos that came for the action.
    public var undoKeys: [String] = []
    /// The answer given so far; the same command is answered the same way.
    var answer: Answer?
  }

  struct Answer: Sendable, Hashable {
    var type: String
    var data: JSON
  }

  private var positions: [String: Int] = [:]
  /// In the order of their keys' first coming.
  public private(set) var entries: [Entry] = []

  /// A ledger without entries.
  public init() {}

  /// What is known of a key; nil for one that never came.
  public subscript(key: String) -> Entry? {
    get { positions[key].map { entries[$0] } }
    set {
      guard let newValue else { return }
      if let position = positions[key] {
        entries[position] = newValue
      } else {
        positions[key] = entries.count
        entries.append(newValue)
      }
    }
  }
}
