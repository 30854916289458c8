import SagaCore
import SagaRuntime
import SagaSQLite

/// A database as it is at one moment, beside whatever engine runs, with the definitions that its instances need.
final class Snapshot {
  let finder: InstanceFinder
  var reader: ShardReader { finder.reader }
  let store: SQLiteStore
  let path: String

  /// - Throws: `Failure`.
  init(_ path: String) throws {
    self.path = path
    store = try Database.reader(path)
    do { finder = InstanceFinder(try ShardReader(store: store)) } catch { throw Failure(error, path: path) }
  }

  func close() { store.close() }

  /// Asks a question of a database and lets go of it: an open snapshot keeps the log from being emptied.
  static func ask<Answer>(_ path: String, _ body: (Snapshot) throws -> Answer) throws -> Answer {
    let snapshot = try Snapshot(path)
    defer { snapshot.close() }
    do { return try body(snapshot) } catch { throw Failure(error, path: path) }
  }

  /// The compiled definition of an instance; nil if this version cannot compile it any more.
  func machine(_ identity: MachineIdentity) -> Machine? { finder.machine(identity) }

  /// The name of the instance's state; empty once it was pruned.
  func state(of view: InstanceView) -> String { finder.state(of: view) }

  /// The one instance that a key, and a saga and role if given, name.
  ///
  /// - Throws: `Failure`: bad when there is none, usage when there are several, which it lists.
  func instance(_ key: String, saga: String?, role: String?) throws -> InstanceView {
    if let saga, !reader.definitions.contains(where: { $0.saga == saga }) {
      throw Failure.bad("\(path): no saga '\(Text.safe(saga))' has run here\(known)")
    }
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

  private var known: String {
    var names: [String] = []
    for definition in reader.definitions where !names.contains(definition.saga) { names.append(definition.saga) }
    return names.isEmpty ? "" : "; there \(names.count == 1 ? "is" : "are") \(names.joined(separator: ", "))"
  }

  static func find(_ target: InstanceOptions, database: String) throws -> InstanceView {
    try find(target.key, saga: target.saga, role: target.role, database: database)
  }

  static func find(_ key: String, saga: String?, role: String?, database: String) throws -> InstanceView {
    try ask(database) { try $0.instance(key, saga: saga, role: role) }
  }
}
