import CEL
import SagaCore

/// What the expressions of a role name, as a journal shows it; built when it is asked for.
struct WrittenScope: CELActivation {
  static let variables = ["data", "saga", "now", "event"]
  private var instance: Instance
  private let machine: Machine
  private let now: Timestamp
  private let event: CloudEvent?

  var data: JSON {
    get { instance.data }
    set { instance.data = newValue }
  }

  init(_ instance: Instance, _ machine: Machine, now: Timestamp, event: CloudEvent?) {
    self.instance = instance
    self.machine = machine
    self.now = now
    self.event = event
  }

  func value(forVariable index: Int) -> CELValue? {
    switch WrittenScope.variables[index] {
    case "data": CELValue(instance.data)
    case "saga": machine.sagaValue(of: instance)
    case "now": .timestamp(CELTimestamp(now))
    default: event?.celValue ?? .null
    }
  }

  /// The first of several whose condition holds.
  ///
  /// - Throws: `CELError` where an expression fails; the message is refused then.
  func first(of conditions: [CELProgram]) throws(CELError) -> Int? {
    for (index, condition) in conditions.enumerated() {
      if case .bool(true) = try condition.evaluate(self) { return index }
    }
    return nil
  }

  func json(_ structure: WrittenRole.Structure) throws -> JSON {
    switch structure {
    case .constant(let value): return value
    case .expression(let program): return try JSON(cel: program.evaluate(self))
    case .array(let elements): return .array(try elements.map { try json($0) })
    case .object(let members): return .object(JSONObject(try members.map { ($0.name, try json($0.value)) }))
    }
  }
}
