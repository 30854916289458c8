import SagaCore
import SagaRuntime

/// Holds a definition to examples: given what has happened, when something happens, then these messages leave and this is the state.
///
/// It runs the engine that runs in production on a store in memory, with a clock that only the test moves: a timeout of three
/// days takes no time. Every method throws `SagaTestFailure` with what was expected, what was found and the history so far, so any test
/// library will do. Its methods return the test itself, to be written in a row.
///
/// ```swift
/// try SagaTest.run("sagas/order-fulfillment.json") { saga in
///   try saga.given("OrderPlaced", ["orderId": "o-1", "totalCents": 700])
///     .when(reply: "PaymentDeclined", ["reason": "no funds"], to: "processPayment")
///     .then(published: "OrderCancelled", with: ["reason": "no funds"])
///     .then(status: .compensated)
/// }
/// ```
///
/// What a `when` makes a saga send, publish or refuse has to be named by a `then`, or be left out of account by `ignore`:
/// `thenNothingElse` finds the rest, and `run` ends with it. What comes of a `given` may be named, and need not be.
///
/// Given, when, then: Dan North, "Introducing BDD" (2006).
public final class SagaTest {
  /// When every test begins: 2026-01-05T09:00:00Z, a Monday.
  public static let beginning = Timestamp(milliseconds: 1_767_603_600_000)

  /// Firings of timers within one `when(after:)`; past it the saga is taken for one that never rests.
  public static let maximumFirings = 100_000

  /// The time of the test's world.
  public internal(set) var now = SagaTest.beginning
  let definitions: SagaDefinitions
  let vocabulary: Vocabulary
  var store: MemoryStore
  var engine: ShardEngine
  /// What the saga did and no `then` has named.
  var effects: [Effect] = []
  /// Everything sent, oldest first.
  var commands: [SentCommand] = []
  /// Payloads of the events that came in, latest first.
  var payloads: [JSON] = []
  var lastMessage: CloudEvent?
  var lastOutcomes: [DeliveryReceipt.Outcome] = []
  var ignored: Set<String> = []
  var messageCount = 0
  var seenRow: JournalSequence = 0
  var seenDeadLetter: JournalSequence = 0

  /// - Parameter definitions: all roles of a choreography together run in one shard and hear one another; to test one role, load
  ///   only that one (`SagaDefinitions(at:roles:)`).
  /// - Throws: `EngineError` for definitions that contradict one another.
  public init(_ definitions: SagaDefinitions) throws {
    self.definitions = definitions
    vocabulary = Vocabulary(definitions)
    store = MemoryStore()
    engine = try ShardEngine(store: store, machines: definitions.machines, now: SagaTest.beginning)
  }

  /// - Parameters:
  ///   - path: a definition's file, or a directory of definitions.
  ///   - roles: the roles of choreographies to run; nil runs all.
  /// - Throws: `DefinitionError`.
  public convenience init(_ path: String, roles: [String]? = nil) throws {
    try self.init(SagaDefinitions(at: [path], roles: roles))
  }

  /// Runs a test and holds it to having named everything that the saga did.
  ///
  /// - Throws: `SagaTestFailure`, `DefinitionError`, or what `body` throws.
  public static func run(
    _ definitions: SagaDefinitions, file: String = #fileID, line: Int = #line, _ body: (SagaTest) throws -> Void
  ) throws {
    let test = try SagaTest(definitions)
    try body(test)
    try test.thenNothingElse(file: file, line: line)
  }

  /// The same for a definition's file, or a directory of definitions.
  ///
  /// - Throws: `SagaTestFailure`, `DefinitionError`, or what `body` throws.
  public static func run(
    _ path: String, roles: [String]? = nil, file: String = #fileID, line: Int = #line,
    _ body: (SagaTest) throws -> Void
  ) throws {
    try run(SagaDefinitions(at: [path], roles: roles), file: file, line: line, body)
  }

  /// Leaves messages of these types out of account from now on, and those that wait to be named.
  @discardableResult
  public func ignore(_ types: String...) -> SagaTest {
    ignored.formUnion(types)
    effects.removeAll { $0.message.map { ignored.contains($0.event.type) } ?? false }
    return self
  }
}
