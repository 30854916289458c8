import CEL

extension Machine {
  /// Finds the keys a message is addressed to.
  ///
  /// - Returns: nil when the key is null: the message is foreign.
  /// - Throws: `MessageFault` when the expression fails or gives something that is no key.
  public func route(_ event: CloudEvent) throws(MessageFault) -> Route? {
    guard let key = model.messages[event.type]?.key else {
      throw fault("key.undeclared", "messages.\(event.type) has no key, so the message cannot find its instance")
    }
    switch key {
    case .primary(let expression):
      switch try keyValue(expression, event) {
      case .null: return nil
      case .array(let elements):
        var keys: [String] = []
        // Of the code points, like the hashes under which stores find instances; a set, because a message has room for
        // a hundred thousand keys, and whoever refuses that many has to say how many they are.
        var seen: Set<ExactText> = []
        for value in elements {
          let text = try keyText(value, of: "messages.\(event.type).key")
          if seen.insert(ExactText(text: text)).inserted { keys.append(text) }
        }
        return keys.isEmpty ? nil : .primary(keys)
      case let value: return .primary([try keyText(value, of: "messages.\(event.type).key")])
      }
    case .named(let name, let expression):
      let value = try keyValue(expression, event)
      if value == .null { return nil }
      return .named(Correlation(name: name, value: try keyText(value, of: "messages.\(event.type).key.\(name)")))
    }
  }

  private func keyValue(_ expression: Expression, _ event: CloudEvent) throws(MessageFault) -> JSON {
    if let path = expression.path, path.variable == .event, let value = event.value(at: path.fields) { return value }
    return try json(try evaluate(expression, ScopeValues(event: event, self)), from: expression)
  }

  /// Checks a message's data against its schema and gives numbers the schema's types: an int where it says `integer`, a
  /// double elsewhere. Older accepted versions are lifted to the newest.
  ///
  /// - Throws: `MessageFault`: `message.schema` when no version fits, `message.upcast` when an older one cannot be lifted.
  public func normalise(_ event: CloudEvent) throws(MessageFault) -> CloudEvent {
    guard let message = model.messages[event.type] else { return event.withDoubles() }
    let data = event.data ?? .null
    if let chosen = message.accepts.first(where: { $0.dataschema != nil && $0.dataschema == event.dataschema }) {
      return try lift(event, data: data, through: chosen, newest: message.schema)
    }
    guard let schema = message.schema else { return event.withDoubles() }
    let violations = schema.validate(data)
    if violations.isEmpty {
      guard event.data != nil, let changed = schema.changed(data) else { return event }
      return event.with(data: changed)
    }
    if let older = message.accepts.first(where: { $0.schema.validate(data).isEmpty }) {
      return try lift(event, data: data, through: older, newest: schema)
    }
    throw fault("message.schema", "the data of \(event.type) does not fit its schema: \(violations[0])")
  }

  private func lift(_ event: CloudEvent, data: JSON, through accepted: AcceptedModel, newest: Schema?)
    throws(MessageFault) -> CloudEvent
  {
    if let violation = accepted.schema.validate(data).first {
      throw fault("message.schema", "the data of \(event.type) does not fit the version it names: \(violation)")
    }
    let old = event.with(data: accepted.schema.normalise(data))
    let lifted: JSON
    do throws(MessageFault) {
      lifted = try json(accepted.upcast, ScopeValues(event: old, self))
    } catch {
      throw fault("message.upcast", "the upcast of \(event.type) fails: \(error.message)")
    }
    guard let newest else { return event.with(data: lifted) }
    let normal = newest.normalise(lifted)
    if let violation = newest.validate(normal).first {
      throw fault("message.upcast", "the upcast of \(event.type) does not fit the newest schema: \(violation)")
    }
    return event.with(data: normal)
  }
}

extension CloudEvent {
  func with(data: JSON?) -> CloudEvent {
    var copy = self
    copy.data = data
    return copy
  }

  /// A JSON number is a CEL double unless a schema says otherwise.
  func withDoubles() -> CloudEvent { data == nil ? self : with(data: data?.withDoubles) }
}

extension JSON {
  /// A whole number of which no schema says what it is: a double, but an int where a double would not tell it from the next.
  /// So far out it is the name of something, and goes where it must go with all its digits.
  static func untyped(_ number: Int64) -> JSON {
    number.magnitude < 1 << 53 ? .double(Double(number)) : .int(number)
  }

  package var withDoubles: JSON {
    switch self {
    case .int(let number): JSON.untyped(number)
    case .array(let elements): .array(elements.map(\.withDoubles))
    case .object(let members): .object(JSONObject(members.map { ($0.key, $0.value.withDoubles) }))
    default: self
    }
  }
}
