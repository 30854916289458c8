import CEL

/// What an expression at some place of a definition may name, and with which types.
struct ScopeSpec {
  /// In slot order.
  var variables: [ScopeVariable]
  /// The message types that `event` may be; it must check for each.
  var events: [String] = []
  /// In `undo`, `event` is null when the outcome is unknown.
  var isEventOptional = false
  var item: CELType = .dyn
  /// Types `event.data` in place of the message's newest schema.
  var dataSchema: Schema?

  /// The instance's own: without a message.
  static let instance = ScopeSpec(variables: [.data, .saga, .now])
}

extension MachineCompiler {
  /// Parses and checks an expression; nil after an error, which has been reported.
  mutating func expression(_ source: ExpressionSource, _ spec: ScopeSpec, expecting: CELType? = nil) -> Expression? {
    let events: [String?] = spec.variables.contains(.event) && !spec.events.isEmpty ? spec.events : [nil]
    var programs: [CELProgram] = []
    for event in events {
      let environment = CELEnvironment(
        variables: spec.variables.map { ($0.rawValue, type(of: $0, spec, event: event)) })
      do throws(CELError) {
        programs.append(try environment.compile(source.text, expecting: expecting))
      } catch {
        let suffix = events.count > 1 ? " (for \(event ?? ""))" : ""
        report(error, source, suffix: suffix)
        return nil
      }
    }
    checkNull(programs[0], source, spec)
    guard programs.count > 1 else {
      return Expression(program: programs[0], variables: spec.variables, position: source.position)
    }
    // Several types: each has been checked above; what runs treats the data as untyped.
    let open = CELEnvironment(variables: spec.variables.map { ($0.rawValue, type(of: $0, spec, event: nil)) })
    do throws(CELError) {
      let untyped = try open.compile(source.text)
      let program = programs.allSatisfy { $0.runs(like: programs[0]) } ? programs[0] : untyped
      return Expression(program: program, variables: spec.variables, position: source.position)
    } catch {
      report(error, source, suffix: " (for what is common to \(spec.events.joined(separator: " and ")))")
      return nil
    }
  }

  private mutating func checkNull(_ program: CELProgram, _ source: ExpressionSource, _ spec: ScopeSpec) {
    guard spec.isEventOptional, let hazard = program.nullHazards(variable: "event").first else { return }
    report(
      "undo.event-null", source.position.advanced(by: hazard.offset),
      "'event' is null when the outcome of the call is unknown, and this reads '\((["event"] + hazard.path).joined(separator: "."))'",
      mend: "write event != null ? … : … with a value for the unknown outcome")
  }

  private mutating func report(_ error: CELError, _ source: ExpressionSource, suffix: String) {
    let code =
      switch error.kind {
      case .syntax: "expression.syntax"
      case .unknownName: "expression.name"
      case .noSuchField: "expression.field"
      case .limit, .budget: "expression.limit"
      default: "expression.type"
      }
    report(code, source.position.advanced(by: error.offset), error.message + suffix)
  }

  func type(of variable: ScopeVariable, _ spec: ScopeSpec, event: String?) -> CELType {
    switch variable {
    case .data: definition.data?.celType ?? .dyn
    case .saga: .object(ScopeTypes.saga)
    case .now: .timestamp
    case .item: spec.item
    case .index: .int
    case .event: spec.isEventOptional ? .nullable(eventType(event, spec)) : eventType(event, spec)
    }
  }

  private func eventType(_ type: String?, _ spec: ScopeSpec) -> CELType {
    let schema = spec.dataSchema ?? type.flatMap { definition.message($0)?.schema }
    return .object(ScopeTypes.event(type ?? "event", data: schema?.celType ?? .dyn))
  }

  mutating func template(_ template: Template, _ spec: ScopeSpec) -> TemplateModel {
    switch template {
    case .constant(let value): return .constant(value)
    case .expression(let source): return expression(source, spec).map { .expression($0) } ?? .constant(.null)
    case .array(let elements): return .array(elements.map { self.template($0, spec) })
    case .object(let members): return .object(members.map { (name: $0.name, value: self.template($0.value, spec)) })
    }
  }

  mutating func assignments(_ members: [TemplateMember], _ spec: ScopeSpec) -> [Assignment] {
    members.map { Assignment(name: $0.name, value: template($0.value, spec)) }
  }

  mutating func publications(_ members: [TemplateMember], _ spec: ScopeSpec) -> [Publication] {
    members.map { Publication(type: $0.name, payload: template($0.value, spec)) }
  }

  mutating func delay(_ delay: Delay, _ spec: ScopeSpec = .instance) -> DelayModel {
    switch delay.value {
    case .milliseconds(let value): return .milliseconds(value)
    case .expression(let source):
      guard let compiled = expression(source, spec) else { return .milliseconds(0) }
      switch compiled.program.resultType {
      case .duration, .timestamp, .dyn: break
      case let other:
        report(
          "expression.type", source.position, "a duration or a timestamp stands here, and this gives \(other)",
          mend: "write a literal such as \"30s\", or duration(…) or timestamp(…)")
      }
      return .expression(compiled)
    }
  }
}

/// The types of the variables every definition has.
enum ScopeTypes {
  static let saga = CELObjectType(
    name: "saga",
    fields: [
      ("name", .string), ("version", .int), ("role", .string), ("key", .string), ("state", .string),
      ("startedAt", .timestamp),
      (
        "failure",
        .nullable(
          .object(
            CELObjectType(
              name: "failure",
              fields: [("reason", .string), ("step", .string), ("kind", .string), ("time", .timestamp)], isOpen: false))
        )
      ),
    ], isOpen: false)

  /// A CloudEvent: its attributes, `data`, and any extension.
  static func event(_ name: String, data: CELType) -> CELObjectType {
    CELObjectType(
      name: name,
      fields: [
        ("id", .string), ("source", .string), ("type", .string), ("subject", .string), ("time", .timestamp),
        ("data", data),
      ], isOpen: true)
  }
}

extension SourcePosition {
  /// A place further on in the same line; JSON strings hold no line breaks.
  func advanced(by bytes: Int) -> SourcePosition {
    SourcePosition(offset: offset + bytes, line: line, column: column + bytes)
  }
}
