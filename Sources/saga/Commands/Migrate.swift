import ArgumentParser
import SagaCore
import SagaRuntime

struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Moves running sagas to another version of their definition.",
    discussion: """
      An instance moves where it can go on under the new version as if it had begun with it: what is under way keeps its \
      idempotency keys, timers go on from when they were set, what is owed stays owed. Where it cannot, it stays, and the \
      command says why. A mapping tells what names alone do not: renamed states and steps, steps that may be left out, \
      new data. saga diff says beforehand what will need one.

      A running engine must have loaded the new version; --dry-run asks it, too.

      Example:
        saga migrate --dry-run --db orders.db --to orders.v2.json
        saga migrate --db orders.db --to orders.v2.json \\
          --mapping v1-v2.mapping.json --by anna --reason "new carrier"
      """)
  @OptionGroup var database: DatabaseOptions
  @Option(help: "The definition to move to.")
  var to: String
  @Option(help: "A file that says what becomes of states, steps and data (docs/guides/versioning.md).")
  var mapping: String?
  @Option(parsing: .unconditional, help: "Only sagas of this version.")
  var from: Int64?
  @OptionGroup var narrowing: NarrowingOptions
  @Flag(help: "Say what would become of each, and change nothing.")
  var dryRun = false
  @OptionGroup var who: OperatorOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let machines = try Definitions.load([to]).flatMap(\.machines)
    guard let identity = machines.first?.identity, Set(machines.map(\.identity.saga)).count == 1 else {
      throw Failure.usage("--to \(to): name the file of one definition")
    }
    let open = InstanceFilter(saga: identity.saga, statuses: [.running, .compensating, .stuck])
    let migration = Migration(
      to: identity.version, mapping: try Mappings.load(mapping), by: who.operatorName, reason: who.reason)
    try checkStored(machines)
    let isRunning = try Database.operatorSocket(database.database) != nil
    try BulkOperation(
      action: .migrate(migration), name: "migrate to \(identity.saga) v\(identity.version)",
      selection: try narrowing.selection(open, version: from), limit: narrowing.limit, isDryRun: dryRun,
      targets: machines, definitions: isRunning ? [] : [to]
    ).run(database: database.database, who: who, json: output.json)
  }

  /// The saga has run here, and a version that has run here is the one of its file, or it is another.
  private func checkStored(_ machines: [Machine]) throws {
    let stored = try Snapshot.askAll(database.database) { $0.flatMap { $0.reader.definitions } }
    if let saga = machines.first?.identity.saga, !stored.isEmpty, !stored.contains(where: { $0.saga == saga }) {
      throw Failure.usage(
        "--to \(to): is a version of '\(saga)', which has not run in \(database.database); "
          + Snapshot.listed(stored.map(\.saga)))
    }
    for machine in machines {
      let known = stored.first {
        $0.saga == machine.identity.saga && $0.version == machine.identity.version && $0.role == machine.identity.role
      }
      if let known, known.sha256 != machine.sourceHash {
        throw Failure.bad(
          "\(to): another definition has run in \(database.database) as \(machine.identity); give the changed one a new version"
        )
      }
    }
  }
}

/// Mapping files.
enum Mappings {
  /// - Throws: `Failure`.
  static func load(_ path: String?) throws -> MigrationMapping {
    guard let path else { return .none }
    let bytes = try Files.read(path)
    do {
      return try MigrationMapping(json: try JSONParser.parse(bytes))
    } catch let error as JSONError {
      let place = error.position(in: bytes)
      throw Failure.bad("\(path):\(place.line):\(place.column): \(error.message)")
    } catch let error as MigrationMappingError {
      throw failure(error, in: path)
    }
  }

  /// What is wrong with a mapping, as `FILE#/place: …`, or `FILE: …` where it is the whole.
  static func failure(_ error: MigrationMappingError, in path: String) -> Failure {
    .bad(error.place.isEmpty ? "\(path): \(error.message)" : "\(path)#\(error)")
  }
}
