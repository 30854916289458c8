import SagaCore
import SagaRuntime

extension SagaTest {
  /// A command was sent.
  ///
  /// - Parameters:
  ///   - type: the command's type.
  ///   - destination: who is asked (`to`); nil for anybody.
  ///   - data: members of the payload that matter.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(
    sent type: String, to destination: String? = nil, with data: JSON = [:], file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    let receiver = destination.map { " to \($0)" } ?? ""
    return try name("\(type) to be sent\(receiver)", data, file, line) { message in
      message.kind == .command && message.event.type == type
        && (destination == nil || message.destination == destination)
    }
  }

  /// An event was published, or an alert raised.
  ///
  /// - Parameters:
  ///   - type: its type.
  ///   - data: members of the payload that matter.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(
    published type: String, with data: JSON = [:], file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    try name("\(type) to be published", data, file, line) { $0.kind != .command && $0.event.type == type }
  }

  /// A message went to the dead letters.
  ///
  /// - Parameters:
  ///   - code: the fault's code, such as `message.schema`.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(deadLetter code: String, file: String = #fileID, line: Int = #line) throws -> SagaTest {
    guard let index = effects.firstIndex(where: { $0.deadLetter?.fault.code == code }) else {
      throw try failure("a dead letter \(code)", found: unnamed, file, line)
    }
    effects.remove(at: index)
    return self
  }

  /// The last message was taken like this.
  ///
  /// - Parameters:
  ///   - outcome: `.late`, `.duplicate`, `.deferred`, …
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(_ outcome: DeliveryReceipt.Outcome, file: String = #fileID, line: Int = #line) throws -> SagaTest {
    guard lastOutcomes.contains(outcome) else {
      let found = lastOutcomes.isEmpty ? "no message" : lastOutcomes.map(\.name).joined(separator: ", ")
      throw try failure("the message to be \(outcome.name)", found: found, file, line)
    }
    return self
  }

  /// Nothing was sent, published or refused that no `then` has named.
  ///
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func thenNothingElse(file: String = #fileID, line: Int = #line) throws -> SagaTest {
    guard effects.allSatisfy(\.isSetup) else {
      throw try failure("nothing else; name it or `ignore` it", found: unnamed, file, line)
    }
    return self
  }

  /// An instance stands there.
  ///
  /// - Parameters:
  ///   - status: of the instance.
  ///   - role: of a choreography, the role that is meant; may be left out where there is only one instance.
  ///   - key: the instance that is meant; may be left out where there is only one.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(
    status: InstanceStatus, role: String? = nil, key: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    let (view, _) = try subject(role, key, file, line)
    return try expect(view.status == status, "status \(status.name)", found: view.status.name, file, line)
  }

  /// An instance is in a state of its role.
  ///
  /// - Parameters: as `then(status:)`.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(
    state: String, role: String? = nil, key: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    let (machine, instance) = try current(role, key, file, line)
    let found = machine.stateName(of: instance)
    return try expect(found == state, "state \(state)", found: "state \(found)", file, line)
  }

  /// An instance waits in these steps, and in no others.
  ///
  /// - Parameters:
  ///   - steps: in any order; those of `forEach` with their position, as `reserve[2]`.
  ///   - role: of a choreography, the role that is meant; may be left out where there is only one instance.
  ///   - key: the instance that is meant; may be left out where there is only one.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(
    waitsIn steps: [String], role: String? = nil, key: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    let (machine, instance) = try current(role, key, file, line)
    let found = machine.openCalls(of: instance).map(\.step)
    return try expect(
      found.sorted() == steps.sorted(), "the steps \(steps) to wait", found: "\(found)", file, line)
  }

  /// An instance has this data.
  ///
  /// - Parameters:
  ///   - data: the members that matter.
  ///   - role: of a choreography, the role that is meant; may be left out where there is only one instance.
  ///   - key: the instance that is meant; may be left out where there is only one.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(
    data: JSON, role: String? = nil, key: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    let (_, instance) = try current(role, key, file, line)
    let mismatches = PartialJSON.mismatches(data, instance.data)
    return try expect(
      mismatches.isEmpty, "data \(data)", found: mismatches.joined(separator: "; "), file, line)
  }

  /// An instance owes the undos of these steps, and of no others.
  ///
  /// - Parameters:
  ///   - steps: in any order; those of `forEach` with their position, as `reserve[2]`.
  ///   - role: of a choreography, the role that is meant; may be left out where there is only one instance.
  ///   - key: the instance that is meant; may be left out where there is only one.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure`.
  @discardableResult
  public func then(
    owes steps: [String], role: String? = nil, key: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> SagaTest {
    let (machine, instance) = try current(role, key, file, line)
    let found = machine.owedUndos(of: instance).map(\.step)
    return try expect(
      found.sorted() == steps.sorted(), "the undos of \(steps) to be owed", found: "\(found)", file, line)
  }
}

