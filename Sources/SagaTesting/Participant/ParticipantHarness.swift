import SagaCore
import SagaRuntime

/// A participant as the conformance checks need it: made by whoever knows how, with commands to try and a way to see what they did.
public struct ParticipantHarness: Sendable {
  /// Makes the participant. Called once for each check and command.
  public var make: @Sendable () throws -> Participant
  /// Makes the store that the participant's engine runs on: a new, empty one each time. A participant that writes rows of its own needs
  /// one that has them, such as `StoreSource.sqlite`.
  public var store: @Sendable () throws -> StoreSource
  /// What the participant is asked by: its replies must be those that the steps name, and fit their schemas. nil leaves these
  /// checks out.
  public var definitions: SagaDefinitions?
  /// What is tried.
  public var commands: [CommandSample]

  /// A store in memory, unless the participant's rows need one that keeps them.
  public init(
    commands: [CommandSample], definitions: SagaDefinitions? = nil,
    store: @escaping @Sendable () throws -> StoreSource = { .memory() },
    make: @escaping @Sendable () throws -> Participant
  ) {
    self.commands = commands
    self.definitions = definitions
    self.store = store
    self.make = make
  }
}

/// An action of a participant, with its undo, to be tried.
public struct CommandSample: Sendable {
  /// The action's type.
  public var action: String
  /// The type of the command that undoes it; nil where nothing does.
  public var undo: String?
  /// A payload that the participant takes. The text is different each time: an order's number, so that one try is not taken for another.
  public var payload: @Sendable (_ unique: String) -> JSON
  /// The undo's payload. `reply` is what the action was answered with, nil where nobody knows (`event == null` in the definition's `undo`).
  public var undoPayload: @Sendable (_ unique: String, _ reply: JSON?) -> JSON
  /// A payload that the participant declines; nil where it declines nothing.
  public var declined: (@Sendable (_ unique: String) -> JSON)?
  /// A payload on which the action hangs until it is cancelled: a call that is never answered. nil where there is none.
  public var slow: (@Sendable (_ unique: String) -> JSON)?
  /// Counts the effect: a balance, a number of rows. The same action must add the same whenever it is done.
  public var effect: @Sendable (_ engine: SagaEngine) async throws -> Int

  /// An action with at least a payload and a way to count its effect.
  public init(
    _ action: String, undo: String? = nil, payload: @escaping @Sendable (_ unique: String) -> JSON,
    undoPayload: (@Sendable (_ unique: String, _ reply: JSON?) -> JSON)? = nil,
    declined: (@Sendable (_ unique: String) -> JSON)? = nil, slow: (@Sendable (_ unique: String) -> JSON)? = nil,
    effect: @escaping @Sendable (_ engine: SagaEngine) async throws -> Int
  ) {
    self.action = action
    self.undo = undo
    self.payload = payload
    self.undoPayload = undoPayload ?? { unique, _ in payload(unique) }
    self.declined = declined
    self.slow = slow
    self.effect = effect
  }
}
