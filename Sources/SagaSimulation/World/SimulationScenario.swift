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
    participants = try Scenario(source: source, file: file)
    let located: LocatedJSON
    do throws(JSONError) {
      located = try JSONParser.parseWithPositions(source, limits: .definition)
    } catch {
      throw ScenarioError(
        file: file, position: SourcePosition(offset: error.offset, in: source), message: error.message)
    }
    func fail(_ path: JSONPointerPath, _ message: String) -> ScenarioError {
      ScenarioError(file: file, position: located.nearestPosition(of: path), message: message)
    }
    let root = located.root
    for (index, event) in (root["start"]?.arrayValue ?? []).enumerated() {
      do throws(MessageFault) {
        start.append(try CloudEvent.decode(JSONWriter.compact(event)))
      } catch {
        throw fail(JSONPointerPath([.key("start"), .index(index)]), error.message)
      }
    }
    invariants = try SimulationScenario.properties("invariants", of: root, fail)
    reach = try SimulationScenario.properties("reach", of: root, fail)
    resources = try SimulationScenario.resources(of: root, fail)
  }

  /// `instances`, `ledger` and `deadLetters` are lists of what there is now.
  static let environment = CELEnvironment(variables: [
    ("instances", .list(.dyn)), ("ledger", .list(.dyn)), ("deadLetters", .list(.dyn)),
  ])

  private static func resources(
    of root: JSON, _ fail: (JSONPointerPath, String) -> ScenarioError
  ) throws -> [SharedResource] {
    guard let json = root["resources"] else { return [] }
    guard case .object(let entries) = json else {
      throw fail(JSONPointerPath([.key("resources")]), "`resources` is an object of names and what touches them")
    }
    return try entries.map { name, value in
      let place = JSONPointerPath([.key("resources"), .key(name)])
      guard let text = value["key"]?.stringValue else {
        throw fail(place, "a resource has a `key`, a CEL expression over `command`")
      }
      func types(_ member: String) -> Set<String> {
        Set((value[member]?.arrayValue ?? []).compactMap(\.stringValue))
      }
      do throws(CELError) {
        return SharedResource(
          name: name, key: try SharedResource.environment.compile(text), writes: types("writes"), reads: types("reads"))
      } catch {
        throw fail(place.appending("key"), error.message)
      }
    }
  }

  private static func properties(
    _ member: String, of root: JSON, _ fail: (JSONPointerPath, String) -> ScenarioError
  ) throws -> [Property] {
    guard let json = root[member] else { return [] }
    guard case .object(let entries) = json else {
      throw fail(JSONPointerPath([.key(member)]), "`\(member)` is an object of names and CEL expressions")
    }
    return try entries.map { name, value in
      let place = JSONPointerPath([.key(member), .key(name)])
      guard let text = value.stringValue else { throw fail(place, "a property is a CEL expression in a string") }
      do throws(CELError) {
        return Property(name: name, text: text, program: try environment.compile(text))
      } catch {
        throw fail(place, error.message)
      }
    }
  }
}
