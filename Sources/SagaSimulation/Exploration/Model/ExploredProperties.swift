import CEL
import SagaCore
import SagaRuntime

extension WorldView {
  /// What a scenario's properties see: `instances`, `ledger` and `deadLetters`, as in a simulation.
  func properties(services tuple: UInt32, ledgers: UInt32) throws -> ExploredActivation {
    let instances: [JSON] = instances(of: tuple).map { machine, instance in
      [
        "saga": .string(machine?.identity.saga ?? ""), "role": .string(machine?.identity.role ?? ""),
        "key": .string(instance.key), "status": .string(instance.status.name),
        "state": .string(machine?.stateName(of: instance) ?? ""), "data": instance.data,
        "failure": instance.failure.map { .string($0.reason) } ?? .null,
      ]
    }
    let entries: [JSON] = entries(of: ledgers).map { entry in
      [
        "destination": .string(entry.destination), "command": .string(entry.command), "sagaKey": .string(entry.sagaKey),
        "effect": .string(entry.effect.rawValue), "data": entry.data,
      ]
    }
    let deadLetters = try services.indices.flatMap { index in
      try services[index].deadLetters(of: serviceTuples.component(index, of: tuple))
    }
    return ExploredActivation(values: [
      CELValue(.array(instances)), CELValue(.array(entries)), CELValue(.array(deadLetters)),
    ])
  }
}

extension NodeModel {
  fileprivate func deadLetters(of state: UInt32) throws -> [JSON] {
    if self[state].unresolved.isEmpty { return [] }
    let reader = try ShardReader(store: MemoryStore(self[state].contents))
    return try reader.deadLetters().compactMap { $0.property(service: name) }
  }
}

struct ExploredActivation: CELActivation {
  var values: [CELValue]
  func value(forVariable index: Int) -> CELValue? { values[index] }
}

extension SimulationScenario.Property {
  func holds(_ activation: ExploredActivation) throws -> Bool {
    let value: CELValue
    do throws(CELError) { value = try program.evaluate(activation) } catch {
      throw ExplorationError.property(name: name, reason: error.message)
    }
    guard case .bool(let holds) = value else {
      throw ExplorationError.property(name: name, reason: "it is no boolean")
    }
    return holds
  }
}
