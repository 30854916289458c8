import SagaCore

/// What a scenario file says to simulations. `Scenario` refuses what has not this form whoever reads it; whether the expressions
/// are any is for simulations to see, which have the environments to compile them in.
extension Scenario {
  /// The messages that come from outside.
  package static func start(of root: ScenarioPart) throws(ScenarioError) -> [CloudEvent] {
    guard let list = root["start"] else { return [] }
    var events: [CloudEvent] = []
    for part in try list.list("`start` is a list of CloudEvents") { events.append(try event(part)) }
    return events
  }

  private static func event(_ part: ScenarioPart) throws(ScenarioError) -> CloudEvent {
    // In CloudEvents null says that there is none. Nobody writes that by hand, so here it is a mistake.
    for name in ["id", "source", "type", "subject", "time"] {
      _ = try part[name]?.text("`\(name)` is a string that is not empty")
    }
    do throws(MessageFault) {
      return try CloudEvent.decode(JSONWriter.compact(part.json))
    } catch {
      throw part.fault(error.message)
    }
  }

  /// The properties under a member: their names, their expressions and where these stand.
  package static func properties(
    _ member: String, of root: ScenarioPart
  ) throws(ScenarioError) -> [(name: String, text: String, place: ScenarioPart)] {
    guard let json = root[member] else { return [] }
    var properties: [(name: String, text: String, place: ScenarioPart)] = []
    for (name, part) in try json.entries("`\(member)` is an object of names and CEL expressions") {
      if name.isEmpty { throw part.fault("a property has a name that is not empty") }
      properties.append((name, try part.text("a property is a CEL expression in a string"), part))
    }
    return properties
  }

  /// What several sagas read and write.
  package static func resources(of root: ScenarioPart) throws(ScenarioError) -> [ScenarioResource] {
    guard let json = root["resources"] else { return [] }
    var resources: [ScenarioResource] = []
    for (name, part) in try json.entries("`resources` is an object of names and what touches them") {
      try part.check("a resource", has: ScenarioResource.members)
      guard let key = part["key"] else { throw part.fault("a resource has a `key`, a CEL expression over `command`") }
      resources.append(
        ScenarioResource(
          name: name, key: try key.text("`key` is a CEL expression over `command` in a string"), keyPlace: key,
          writes: try commands("writes", of: part), reads: try commands("reads", of: part)))
    }
    return resources
  }

  private static func commands(_ member: String, of resource: ScenarioPart) throws(ScenarioError) -> Set<String> {
    guard let list = resource[member] else { return [] }
    let what = "`\(member)` is a list of commands' types"
    var types: Set<String> = []
    for part in try list.list(what) {
      types.insert(try part.text("\(what), each a string", mayBeEmpty: true))
    }
    return types
  }
}

/// One of a scenario's `resources`.
package struct ScenarioResource {
  /// What reports call it.
  package let name: String
  /// A CEL expression over `command`.
  package let key: String
  /// Where `key` stands.
  package let keyPlace: ScenarioPart
  /// The types of the commands that change it.
  package let writes: Set<String>
  /// The types of the commands that look at it.
  package let reads: Set<String>

  static let members = ["key", "writes", "reads"]
}
