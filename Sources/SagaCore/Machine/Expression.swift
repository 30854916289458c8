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

  init(program: CELProgram, variables: [ScopeVariable], position: SourcePosition) {
    self.program = program
    self.variables = variables
    self.position = position
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

/// The values behind an expression's slots; converted only when read.
struct ScopeActivation: CELActivation {
  let variables: [ScopeVariable]
  let scope: Scope
  /// nil while no instance exists (in `key`).
  let instance: Instance?
  let machine: Machine
  let now: Timestamp

  func value(forVariable slot: Int) -> CELValue? {
    switch variables[slot] {
    case .data: instance.map { CELValue($0.data) }
    case .saga: instance.map { machine.sagaValue(of: $0, failure: scope.failure ?? $0.failure) }
    case .now: .timestamp(CELTimestamp(now))
    case .event: scope.event.map { $0.celValue } ?? .null
    case .item: scope.item.map { CELValue($0) }
    case .index: scope.index.map { .int(Int64($0)) }
    }
  }

  /// Builds only what a path leads to: a payload has many fields and an expression names few.
  func value(forVariable slot: Int, fields: [String]) -> CELValue? {
    switch variables[slot] {
    case .data: instance.flatMap { ScopeActivation.value(in: $0.data, fields[...]) }
    case .item: scope.item.flatMap { ScopeActivation.value(in: $0, fields[...]) }
    case .saga: fields == ["key"] ? instance.map { .string($0.key) } : nil
    case .event where fields[0] == "data":
      scope.event?.data.flatMap { ScopeActivation.value(in: $0, fields.dropFirst()) }
    case .event, .now, .index: nil
    }
  }

  /// nil where there is no such field, so that evaluating the whole says what is wrong.
  private static func value(in json: JSON, _ fields: ArraySlice<String>) -> CELValue? {
    var json = json
    for field in fields {
      guard let member = json[field] else { return nil }
      json = member
    }
    return CELValue(json)
  }
}

extension Machine {
  /// `saga` in expressions.
  public func sagaValue(of instance: Instance) -> CELValue { sagaValue(of: instance, failure: instance.failure) }

  func sagaValue(of instance: Instance, failure: Failure?) -> CELValue {
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
        ("role", .string(identity.role)), ("key", .string(instance.key)),
        ("state", .string(stateName(of: instance))),
        ("startedAt", .timestamp(CELTimestamp(instance.startedAt))), ("failure", failure),
      ]))
  }
}

extension CELTimestamp {
  init(_ time: Timestamp) {
    let (seconds, rest) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
    let negative = rest < 0
    self.init(
      seconds: negative ? seconds - 1 : seconds, nanoseconds: Int32(negative ? rest + 1000 : rest) * 1_000_000)
  }
}

extension CloudEvent {
  /// `event` in expressions: attributes, extensions, and `data` (null where there is none).
  var celValue: CELValue {
    var fields: [(String, CELValue)] = [
      ("id", .string(id)), ("source", .string(source)), ("type", .string(type)),
      ("subject", .string(subject ?? "")),
    ]
    if let time, let parsed = CELTimestamp(parsingRFC3339: time) { fields.append(("time", .timestamp(parsed))) }
    if let dataschema { fields.append(("dataschema", .string(dataschema))) }
    for (name, value) in extensions { fields.append((name, CELValue(value))) }
    fields.append(("data", data.map { CELValue($0) } ?? .null))
    return .map(CELMap(uniqueStringKeys: fields))
  }
}
