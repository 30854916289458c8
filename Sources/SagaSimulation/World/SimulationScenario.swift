import CEL
import SagaCore
import SagaRuntime

/// A scenario file as a simulation reads it: the participants, messages to begin with, and the user's own properties.
public struct SimulationScenario: Sendable {
  /// A property over instances and ledgers, in CEL.
  public struct Property: Sendable {
    /// What violations and reports call it.
    public var name: String
    /// The expression.
    public var text: String
    let program: CELProgram
  }

  /// nil: participants are derived from the definitions alone.
  public var participants: Scenario?
  /// Messages that come from outside, at their times, instead of made-up ones.
  public var start: [CloudEvent] = []
  /// Must hold after everything that happens (`always`).
  public var invariants: [Property] = []
  /// Must hold at the end of some run (`sometimes`).
  public var reach: [Property] = []
  /// What several sagas read and write: anomalies between them are reported.
  public var resources: [SharedResource] = []

  /// Everything derived from the definitions.
  public init() {}

  /// Reads a scenario file (`docs/scenarios.md`).
  ///
  /// - Throws: `ScenarioError` with the place of the first fault.
  public init(source: [UInt8], file: String) throws {
    let root = try ScenarioPart(source: source, file: file)
    participants = try Scenario(root)
    start = try Scenario.start(of: root)
    invariants = try SimulationScenario.properties("invariants", of: root)
    reach = try SimulationScenario.properties("reach", of: root)
    resources = try SimulationScenario.resources(of: root)
  }

  /// `instances`, `ledger` and `deadLetters` are lists of what there is now.
  static let environment = CELEnvironment(variables: [
    ("instances", .list(.dyn)), ("ledger", .list(.dyn)), ("deadLetters", .list(.dyn)),
  ])

  private static func resources(of root: ScenarioPart) throws(ScenarioError) -> [SharedResource] {
    var resources: [SharedResource] = []
    for resource in try Scenario.resources(of: root) {
      let key = try program(resource.key, SharedResource.environment, resource.keyPlace)
      resources.append(
        SharedResource(name: resource.name, key: key, writes: resource.writes, reads: resource.reads))
    }
    return resources
  }

  private static func properties(_ member: String, of root: ScenarioPart) throws(ScenarioError) -> [Property] {
    var properties: [Property] = []
    for (name, text, place) in try Scenario.properties(member, of: root) {
      properties.append(Property(name: name, text: text, program: try program(text, environment, place)))
    }
    return properties
  }

  private static func program(
    _ text: String, _ environment: CELEnvironment, _ place: ScenarioPart
  ) throws(ScenarioError) -> CELProgram {
    do throws(CELError) {
      return try environment.compile(text)
    } catch {
      throw place.fault(error.message)
    }
  }
}
