import CEL
import SagaCore
import SagaRuntime

/// The user's own properties: `invariants` (always) and `reach` (sometimes).
extension World {
  func checkInvariants() throws {
    // Where the power is gone there is nothing to see until it is back.
    if services.contains(where: \.storage.isDown) { return }
    for service in services { service.storage.isLookedAt = true }
    defer { for service in services { service.storage.isLookedAt = false } }
    let activation = try properties()
    for property in setup.scenario.invariants {
      let value = try evaluate(property, activation)
      if value != true { throw Violation("invariant.\(property.name)", "`\(property.text)` does not hold") }
    }
  }

  func checkReach() throws {
    if setup.scenario.reach.isEmpty { return }
    let activation = try properties()
    for property in setup.scenario.reach where try evaluate(property, activation) == true {
      coverage.reach(property.name)
    }
  }

  private func evaluate(_ property: SimulationScenario.Property, _ activation: PropertyActivation) throws -> Bool {
    let value: CELValue
    do throws(CELError) { value = try property.program.evaluate(activation) } catch {
      throw SimulationFailure(description: "the property \(property.name) cannot be evaluated: \(error.message)")
    }
    guard case .bool(let holds) = value else {
      throw SimulationFailure(description: "the property \(property.name) is no boolean")
    }
    return holds
  }

  /// Keys of sagas that a person moved on by hand, or whose participant took back its word: nobody could answer for them.
  private var excusedKeys: Set<String> {
    if observations.contradicted.isEmpty, observations.handled.isEmpty { return [] }
    let contradicted = observations.contradicted.compactMap { participants.ledger[$0]?.sagaKey }
    return Set(contradicted + observations.handled.compactMap { $0.split(separator: "|").last.map(String.init) })
  }

  private func properties() throws -> PropertyActivation {
    let excused = excusedKeys
    var instances: [JSON] = []
    var deadLetters: [JSON] = []
    for service in services {
      let reader = try ShardReader(store: try service.storage.reader())
      for view in try reader.instances(InstanceFilter(), limit: World.maximumViews) {
        guard let instance = view.instance ?? service.swept[view.id], !excused.contains(view.key) else { continue }
        let machine = service.machine(view.machine)
        instances.append([
          "saga": .string(view.machine.saga), "role": .string(view.machine.role), "key": .string(view.key),
          "status": .string(view.status.name), "state": .string(machine?.stateName(of: instance) ?? ""),
          "data": instance.data, "failure": instance.failure.map { .string($0.reason) } ?? .null,
        ])
      }
      deadLetters += try reader.deadLetters().compactMap { $0.property(service: service.name) }
    }
    let ledger: [JSON] = participants.ledger.entries.compactMap { entry in
      excused.contains(entry.sagaKey)
        ? nil
        : [
          "destination": .string(entry.destination), "command": .string(entry.command),
          "sagaKey": .string(entry.sagaKey),
          "effect": .string(entry.effect.rawValue), "data": entry.data,
        ]
    }
    return PropertyActivation(values: [
      CELValue(.array(instances)), CELValue(.array(ledger)), CELValue(.array(deadLetters)),
    ])
  }
}

extension DeadLetterView {
  /// What properties see of it; nil for what is no message, or was made by the simulation to be refused.
  ///
  /// - Parameter service: where it is, for one that no role refused.
  func property(service: String) -> JSON? {
    guard let event = try? CloudEvent.decode(bytes), !event.isForged else { return nil }
    return [
      "service": .string(machine?.serviceName ?? service), "code": .string(fault.code), "type": .string(event.type),
      "data": event.data ?? .null,
    ]
  }
}

extension CloudEvent {
  /// Made by the simulation to be refused: no property is about it.
  var isForged: Bool { source == "/forged" || data?["forged"] == true }
}

private struct PropertyActivation: CELActivation {
  var values: [CELValue]
  func value(forVariable index: Int) -> CELValue? { values[index] }
}
