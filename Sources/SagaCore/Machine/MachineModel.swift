/// A compiled role: everything by index, nothing by name except message types.
///
/// Its larger parts are classes of constants: a decision takes them out of their lists all the time, and that must cost
/// one reference and not a copy of every list in them.
@dynamicMemberLookup
final class MachineModel: Sendable {
  let parts: MachineParts

  init(_ parts: MachineParts) { self.parts = parts }

  subscript<Value>(dynamicMember path: KeyPath<MachineParts, Value>) -> Value { parts[keyPath: path] }
}

/// What the compiler makes of a role, part by part.
struct MachineParts: Sendable {
  var states: [StateModel] = []
  var nodes: [NodeModel] = []
  var transitions: [TransitionModel] = []
  /// Transitions by type, tried in order.
  var starts: [String: [Int]] = [:]
  var on: [String: [Int]] = [:]
  var after: [AfterModel] = []
  var messages: [String: MessageModel] = [:]
  var dataSchema: Schema?
  var initialData: JSON = .object(JSONObject())
  var settle = DelayModel.milliseconds(MachineLimits.settleMilliseconds)
  var handling: [String: DeclaredOutcome] = [:]
  /// What takes each type, anywhere in the role.
  var takers: [String: TakerModel] = [:]
}

struct StateModel: Sendable {
  var name: String
  var on: [String: [Int]] = [:]
  var after: [AfterModel] = []
  /// The root of the `do`.
  var root: Int?
  var done: Int?
  var failed: Int?
  var final: StateDefinition.Final?
  var handling: [String: DeclaredOutcome] = [:]
  /// States that can still be entered after this one has been left, in order.
  var reachable: [Int] = []
  /// Types that the state or a step in its `do` takes.
  var takes: Set<String> = []
}

extension TransitionModel {
  /// Whether it ends what its state does.
  var leaves: Bool { compensate != nil || goto != nil }
}

/// `defer`, `ignore`, `reject`.
enum DeclaredOutcome: Sendable { case deferred, ignored, rejected }

struct TakerModel: Sendable {
  /// States (by index, ascending) that name the type in `on` or in a step of their `do`.
  var states: [Int] = []
  var isReply = false
  var isStart = false
  var isRoleWide = false
  /// Nothing takes the type: it is only listed under `reject` somewhere.
  var isOnlyRejected: Bool { states.isEmpty && !isReply && !isStart && !isRoleWide }
}

struct AfterModel: Sendable {
  var delay: DelayModel
  var text: String
  var transitions: [Int]
}

enum DelayModel: Sendable {
  case milliseconds(Int64)
  case expression(Expression)
}

final class TransitionModel: Sendable {
  let position: SourcePosition
  let when: Expression?
  let set: [Assignment]
  let correlate: [Assignment]
  let compensate: Expression?
  let isPivot: Bool
  let publish: [Publication]
  let goto: Int?

  init(
    position: SourcePosition, when: Expression?, set: [Assignment], correlate: [Assignment], compensate: Expression?,
    isPivot: Bool, publish: [Publication], goto: Int?
  ) {
    self.position = position
    self.when = when
    self.set = set
    self.correlate = correlate
    self.compensate = compensate
    self.isPivot = isPivot
    self.publish = publish
    self.goto = goto
  }
}

struct Assignment: Sendable {
  var name: String
  var value: TemplateModel
}

struct Publication: Sendable {
  var type: String
  var payload: TemplateModel
}

final class MessageModel: Sendable {
  let type: String
  let key: KeyModel?
  let missing: MissingPolicy
  let schema: Schema?
  let accepts: [AcceptedModel]

  init(type: String, key: KeyModel?, missing: MissingPolicy, schema: Schema?, accepts: [AcceptedModel]) {
    self.type = type
    self.key = key
    self.missing = missing
    self.schema = schema
    self.accepts = accepts
  }
}

enum KeyModel: Sendable {
  case primary(Expression)
  case named(String, Expression)
}

struct AcceptedModel: Sendable {
  var dataschema: String?
  var schema: Schema
  var upcast: TemplateModel
}

final class NodeModel: Sendable {
  /// The step's name, or its place where it has none: part of idempotency keys.
  let name: String
  let kind: NodeKind
  /// Types that the node or any below it takes.
  let takes: Set<String>

  init(name: String, kind: NodeKind, takes: Set<String> = []) {
    self.name = name
    self.kind = kind
    self.takes = takes
  }
}

enum NodeKind: Sendable {
  case sequence([Int])
  case call(CallModel)
  case set([Assignment])
  case fail(Expression)
  case publish([Publication], undo: UndoModel?)
  case forEach(list: Expression, concurrency: Int, body: Int)
  case parallel([Int])
  case choose([(when: Expression?, body: Int)])
  case attempt(body: Int, recovery: Int)
}

final class CallModel: Sendable {
  let command: CommandModel?
  let replies: [String: [ReplyModel]]
  /// nil: waits for ever (only a step without a command may).
  let timeout: DelayModel?
  let retry: RetryModel
  let undo: UndoModel?
  let isPivot: Bool

  init(
    command: CommandModel?, replies: [String: [ReplyModel]], timeout: DelayModel?, retry: RetryModel, undo: UndoModel?,
    isPivot: Bool
  ) {
    self.command = command
    self.replies = replies
    self.timeout = timeout
    self.retry = retry
    self.undo = undo
    self.isPivot = isPivot
  }
}

final class CommandModel: Sendable {
  let type: String
  let destination: String?
  let with: TemplateModel

  init(type: String, destination: String?, with: TemplateModel) {
    self.type = type
    self.destination = destination
    self.with = with
  }
}

final class ReplyModel: Sendable {
  let when: Expression?
  let set: [Assignment]
  let correlate: [Assignment]
  let fail: Expression?
  let again: DelayModel?

  init(when: Expression?, set: [Assignment], correlate: [Assignment], fail: Expression?, again: DelayModel?) {
    self.when = when
    self.set = set
    self.correlate = correlate
    self.fail = fail
    self.again = again
  }
}

struct RetryModel: Sendable {
  var attempts: Int64
  var delay: DelayModel
  var factor: Double
  var maxDelay: DelayModel
  var jitter: Double
}

final class UndoModel: Sendable {
  enum Form: Sendable {
    case call(CallModel)
    case publish([Publication])
  }
  let form: Form
  /// Whether any of its expressions reads `event`: otherwise the reply is not kept.
  let usesEvent: Bool

  init(form: Form, usesEvent: Bool) {
    self.form = form
    self.usesEvent = usesEvent
  }
}
