import SagaCore
import SagaRuntime

/// What happens from outside the saga and its participants.
public enum Disturbance: Sendable, Hashable {
  /// The process dies and a new one recovers from the store.
  case crash
  /// The last message comes again, as it was.
  case duplicate
}

extension SagaTest {
  /// An event has come in.
  ///
  /// - Parameters:
  ///   - type: its type.
  ///   - data: what matters of its payload. What its schema requires besides is taken from the events that came before (not for
  ///     one that begins a saga), or made up.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure` for a type that the definitions do not take, or what the engine throws.
  @discardableResult
  public func given(_ type: String, _ data: JSON = [:], file: String = #fileID, line: Int = #line) throws -> SagaTest {
    try act(.event(type: type, data), isSetup: true, file, line)
  }

  /// An event of a Swift type has come in.
  ///
  /// - Throws: as for one named by its type.
  @discardableResult
  public func given(_ event: some SagaMessage, file: String = #fileID, line: Int = #line) throws -> SagaTest {
    try given(type(of: event).messageType, JSON(encoding: event), file: file, line: line)
  }

  /// A participant has answered; as `when(reply:_:to:)`.
  ///
  /// - Throws: as `when(reply:_:to:)`.
  @discardableResult
  public func given(
    reply type: String, _ data: JSON = [:], to call: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    try act(.reply(type: type, data, to: call), isSetup: true, file, line)
  }

  /// Time has passed; as `when(after:)`.
  ///
  /// - Throws: as `when(after:)`.
  @discardableResult
  public func given(after duration: String, file: String = #fileID, line: Int = #line) throws -> SagaTest {
    try act(.passage(duration), isSetup: true, file, line)
  }

  /// An event comes in; as `given`, and what it leads to has to be named.
  ///
  /// - Throws: as `given`.
  @discardableResult
  public func when(_ type: String, _ data: JSON = [:], file: String = #fileID, line: Int = #line) throws -> SagaTest {
    try act(.event(type: type, data), isSetup: false, file, line)
  }

  /// An event of a Swift type comes in.
  ///
  /// - Throws: as for one named by its type.
  @discardableResult
  public func when(_ event: some SagaMessage, file: String = #fileID, line: Int = #line) throws -> SagaTest {
    try when(type(of: event).messageType, JSON(encoding: event), file: file, line: line)
  }

  /// A participant answers a command.
  ///
  /// - Parameters:
  ///   - type: the reply's type.
  ///   - data: what matters of its payload. What its schema requires besides is taken from the command, from the events that
  ///     came before, or made up.
  ///   - call: the step, or the type of its command; of several open ones (`forEach`) the oldest, unless it says `reserve[2]`.
  ///     One that is over can be answered too, late. nil where only one step takes the reply.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure` where no such command was sent, or what the engine throws.
  @discardableResult
  public func when(
    reply type: String, _ data: JSON = [:], to call: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    try act(.reply(type: type, data, to: call), isSetup: false, file, line)
  }

  /// A participant answers with a message of a Swift type.
  ///
  /// - Throws: as for one named by its type.
  @discardableResult
  public func when(
    reply: some SagaMessage, to call: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    try when(reply: type(of: reply).messageType, JSON(encoding: reply), to: call, file: file, line: line)
  }

  /// Time passes; every timer fires when it is due.
  ///
  /// - Parameters:
  ///   - duration: such as `"500ms" "30s" "15m" "36h" "30d"`.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure` for another text or a saga that never rests, or what the engine throws.
  @discardableResult
  public func when(after duration: String, file: String = #fileID, line: Int = #line) throws -> SagaTest {
    try act(.passage(duration), isSetup: false, file, line)
  }

  /// The process dies, or the last message comes again.
  ///
  /// - Throws: `SagaTestFailure` where no message has come, or what the engine throws.
  @discardableResult
  public func when(_ disturbance: Disturbance, file: String = #fileID, line: Int = #line) throws -> SagaTest {
    try act(disturbance == .crash ? .crash : .duplicate, isSetup: false, file, line)
  }

  /// An operator acts.
  ///
  /// - Parameters:
  ///   - verb: what is done.
  ///   - reason: for the history.
  ///   - role: of a choreography, the role that is meant; may be left out where there is only one instance.
  ///   - key: the instance that is meant; may be left out where there is only one.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure` where it is refused or changes nothing, or what the engine throws.
  @discardableResult
  public func when(
    operator verb: Operation.Verb, reason: String = "a test", role: String? = nil, key: String? = nil,
    file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    try act(.operation(verb, reason: reason, role: role, key: key), isSetup: false, file, line)
  }

  private func act(_ action: Action, isSetup: Bool, _ file: String, _ line: Int) throws -> SagaTest {
    try perform(action, isSetup: isSetup, file, line)
    return self
  }
}
