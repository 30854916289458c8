import CEL
import SagaCore

/// Which instances are meant.
public struct InstanceSelection: Sendable {
  /// By saga, role and status.
  public var filter: InstanceFilter
  /// Only those in this state.
  public var state: String?
  /// Only those of this version of their definition.
  public var version: Int64?
  /// Only those for which it holds.
  public var condition: InstanceCondition?

  /// All instances, unless something is named.
  public init(
    _ filter: InstanceFilter = InstanceFilter(), state: String? = nil, version: Int64? = nil,
    condition: InstanceCondition? = nil
  ) {
    self.filter = filter
    self.state = state
    self.version = version
    self.condition = condition
  }
}

/// A CEL expression over an instance: `data` (the saga's), `saga` (as in definitions: `name version role key state startedAt
/// failure`) and `status`.
public struct InstanceCondition: Sendable {
  /// The names an expression may use.
  public static let variables = ["data", "saga", "status"]

  private let program: CELProgram

  /// - Throws: `CELError` where the expression is none, or is not boolean.
  public init(_ expression: String) throws(CELError) {
    let variables = InstanceCondition.variables.map { (name: $0, type: CELType.dyn) }
    program = try CELEnvironment(variables: variables).compile(expression, expecting: .bool)
  }

  /// Whether the expression holds.
  ///
  /// - Throws: `CELError` where it has no value for the instance, such as one whose data lacks a field.
  func holds(for instance: Instance, _ machine: Machine, status: InstanceStatus) throws(CELError) -> Bool {
    let values = CELValues([CELValue(instance.data), machine.sagaValue(of: instance), .string(status.name)])
    return try program.evaluate(values) == .bool(true)
  }

  /// Whether the expression holds for an instance of which a sweep has left how it ended, and neither data nor state.
  ///
  /// - Throws: `CELError` where it asks for what is gone.
  func holds(forPruned view: InstanceView) throws(CELError) -> Bool {
    let saga: JSON = [
      "name": .string(view.machine.saga), "version": .int(view.machine.version), "role": .string(view.machine.role),
      "key": .string(view.key),
    ]
    return try program.evaluate(PrunedValues(saga: CELValue(saga), status: .string(view.status.name))) == .bool(true)
  }

  private struct PrunedValues: CELActivation {
    let saga: CELValue
    let status: CELValue

    func value(forVariable index: Int) -> CELValue? { [nil, saga, status][index] }
  }
}

/// Finds instances in a snapshot, with the definitions that they need.
public final class InstanceFinder {
  /// The snapshot.
  public let reader: ShardReader
  private var machines: [MachineIdentity: Machine] = [:]
  /// Why a stored definition cannot be used.
  private var unreadable: [MachineIdentity: String] = [:]
  /// Instances for which the selection's condition had no value; they count as not meant.
  public private(set) var unanswered = 0
  /// Why it had none for the first of them.
  public private(set) var firstUnanswered = ""

  /// Finds in the snapshot of a reader.
  public init(_ reader: ShardReader) { self.reader = reader }

  /// The compiled definition of an instance; nil if this version of the library cannot compile it any more.
  public func machine(_ identity: MachineIdentity) -> Machine? {
    if let known = machines[identity] { return known }
    if unreadable[identity] != nil { return nil }
    let stored = reader.definitions.first {
      $0.saga == identity.saga && $0.version == identity.version && $0.role == identity.role
    }
    guard let stored else {
      unreadable[identity] = "the database does not have the definition"
      return nil
    }
    do {
      let machine = try SagaDefinitions.compileStored(stored.source, role: stored.role)
      machines[identity] = machine
      return machine
    } catch {
      unreadable[identity] = "\(error)"
      return nil
    }
  }

  /// The name of the instance's state; empty once it was pruned.
  public func state(of view: InstanceView) -> String {
    guard let instance = view.instance else { return "" }
    return machine(view.machine)?.stateName(of: instance) ?? "state \(instance.state)"
  }

  /// The selected instances by id (the order they started in), a page at a time.
  ///
  /// - Parameters:
  ///   - selection: which instances are meant.
  ///   - after: the last id looked at before; moved on to the last one looked at now.
  ///   - limit: how many are looked at.
  /// - Returns: nil when none is left to look at.
  /// - Throws: what the store throws.
  public func next(
    _ selection: InstanceSelection, after: inout InstanceID, limit: Int = 1000
  ) throws -> [InstanceView]? {
    let page = try reader.instances(selection.filter, after: after, limit: limit)
    guard let last = page.last else { return nil }
    after = last.id
    return page.filter { matches($0, selection) }
  }

  private func matches(_ view: InstanceView, _ selection: InstanceSelection) -> Bool {
    if let version = selection.version, view.machine.version != version { return false }
    if let state = selection.state, self.state(of: view) != state { return false }
    guard let condition = selection.condition else { return true }
    guard let instance = view.instance else {
      do throws(CELError) {
        return try condition.holds(forPruned: view)
      } catch {
        noteUnanswered("\(view.key) was pruned, and only how it ended is left: \(error.message)")
        return false
      }
    }
    guard let machine = machine(view.machine) else {
      noteUnanswered("\(view.machine) does not compile: \(unreadable[view.machine] ?? "?")")
      return false
    }
    do throws(CELError) {
      return try condition.holds(for: instance, machine, status: view.status)
    } catch {
      noteUnanswered(error.message)
      return false
    }
  }

  private func noteUnanswered(_ reason: String) {
    if unanswered == 0 { firstUnanswered = reason }
    unanswered += 1
  }
}
