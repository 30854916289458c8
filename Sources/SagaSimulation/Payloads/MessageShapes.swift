import SagaCore

/// What the messages of some definitions look like from outside: their schemas, and where their keys stand.
struct MessageShapes: Sendable {
  /// How a message is addressed.
  enum Key: Hashable, Sendable {
    /// The path of members below `data` that holds the primary key.
    case primary(path: [String])
    /// The path that holds a value which an instance recorded with `correlate`.
    case named(String, path: [String])
    /// An expression that cannot be turned round: only a scenario can give such a message.
    case computed(String)
  }

  struct Shape: Sendable {
    var key: Key?
    /// Whether another definition finds its instances by another key of the same message.
    var hasOtherKeys = false
    var schema: Schema?
    var plan: PayloadPlan = .constant(.object(JSONObject()))
  }

  private let shapes: [String: Shape]

  init(_ definitions: [Definition]) {
    var shapes: [String: Shape] = [:]
    for definition in definitions {
      let pool =
        ((try? JSONParser.parse(definition.source, limits: .definition))).map(LiteralPool.init) ?? LiteralPool()
      for message in definition.messages {
        var shape = shapes[message.type] ?? Shape()
        let key = message.key.map(MessageShapes.key)
        if let known = shape.key, known != key { shape.hasOtherKeys = true }
        if shape.key == nil { shape.key = key }
        if shape.schema == nil, let schema = message.schema {
          shape.schema = schema
          shape.plan = PayloadPlanner.plan(for: schema, pool: pool)
        }
        shapes[message.type] = shape
      }
    }
    self.shapes = shapes
  }

  subscript(type: String) -> Shape { shapes[type] ?? Shape() }

  private static func key(_ declared: MessageDeclaration.Key) -> Key {
    switch declared {
    case .primary(let source): path(source.text).map { .primary(path: $0) } ?? .computed(source.text)
    case .named(let name, let source): path(source.text).map { .named(name, path: $0) } ?? .computed(source.text)
    }
  }

  /// `event.data.order.id` is the path `order`, `id`; nil for anything but plain member selection.
  private static func path(_ text: String) -> [String]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0).trimmed }
    guard parts.count > 2, parts[0] == "event", parts[1] == "data" else { return nil }
    let names = parts.dropFirst(2)
    let isPlain = names.allSatisfy { name in
      !name.isEmpty && name.utf8.allSatisfy { ($0 | 32 >= 97 && $0 | 32 <= 122) || $0 == 95 || ($0 >= 48 && $0 <= 57) }
    }
    return isPlain ? Array(names) : nil
  }

  /// Makes a message's data.
  ///
  /// - Parameters:
  ///   - key: the primary key that leads it to its instance; nil where it has none, or the echo has it.
  ///   - echo: what is known of the data.
  func data(of type: String, key: String?, echo: JSON?, _ choices: Choices, _ stream: Int) -> JSON {
    let shape = self[type]
    let data = shape.plan.value(choices, stream, echo: echo)
    guard let key, case .primary(let path)? = shape.key else { return data }
    return data.setting(path, to: keyValue(key, type: type, path: path))
  }

  /// Whether a key may be any text: no schema says more of it than that it is one.
  var takesAnyKey: Bool {
    let free = ["type", "description", "title", "minLength", "$comment"]
    return shapes.values.allSatisfy { shape in
      guard case .primary(let path)? = shape.key, let schema = schema(of: shape, at: path) else { return true }
      return (schema.objectValue ?? [:]).allSatisfy { free.contains($0.key) }
        && (schema["minLength"]?.intValue ?? 0) <= 3
    }
  }

  private func schema(of shape: Shape, at path: [String]) -> JSON? {
    var schema = shape.schema?.json
    for name in path { schema = schema?["properties"]?[name] }
    return schema
  }

  /// The key's value as the schema at its path wants it.
  func keyValue(_ text: String, type: String, path: [String]) -> JSON {
    let schema = schema(of: self[type], at: path)
    if schema?["type"]?.stringValue == "array" {
      let isNumber = ["integer", "number"].contains(schema?["items"]?["type"]?.stringValue)
      return .array([isNumber ? Int64(text).map { .int($0) } ?? .string(text) : .string(text)])
    }
    if schema?["type"]?.stringValue == "integer" || schema?["type"]?.stringValue == "number", let number = Int64(text) {
      return .int(number)
    }
    return .string(text)
  }
}
