/// One run of a schema over a value.
struct SchemaValidator {
  let nodes: [SchemaNode]
  /// 0 to learn only whether the value is valid.
  let maximumViolations: Int
  private(set) var violations: [SchemaViolation] = []
  private var path = JSONPointerPath()
  private var steps = 0
  /// A pattern that has used up its budget over a text of the value.
  private var exhaustedPattern: String?

  init(nodes: [SchemaNode], maximumViolations: Int) {
    self.nodes = nodes
    self.maximumViolations = maximumViolations
  }

  /// Whether nothing that is still to be looked at can change the outcome.
  private var isFull: Bool { violations.count >= maximumViolations }

  /// Applies a subschema to a value.
  ///
  /// - Returns: whether it is valid.
  mutating func check(_ value: JSON, _ place: Int) -> Bool {
    steps += 1
    if isExhausted { return refuseExhausted() }
    let node = nodes[place]
    if let verdict = node.verdict { return verdict || refuse("false", "nothing is allowed here") }
    var isValid = checkAny(value, node)
    switch value {
    case _ where !isValid && isFull: break
    case .int, .double: if !checkNumber(value, node) { isValid = false }
    case .string(let text): if !checkString(text, node) { isValid = false }
    case .array(let elements): if !checkArray(elements, node) { isValid = false }
    case .object(let members): if !checkObject(members, node) { isValid = false }
    case .null, .bool: break
    }
    if !isValid && isFull { return false }
    if !checkApplicators(value, node) { isValid = false }
    // A trial that was given up has not held, which `not` and `oneOf` would take for an answer.
    return isExhausted ? refuseExhausted() : isValid
  }

  /// Whether checking was given up: then no answer counts.
  var isExhausted: Bool { steps > Schema.maximumSteps || exhaustedPattern != nil }

  private mutating func refuseExhausted() -> Bool {
    if violations.last?.keyword == "limit" { return false }
    guard let pattern = exhaustedPattern.map({ JSON.string($0).shown }) else {
      return refuse("limit", "checking takes more than \(Schema.maximumSteps) steps")
    }
    return refuse("limit", "matching the pattern \(pattern) takes more than the budget of one evaluation")
  }

  /// Whether a pattern matches a text of the value. Where that takes too long the whole value is refused, whatever is made
  /// of the answer.
  mutating func matches(_ pattern: SchemaPattern, _ text: String) -> Bool {
    if let matches = pattern.matches(text) { return matches }
    exhaustedPattern = pattern.text
    return false
  }

  /// Applies a subschema to a part of the value.
  mutating func check(_ value: JSON, _ place: Int, at element: @autoclosure () -> PathElement) -> Bool {
    if maximumViolations == 0 { return check(value, place) }
    path.elements.append(element())
    defer { path.elements.removeLast() }
    return check(value, place)
  }

  /// Whether a subschema holds, without reporting why not.
  mutating func holds(_ place: Int, _ value: JSON) -> Bool {
    var trial = SchemaValidator(nodes: nodes, maximumViolations: 0)
    trial.steps = steps
    let isValid = trial.check(value, place)
    steps = trial.steps
    if let pattern = trial.exhaustedPattern { exhaustedPattern = pattern }
    return isValid
  }

  /// Reports a violation at the current place.
  ///
  /// - Returns: false, which is what the check has found.
  mutating func refuse(_ keyword: String, _ message: @autoclosure () -> String, at element: PathElement? = nil) -> Bool
  {
    if !isFull {
      let place = element.map { JSONPointerPath(path.elements + [$0]) } ?? path
      violations.append(SchemaViolation(path: place, keyword: keyword, message: message()))
    }
    return false
  }

  /// Whether the remaining parts of a value need to be looked at.
  func goesOn(_ isValid: Bool) -> Bool { isValid || !isFull }
}
