import CEL

/// What an expression may name.
enum ScopeVariable: String, Sendable, CaseIterable {
  case data, saga, now, event, item, index
}

/// A compiled expression with the meaning of its variables' slots.
final class Expression: Sendable {
  let program: CELProgram
  let variables: [ScopeVariable]
  /// Of the first character, for messages.
  let position: SourcePosition
  /// Set for an expression that only names a value, as most do: that value is found without running the program.
  let path: (variable: ScopeVariable, fields: [String])?

  init(program: CELProgram, variables: [ScopeVariable], position: SourcePosition) {
    self.program = program
    self.variables = variables
    self.position = position
    path = program.path.map { (variables[$0.variable], $0.fields) }
  }
}

/// Structure whose leaves are compiled.
indirect enum TemplateModel: Sendable {
  case constant(JSON)
  case expression(Expression)
  case array([TemplateModel])
  case object([(name: String, value: TemplateModel)])
}

/// What an expression is evaluated over, besides the instance.
struct Scope: Sendable {
  var event: CloudEvent?
  var item: JSON?
  var index: Int?
  /// What `saga.failure` is inside a `catch`; nil for the instance's own.
  var failure: Failure?
  init(event: CloudEvent? = nil, item: JSON? = nil, index: Int? = nil, failure: Failure? = nil) {
    self.event = event
    self.item = item
    self.index = index
    self.failure = failure
  }
}

/// What the expressions of one decision may still cost together. A loop over a long list evaluates some of them for each element.
///
/// `@unchecked Sendable`: it belongs to one decision, which one thread makes.
final class DecisionBudget: @unchecked Sendable {
  @exclusivity(unchecked) var left = MachineLimits.decisionBudget
}

/// What several expressions of one place are evaluated over.
///
/// Of the instance it has only what expressions may name, and it is a class: an evaluation copies it often.
final class ScopeValues: Sendable {
  let scope: Scope
  let machine: Machine
  /// nil where the message's own time counts: outside an instance.
  let now: Timestamp?
  /// What the decision may still spend; nil outside of one.
  let budget: DecisionBudget?
  /// nil while no instance exists (in `key` and `upcast`).
  private let subject: Subject?

  /// An instance as expressions see it.
  private struct Subject {
    var data: JSON
    var key: String
    var state: Int
    var startedAt: Timestamp
    var failure: Failure?
  }

  init(
    _ scope: Scope, of instance: borrowing Instance, _ machine: Machine, now: Timestamp, _ budget: DecisionBudget? = nil
  ) {
    self.scope = scope
    self.machine = machine
    self.now = now
    self.budget = budget
    subject = Subject(
      data: instance.data, key: instance.key, state: instance.state, startedAt: instance.startedAt,
      failure: scope.failure ?? instance.failure)
  }

  /// Where there is no instance.
  init(event: CloudEvent, _ machine: Machine) {
    scope = Scope(event: event)
    self.machine = machine
    now = nil
    budget = nil
    subject = nil
  }

  /// The value that a path leads to; nil where there is none, so that evaluating the expression says what is wrong, and for
  /// values that are no JSON.
  func json(_ variable: ScopeVariable, _ fields: [String]) -> JSON? {
    switch variable {
    case .data: subject.flatMap { $0.data.value(at: fields[...]) }
    case .item: scope.item.flatMap { $0.value(at: fields[...]) }
    case .saga: fields.count == 1 && fields[0] == "key" ? subject.map { .string($0.key) } : nil
    case .event: scope.event.flatMap { $0.value(at: fields) }
    case .now, .index: nil
    }
  }

  /// The same for expressions, with what is no JSON in them: built without the rest of the variable.
  func value(_ variable: ScopeVariable, _ fields: [String]) -> CELValue? {
    if let json = json(variable, fields) { return CELValue(json) }
    guard fields.count == 1 else { return nil }
    switch (variable, fields[0]) {
    case (.event, "time"): return scope.event?.celTime.map { CELValue.timestamp($0) }
    case (.saga, let field): return subject.flatMap { value($0, field) }
    default: return nil
    }
  }

  /// What `saga.` leads to by one field, as far as nothing has to be put together for it.
  private func value(_ subject: Subject, _ field: String) -> CELValue? {
    switch field {
    case "name": .string(machine.identity.saga)
    case "version": .int(machine.identity.version)
    case "role": .string(machine.identity.role)
    case "state": .string(machine.model.states[subject.state].name)
    case "startedAt": .timestamp(CELTimestamp(subject.startedAt))
    default: nil
    }
  }

  /// Whether a path leads to something; nil where only the value of the whole can tell.
  func has(_ variable: ScopeVariable, _ fields: [String]) -> Bool? {
    switch variable {
    case .data: return subject?.data.hasMember(at: fields[...])
    case .item: return scope.item?.hasMember(at: fields[...])
    case .event:
      guard let event = scope.event else { return nil }
      if fields.count > 1, fields[0] == "data" { return event.data?.hasMember(at: fields.dropFirst()) }
      if fields == ["data"] { return true }
      return fields.count == 1 ? value(variable, fields) != nil : nil
    case .saga, .now, .index: return nil
    }
  }

