import SagaCore

/// Who may run which roles.
extension SimulationSetup {
  /// Each role in an engine of its own, all of them in one, and each definition in one: those of these that differ.
  static func topologies(_ roles: [Service]) -> [[Service]] {
    let names = roles.flatMap(\.machines).map { RoleName($0.identity) }
    // One engine cannot have two definitions of one name.
    guard roles.count > 1, Set(names).count == names.count else { return [roles] }
    var sagas: [String] = []
    for name in names where !sagas.contains(name.saga) { sagas.append(name.saga) }
    let together = [Service(sagas.joined(separator: "+"), running: roles)]
    guard sagas.count > 1, sagas.count < roles.count else { return [roles, together] }
    let apart = sagas.map { saga in
      let ofSaga = roles.filter { $0.machines.contains { $0.identity.saga == saga } }
      return ofSaga.count == 1 ? ofSaga[0] : Service(saga, running: ofSaga)
    }
    return [roles, together, apart]
  }
}

extension SimulationSetup.Service {
  /// One role.
  init(_ machine: Machine, upgraded: [Machine], of definition: Definition) {
    var alone = definition
    alone.roles = definition.roles.filter { $0.name == machine.identity.role }
    let traits = DefinitionTraits([alone])
    var destinations: Set<String> = []
    for role in alone.roles {
      role.visitCalls { call, _ in if let name = call.command?.destination?.value { destinations.insert(name) } }
    }
    self.init(
      name: machine.identity.serviceName, machines: [machine], upgraded: upgraded, takes: Set(machine.takenTypes),
      sends: traits.published.union(traits.commands), destinations: destinations)
  }

  /// Several roles in one engine.
  fileprivate init(_ name: String, running roles: [SimulationSetup.Service]) {
    func all(_ types: KeyPath<SimulationSetup.Service, Set<String>>) -> Set<String> {
      roles.reduce(into: []) { $0.formUnion($1[keyPath: types]) }
    }
    self.init(
      name: name, machines: roles.flatMap(\.machines), upgraded: roles.flatMap(\.upgraded), takes: all(\.takes),
      sends: all(\.sends), destinations: all(\.destinations))
  }
}

extension MachineIdentity {
  /// What a role is called where it runs alone.
  var serviceName: String { role.isEmpty ? saga : role }
}
