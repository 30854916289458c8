import SagaCore

extension ShardEngine {
  /// An instance in memory as of the last commit, for checkers that look over the engine's shoulder.
  package struct Inspected {
    package var id: InstanceID
    package var machine: Machine
    package var instance: Instance
  }

  /// Every decoded instance, in the order in which they started.
  package var inspected: [Inspected] {
    live.all.compactMap { live in
      live.committed?.instance.map { Inspected(id: live.id, machine: live.machine.machine, instance: $0) }
    }
  }

  /// One instance as of the last commit; nil where it is not in memory.
  package func inspect(_ id: InstanceID) -> (machine: MachineIdentity, instance: Instance)? {
    guard let live = live[id], let instance = live.committed?.instance else { return nil }
    return (live.machine.machine.identity, instance)
  }

  /// The key and status of every instance in memory, in no particular order.
  package func inspectStatuses(_ visit: (String, InstanceStatus) -> Void) {
    live.visit { live in
      if let instance = live.committed?.instance { visit(live.key, instance.status) }
    }
  }
}
