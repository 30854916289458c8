import SagaCore
import SagaRuntime
import SagaSQLite

/// A shard as it is at one moment, beside whatever engine runs, with the definitions that its instances need.
final class Snapshot {
  let finder: InstanceFinder
  var reader: ShardReader { finder.reader }
  let store: SQLiteStore
  /// The database: the first shard's file.
  let path: String
  /// Which shard of how many.
  var place: ShardPlace { store.options.shard }
  /// What has run in any shard of the database.
  private(set) var definitions: [StoredMachine] = []

  private init(_ store: SQLiteStore, of path: String) throws {
    self.path = path
    self.store = store
    finder = InstanceFinder(try ShardReader(store: store))
  }

  /// Asks a question of all shards of a database and lets go of them: an open snapshot keeps the log from being emptied.
  ///
  /// - Throws: `Failure`.
  static func askAll<Answer>(_ path: String, _ body: ([Snapshot]) throws -> Answer) throws -> Answer {
    let stores = try Database.readers(path)
    defer { for store in stores { store.close() } }
    do {
      let snapshots = try stores.map { try Snapshot($0, of: path) }
      let definitions = snapshots.flatMap(\.reader.definitions)
      for snapshot in snapshots { snapshot.definitions = definitions }
      return try body(snapshots)
    } catch {
      throw Failure(error, path: path)
    }
  }

  /// Asks a question of the shard that a key belongs to.
  ///
  /// - Throws: `Failure`.
  static func ask<Answer>(_ path: String, key: String, _ body: (Snapshot) throws -> Answer) throws -> Answer {
    try askAll(path) { try body(owner(of: key, among: $0)) }
  }

  /// The shard that a key belongs to.
  static func owner(of key: String, among snapshots: [Snapshot]) -> Snapshot {
    snapshots[ShardPlace.owner(of: Slot(key: key), among: snapshots.count)]
  }

  /// The compiled definition of an instance; nil if this version cannot compile it any more.
  func machine(_ identity: MachineIdentity) -> Machine? { finder.machine(identity) }

  /// The name of the instance's state; empty once it was pruned.
  func state(of view: InstanceView) -> String { finder.state(of: view) }

  /// The one instance that a key, and a saga and role if given, name.
  ///
  /// - Throws: `Failure`: bad when there is none, usage when there are several, which it lists.
  func instance(_ key: String, saga: String?, role: String?) throws -> InstanceView {
    try requireKnown(saga: saga, role: role)
    let found = try reader.instances(key: key).filter { view in
      (saga.map { $0 == view.machine.saga } ?? true) && (role.map { $0 == view.machine.role } ?? true)
    }
    guard let first = found.first else {
      throw Failure.bad("\(path): no saga has the key '\(Text.safe(key))'; saga list shows what there is")
    }
    guard found.count == 1 else {
      let lines = found.map { view in
        let role = view.machine.role.isEmpty ? "" : " --role \(view.machine.role)"
        return "  --saga \(view.machine.saga)\(role)    \(view.status.name), \(state(of: view))"
      }
      throw Failure.usage(
        "\(path): \(found.count) sagas have the key '\(Text.safe(key))'; say which:\n\(lines.joined(separator: "\n"))")
    }
    return first
  }

  /// Refuses a saga, a role or a state that has not run in the database. Where nothing has run there is no better name to give.
  ///
  /// - Throws: `Failure` (bad) with the names that there are.
  func requireKnown(saga: String?, role: String?, state: String? = nil) throws {
    if definitions.isEmpty { return }
    let ofSaga = saga.map { saga in definitions.filter { $0.saga == saga } } ?? definitions
    if let saga, ofSaga.isEmpty {
      let known = Snapshot.listed(definitions.map(\.saga))
      throw Failure.bad("\(path): no saga '\(Text.safe(saga))' has run here; \(known)")
    }
    guard let role, !ofSaga.contains(where: { $0.role == role }) else {
      return try requireKnown(state: state, of: ofSaga.filter { $0.role == role ?? $0.role })
    }
    let roles = ofSaga.map(\.role).filter { !$0.isEmpty }
    let known = roles.isEmpty ? "sagas with steps have no roles" : Snapshot.listed(roles)
    throw Failure.bad(
      "\(path): no role '\(Text.safe(role))'\(saga.map { " of '\(Text.safe($0))'" } ?? "") has run here; \(known)")
  }

  /// A definition that compiles no more has states that nobody knows.
  private func requireKnown(state: String?, of definitions: [StoredMachine]) throws {
    guard let state else { return }
    var names: [String] = []
    for definition in definitions {
      guard
        let machine = machine(
          MachineIdentity(saga: definition.saga, version: definition.version, role: definition.role))
      else { return }
      names += machine.stateNames
    }
    if names.contains(state) { return }
    let hint = nearestName(to: state, among: names).map { "; did you mean '\(Text.safe($0))'?" } ?? ""
    throw Failure.bad("\(path): no state '\(Text.safe(state))' has been here; \(Snapshot.listed(names))\(hint)")
  }

  /// `there are a, b`, each once.
  static func listed(_ names: [String]) -> String {
    var once: [String] = []
    for name in names where !once.contains(name) { once.append(name) }
    return "there \(once.count == 1 ? "is" : "are") \(once.map { Text.safe($0) }.joined(separator: ", "))"
  }

  /// The one instance that a key, and a saga and role if given, name.
  ///
  /// - Throws: `Failure` as `instance`.
  static func find(_ key: String, saga: String?, role: String?, database: String) throws -> InstanceView {
    try ask(database, key: key) { try $0.instance(key, saga: saga, role: role) }
  }
}
