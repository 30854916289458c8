import SagaCore

/// A machine with the number under which the store knows it.
final class LoadedMachine {
  let machine: Machine
  let id: MachineID
  /// Whether the `machine` table has it.
  var isStored: Bool
  /// Whether new instances may start on it; false for definitions compiled from the store for older instances.
  let startsInstances: Bool

  init(machine: Machine, id: MachineID, isStored: Bool, startsInstances: Bool) {
    self.machine = machine
    self.id = id
    self.isStored = isStored
    self.startsInstances = startsInstances
  }

  var stored: StoredMachine {
    StoredMachine(
      id: id, saga: machine.identity.saga, version: machine.identity.version, role: machine.identity.role,
      sha256: machine.sourceHash, source: machine.source)
  }
}

/// All versions of one role: keys find instances of any of them.
final class RoleGroup {
  let saga: String
  let role: String
  /// Ascending by version.
  fileprivate(set) var versions: [LoadedMachine] = []

  init(saga: String, role: String) {
    self.saga = saga
    self.role = role
  }

  /// The greatest loaded version: new instances start on it.
  var newest: LoadedMachine? { versions.last(where: \.startsInstances) }

  /// The greatest version that takes a type.
  func taker(of type: String) -> LoadedMachine? { versions.last { $0.machine.names(type) } }
}

/// A role that takes a type, and the version whose key expression is evaluated.
struct TypeRoute {
  let group: RoleGroup
  let router: LoadedMachine
}

/// The machines of a shard by name, by number and by the types they take.
struct MachineRegistry {
  private(set) var groups: [RoleGroup] = []
  /// Filled as types come, once there are more than `scanLimit` roles.
  private var routesByType: [String: [TypeRoute]] = [:]
  private var nextID: MachineID = 1
  /// What only instances that have ended are on. Messages that come late are theirs, but no type is taken for them.
  private var retired: [LoadedMachine] = []

  /// How many roles are asked one by one which types they take.
  private static let scanLimit = 4

  /// The machine that a row of the store names.
  ///
  /// One that this engine has not written yet cannot be meant: another engine gave its number to another machine.
  func machine(_ id: MachineID) -> LoadedMachine? {
    for group in groups {
      for machine in group.versions where machine.id == id && machine.isStored { return machine }
    }
    return retired.first { $0.id == id }
  }

  mutating func addRetired(_ loaded: LoadedMachine) { retired.append(loaded) }

  var hasRetired: Bool { !retired.isEmpty }

  /// An instance that had ended is open again, by a late success: from now on what its machine waits for finds its way to it.
  mutating func recall(_ machine: LoadedMachine) {
    guard let index = retired.firstIndex(where: { $0 === machine }) else { return }
    add(retired.remove(at: index))
  }

  func group(saga: String, role: String) -> RoleGroup? { groups.first { $0.saga == saga && $0.role == role } }

  /// Whether some role takes a type.
  func takes(_ type: String) -> Bool { groups.contains { $0.taker(of: type) != nil } }

  /// The roles that take a type, in the order they were loaded.
  mutating func routes(for type: String) -> [TypeRoute] {
    if groups.count > MachineRegistry.scanLimit, let known = routesByType[type] { return known }
    let routes = groups.compactMap { group in group.taker(of: type).map { TypeRoute(group: group, router: $0) } }
    // Types come from outside: what nothing takes is not remembered, so the table stays as small as the definitions.
    if groups.count > MachineRegistry.scanLimit, !routes.isEmpty { routesByType[type] = routes }
    return routes
  }

  /// Adds the loaded machines; those that the store has keep their numbers.
  ///
  /// - Throws: `EngineError.definitionConflict` where another source is stored under the same name.
  init(loading machines: [Machine], stored: [StoredMachine]) throws {
    nextID = (stored.map(\.id).max() ?? 0) + 1
    for machine in machines {
      let identity = machine.identity
      let known = stored.first {
        $0.saga == identity.saga && $0.version == identity.version && $0.role == identity.role
      }
      if let known, known.sha256 != machine.sourceHash { throw EngineError.definitionConflict(identity) }
      if let double = group(saga: identity.saga, role: identity.role)?.versions.first(where: {
        $0.machine.identity.version == identity.version
      }) {
        if double.machine.sourceHash != machine.sourceHash { throw EngineError.definitionConflict(identity) }
        continue
      }
      let id = known?.id ?? nextID
      if known == nil { nextID += 1 }
      add(LoadedMachine(machine: machine, id: id, isStored: known != nil, startsInstances: true))
    }
  }

  mutating func add(_ loaded: LoadedMachine) {
    let identity = loaded.machine.identity
    let known = group(saga: identity.saga, role: identity.role)
    let group = known ?? RoleGroup(saga: identity.saga, role: identity.role)
    if known == nil { groups.append(group) }
    group.versions.append(loaded)
    group.versions.sort { $0.machine.identity.version < $1.machine.identity.version }
    routesByType.removeAll()
  }
}
