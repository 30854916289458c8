import CEL

/// Expressions whose value never fits the schema of where it goes: a field of `data`, a member of a command or of an event.
///
/// Only what can never fit is told: text where a number must stand. Whether a number is in range, only its value says.
func checkValueTypes(_ role: CheckedRole, _ findings: inout Findings) {
  var check = ValueTypeCheck(role: role)
  check.run()
  for misfit in check.found {
    findings.add(
      .valueType, misfit.position,
      "\(misfit.place) is \(misfit.wanted) by its schema, and this gives \(misfit.given).",
      mend: "give \(misfit.wanted), or change the schema")
  }
}

private struct ValueTypeCheck {
  struct Misfit {
    var position: SourcePosition
    var place: String
    var wanted: String
    var given: String
  }

  let role: CheckedRole
  let data: CELType
  /// By message type: making one walks its schema.
  private var types: [String: CELType] = [:]
  var found: [Misfit] = []

  init(role: CheckedRole) {
    self.role = role
    data = role.model.parts.dataSchema?.celType ?? .dyn
  }

  mutating func run() {
    for transition in role.model.parts.transitions {
      check(transition.set)
      check(transition.publish)
    }
    for node in role.model.parts.nodes { check(node) }
  }

  private mutating func check(_ node: NodeModel) {
    switch node.kind {
    case .call(let call): check(call)
    case .set(let assignments): check(assignments)
    case .publish(let publications, let undo):
      check(publications)
      if let undo { check(undo) }
    case .sequence, .fail, .forEach, .parallel, .choose, .attempt: break
    }
  }

  private mutating func check(_ call: CallModel) {
    if let command = call.command { check(command.with, as: schema(of: command.type), at: command.type) }
    for reply in call.replies.values.flatMap({ $0 }) { check(reply.set) }
    if let undo = call.undo { check(undo) }
  }

  private mutating func check(_ undo: UndoModel) {
    switch undo.form {
    case .call(let call): check(call)
    case .publish(let publications): check(publications)
    }
  }

  private mutating func check(_ assignments: [Assignment]) {
    for assignment in assignments {
      check(assignment.value, as: field(assignment.name, of: data), at: "data.\(assignment.name)")
    }
  }

  private mutating func check(_ publications: [Publication]) {
    for publication in publications {
      check(publication.payload, as: schema(of: publication.type), at: publication.type)
    }
  }

  private mutating func schema(of type: String) -> CELType {
    if let known = types[type] { return known }
    let found = role.definition.message(type)?.schema?.celType ?? .dyn
    types[type] = found
    return found
  }

  private func field(_ name: String, of type: CELType) -> CELType {
    guard case .object(let object) = type.unwrapped else { return .dyn }
    return object.fields.last { $0.name == name }?.type ?? .dyn
  }

  private mutating func check(_ template: TemplateModel, as wanted: CELType, at place: String) {
    switch template {
    case .expression(let expression):
      let result = expression.program.resultType
      // Null would fit.
      if case (.nullable, .nullable) = (wanted, result) { return }
      guard let kind = ValueKind(wanted), let given = ValueKind(result), given != kind else { return }
      found.append(Misfit(position: expression.position, place: place, wanted: kind.words, given: given.words))
    case .object(let members):
      for member in members { check(member.value, as: field(member.name, of: wanted), at: "\(place).\(member.name)") }
    case .array(let elements):
      guard case .list(let element) = wanted.unwrapped else { return }
      for (index, value) in elements.enumerated() { check(value, as: element, at: "\(place)[\(index)]") }
    // The model does not say where a constant stands, so there is no place to name.
    case .constant: break
    }
  }
}

/// What JSON tells apart.
private enum ValueKind {
  case number, text, truth, list, object

  /// nil where the type does not say.
  init?(_ type: CELType) {
    switch type.unwrapped {
    case .int, .uint, .double: self = .number
    case .string, .bytes, .timestamp, .duration: self = .text
    case .bool: self = .truth
    case .list: self = .list
    case .map, .object: self = .object
    case .dyn, .null, .type, .nullable, .parameter: return nil
    }
  }

  var words: String {
    switch self {
    case .number: "a number"
    case .text: "text"
    case .truth: "true or false"
    case .list: "a list"
    case .object: "an object"
    }
  }
}

extension CELType {
  fileprivate var unwrapped: CELType { if case .nullable(let wrapped) = self { wrapped } else { self } }
}