extension SagaTest {
  /// What happened to an instance, for replays against later definitions.
  ///
  /// - Parameters:
  ///   - role: of a choreography, the role that is meant; may be left out where there is only one instance.
  ///   - key: the instance that is meant; may be left out where there is only one.
  ///   - file: where the test says it; left to the compiler.
  ///   - line: where the test says it; left to the compiler.
  /// - Throws: `SagaTestFailure` where it is not clear which instance is meant.
  public func recorded(
    role: String? = nil, key: String? = nil, file: String = #fileID, line: Int = #line
  ) throws -> GoldenHistory {
    let (view, _) = try subject(role, key, file, line)
    let address = InstanceAddress(saga: view.machine.saga, role: view.machine.role, key: view.key)
    return try GoldenHistory.record(address, from: ShardReader(store: store))
  }
}

extension SagaTest {
  /// What no `then` has named, for people.
  private var unnamed: String {
    effects.isEmpty ? "nothing that is not named yet" : effects.map(\.text).joined(separator: "; ")
  }

  /// Takes a message off what has to be named.
  private func name(
    _ expectation: String, _ data: JSON, _ file: String, _ line: Int, _ isMeant: (OutgoingMessage) -> Bool
  ) throws -> SagaTest {
    let candidates = effects.indices.filter { effects[$0].message.map(isMeant) ?? false }
    let mismatches = candidates.map { PartialJSON.mismatches(data, effects[$0].message?.event.data) }
    if let fitting = mismatches.firstIndex(where: \.isEmpty) {
      effects.remove(at: candidates[fitting])
      return self
    }
    let found = mismatches.map { $0.joined(separator: "; ") }.joined(separator: " | ")
    let payload = data == [:] ? "" : " with \(data)"
    throw try failure(expectation + payload, found: candidates.isEmpty ? unnamed : found, file, line)
  }

  private func expect(
    _ holds: Bool, _ expectation: String, found: String, _ file: String, _ line: Int
  ) throws -> SagaTest {
    if !holds { throw try failure(expectation, found: found, file, line) }
    return self
  }

  func instances() throws -> [(view: InstanceView, machine: Machine)] {
    try ShardReader(store: store).instances(limit: 1000).compactMap { view in
      definitions.machines.first { $0.identity == view.machine }.map { (view, $0) }
    }
  }

  /// The instance that is meant.
  func subject(
    _ role: String?, _ key: String?, _ file: String, _ line: Int
  ) throws -> (view: InstanceView, machine: Machine) {
    let fitting = try instances().filter { view, _ in
      (role == nil || view.machine.role == role) && (key == nil || view.key == key)
    }
    guard fitting.count == 1 else {
      let names = fitting.map { "\(Text.name($0.view.machine)) \($0.view.key)" }.joined(separator: ", ")
      let wanted = [role.map { "role \($0)" }, key.map { "key \($0)" }].compactMap { $0 }.joined(separator: ", ")
      throw try failure(
        "one instance" + (wanted.isEmpty ? "" : " (\(wanted))"),
        found: fitting.isEmpty ? "none" : "\(names); say `role:` or `key:`", file, line)
    }
    return fitting[0]
  }

  private func current(
    _ role: String?, _ key: String?, _ file: String, _ line: Int
  ) throws -> (machine: Machine, instance: Instance) {
    let (view, machine) = try subject(role, key, file, line)
    guard let instance = view.instance else {
      throw try failure("an instance with a state", found: "one that was pruned", file, line)
    }
    return (machine, instance)
  }
}
