/// A compiled role: everything by index, nothing by name except message types.
struct MachineModel: Sendable {
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

struct TransitionModel: Sendable {
  var position: SourcePosition
  var when: Expression?
  var set: [Assignment] = []
  var correlate: [Assignment] = []
  var compensate: Expression?
  var isPivot = false
  var publish: [Publication] = []
  var goto: Int?
}

struct Assignment: Sendable {
  var name: String
  var value: TemplateModel
}

struct Publication: Sendable {
  var type: String
  var payload: TemplateModel
}

struct MessageModel: Sendable {
  var type: String
  var key: KeyModel?
  var missing: MissingPolicy
  var schema: Schema?
  var accepts: [AcceptedModel] = []
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

struct NodeModel: Sendable {
  /// The step's name, or its place where it has none: part of idempotency keys.
  var name: String
  var kind: NodeKind
  /// Types that the node or any below it takes.
  var takes: Set<String> = []
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

struct CallModel: Sendable {
  var command: CommandModel?
  var replies: [String: [ReplyModel]] = [:]
  /// nil: waits for ever (only a step without a command may).
  var timeout: DelayModel?
  var retry: RetryModel
  var undo: UndoModel?
  var isPivot = false
}

struct CommandModel: Sendable {
  var type: String
  var destination: String?
  var with: TemplateModel
}

struct ReplyModel: Sendable {
  var when: Expression?
  var set: [Assignment] = []
  var correlate: [Assignment] = []
  var fail: Expression?
  var again: DelayModel?
}

struct RetryModel: Sendable {
  var attempts: Int64
  var delay: DelayModel
  var factor: Double
  var maxDelay: DelayModel
  var jitter: Double
}

struct UndoModel: Sendable {
  indirect enum Form: Sendable {
    case call(CallModel)
    case publish([Publication])
  }
  var form: Form
  /// Whether any of its expressions reads `event`: otherwise the reply is not kept.
  var usesEvent: Bool
}