  var time: Timestamp { now ?? scope.event?.timestamp ?? Timestamp(milliseconds: 0) }
  var data: JSON? { subject?.data }

  var saga: CELValue? {
    guard let subject else { return nil }
    return machine.sagaValue(
      key: subject.key, state: subject.state, startedAt: subject.startedAt, failure: subject.failure)
  }
}

/// The values behind an expression's slots; converted only when read.
struct ScopeActivation: CELActivation {
  let variables: [ScopeVariable]
  let values: ScopeValues

  func value(forVariable slot: Int) -> CELValue? {
    switch variables[slot] {
    case .data: values.data.map { CELValue($0) }
    case .saga: values.saga
    case .now: .timestamp(CELTimestamp(values.time))
    case .event: values.scope.event.map { $0.celValue } ?? .null
    case .item: values.scope.item.map { CELValue($0) }
    case .index: values.scope.index.map { .int(Int64($0)) }
    }
  }

  var buildsValues: Bool { true }

  /// Builds only what a path leads to: a payload has many fields and an expression names few.
  func value(forVariable slot: Int, fields: [String]) -> CELValue? { values.value(variables[slot], fields) }

  func hasValue(forVariable slot: Int, fields: [String]) -> Bool? { values.has(variables[slot], fields) }
}

extension JSON {
  /// The member of a member …; nil where there is none.
  func value(at fields: ArraySlice<String>) -> JSON? {
    var json = self
    for field in fields {
      guard let member = json[field] else { return nil }
      json = member
    }
    return json
  }

  /// Whether the object that all fields but the last lead to has the last; nil where they lead to no object.
  fileprivate func hasMember(at fields: ArraySlice<String>) -> Bool? {
    guard let last = fields.last, case .object(let members)? = value(at: fields.dropLast()) else { return nil }
    return members.position(of: last) != nil
  }
}

extension CloudEvent {
  /// What a path in `event` leads to, as far as it is JSON: the payload and every attribute but the time.
  func value(at fields: [String]) -> JSON? {
    guard let first = fields.first else { return nil }
    if first == "data" {
      if let data { return data.value(at: fields.dropFirst()) }
      if fields.count == 1 { return .some(.null) }
      return nil
    }
    if fields.count > 1 { return nil }
    switch first {
    case "id": return .string(id)
    case "source": return .string(source)
    case "type": return .string(type)
    case "subject": return .string(subject ?? "")
    case "time": return nil
    case "dataschema": return dataschema.map { .string($0) }
    default: return extensions[first]
    }
  }
}

extension Machine {
  /// `saga` in expressions.
  public func sagaValue(of instance: Instance) -> CELValue {
    sagaValue(key: instance.key, state: instance.state, startedAt: instance.startedAt, failure: instance.failure)
  }

  func sagaValue(key: String, state: Int, startedAt: Timestamp, failure: Failure?) -> CELValue {
    let failure: CELValue =
      failure.map { failure in
        .map(
          CELMap(uniqueStringKeys: [
            ("reason", .string(failure.reason)), ("step", .string(failure.step)),
            ("kind", .string(failure.kind.rawValue)), ("time", .timestamp(CELTimestamp(failure.time))),
          ]))
      } ?? .null
    return .map(
      CELMap(uniqueStringKeys: [
        ("name", .string(identity.saga)), ("version", .int(identity.version)),
        ("role", .string(identity.role)), ("key", .string(key)),
        ("state", .string(model.states[state].name)),
        ("startedAt", .timestamp(CELTimestamp(startedAt))), ("failure", failure),
      ]))
  }
}

extension CELTimestamp {
  /// Outside the years 1 to 9999, which is all that CEL has, the first or the last time there is.
  package init(_ time: Timestamp) {
    let (seconds, rest) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
    let negative = rest < 0
    self.init(
      clampingSeconds: negative ? seconds - 1 : seconds,
      nanoseconds: Int32(negative ? rest + 1000 : rest) * 1_000_000)
  }
}

extension CloudEvent {
  /// `event` in expressions: attributes, extensions, and `data` (null where there is none).
  package var celValue: CELValue {
    var fields: [(String, CELValue)] = [
      ("id", .string(id)), ("source", .string(source)), ("type", .string(type)),
      ("subject", .string(subject ?? "")),
    ]
    if let celTime { fields.append(("time", .timestamp(celTime))) }
    if let dataschema { fields.append(("dataschema", .string(dataschema))) }
    for (name, value) in extensions { fields.append((name, CELValue(value))) }
    fields.append(("data", data.map { CELValue($0) } ?? .null))
    return .map(CELMap(uniqueStringKeys: fields))
  }

  /// `event.time` in expressions; nil where the event has none. CEL reads finer times than `timestamp` does, but no leap
  /// seconds, and no years beyond its own: then it is what `timestamp` says, so that no event that was accepted lacks it.
  fileprivate var celTime: CELTimestamp? {
    guard let time else { return nil }
    return CELTimestamp(parsingRFC3339: time) ?? timestamp.map { CELTimestamp($0) }
  }
}
