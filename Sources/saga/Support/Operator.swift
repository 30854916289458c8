import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

/// The way in for commands that write: the running engine, over its socket, or the file itself when none runs.
final class OperatorSession {
  private enum Way {
    case socket(String)
    case engine(ShardGroup, [SQLiteStore])
  }
  private let way: Way
  private let path: String
  private let now: Timestamp
  /// What the engine of this session knows; empty when another one runs.
  private let machines: [Machine]

  /// - Parameters:
  ///   - at: the logical time of what is done without a running engine; now unless given. Not before the journal's last.
  ///   - definitions: files with all versions that are loaded of their sagas; of others it is those that the database holds.
  ///   - mayGoBack: whether it is said that the journal's time is wrong, so that `at` may be before it.
  /// - Throws: `Failure`.
  init(database path: String, at: Timestamp? = nil, definitions: [String] = [], mayGoBack: Bool = false) throws {
    self.path = path
    now = at ?? WallClock.now
    if let socket = try Database.operatorSocket(path) {
      if at != nil { throw Failure.usage("--at: an engine runs on \(path), and it has a clock of its own") }
      if !definitions.isEmpty {
        throw Failure.usage("--definitions: an engine runs on \(path), and it has loaded its own")
      }
      way = .socket(socket)
      machines = []
      return
    }
    let known = try KnownDefinitions(database: path, naming: definitions)
    machines = known.machines + known.replaced
    var options = SQLiteOptions()
    options.createIfMissing = false
    let stores = try Database.writers(path, options: options)
    do {
      let engine = try Database.engines(stores, machines: known.machines) { configuration in
        configuration.lanes = { $0.kind == .command ? known.commandLanes : [RunCommandLanes.output] }
        configuration.isPipelined = { _ in true }
      }
      if !mayGoBack { try OperatorSession.requireForward(at, from: engine.clock, path) }
      way = .engine(engine, stores)
    } catch {
      for store in stores { store.close() }
      throw Failure(error, path: path)
    }
  }

  /// Refuses a time at which rows would be written that are earlier than the last one.
  ///
  /// - Throws: `Failure` (usage) with the journal's time.
  private static func requireForward(_ at: Timestamp?, from last: Timestamp, _ path: String) throws {
    guard let at, at < last else { return }
    throw Failure.usage(
      "--at \(at.rfc3339): the journal of \(path) has come to \(last.rfc3339), and its rows do not go back in time; give "
        + "--at that time or a later one (where a wrong clock has led there, saga resume --clock says which time it is)"
    )
  }

  /// The same for what is only tried.
  static func requireForward(_ at: Timestamp?, _ snapshots: [Snapshot]) throws {
    guard let last = snapshots.map(\.reader.clock).max() else { return }
    try requireForward(at, from: last, snapshots[0].path)
  }

  /// Sends one request and gives its answer, `{"result": …}`.
  func call(_ request: SocketRequest) throws -> JSON {
    do {
      switch way {
      case .socket(let socket): return try OperatorClient.call(socket, try checked(request.encode()))
      case .engine(let engine, _):
        switch request {
        case .operate(let operation, let shard): return try engine.operate(operation, shard: shard, now: now).json
        case .bury(let line):
          return OperatorAnswer.sent(try engine.offer([try DeadLetterLine.message(line)], now: now)).json
        case .send(let bytes):
          return OperatorAnswer.sent(try engine.offer([IncomingMessage(bytes: bytes)], now: now)).json
        }
      }
    } catch {
      throw Failure(error, path: path)
    }
  }

  /// Whether a definition takes messages of a type; nil when only the running engine knows.
  func takes(_ type: String) -> Bool? {
    guard case .engine = way else { return nil }
    return machines.contains { $0.takenTypes.contains(type) }
  }

  /// Deletes what closed before a time.
  ///
  /// - Returns: how many rows were deleted.
  func prune(
    closedBefore cut: Timestamp, forgetBefore: Timestamp,
    archive: ((_ shard: Int, [JournalRow], any Store) throws -> Void)?
  ) throws -> Int {
    guard case .engine(let group, let stores) = way else {
      throw Failure.environment(
        "\(path): an engine runs on it; let its service prune (SagaEngine.prune, RetentionPolicy), or stop it and prune then"
      )
    }
    do {
      // What is not folded is not deleted.
      while try group.maintain(now: now, isIdle: true).hasMore {}
      var deleted = 0
      for (shard, (engine, store)) in zip(group.engines, stores).enumerated() {
        var progress: MaintenanceProgress
        repeat {
          progress = try engine.prune(
            closedBefore: cut, forgetBefore: forgetBefore,
            archive: archive.map { archive in { try archive(shard, $0, store) } })
          deleted += progress.changed
        } while !progress.isFinished
      }
      return deleted
    } catch {
      throw Failure(error, path: path)
    }
  }

  /// Leaves a folded, checkpointed file behind.
  func close() throws {
    guard case .engine(let engine, let stores) = way else { return }
    defer { for store in stores { store.close() } }
    do {
      while try engine.maintain(now: now, isIdle: true).hasMore {}
    } catch {
      throw Failure(error, path: path)
    }
  }

  private func checked(_ request: JSON) throws -> JSON {
    let size = JSONWriter.compact(request).count
    guard size < OperatorSocket.maximumLineBytes else {
      throw Failure.bad(
        "the request has \(size) bytes, and the running engine takes at most \(OperatorSocket.maximumLineBytes); "
          + "put the message into the engine's input")
    }
    return request
  }
}

/// What a database says about the engine that belongs to it.
private struct KnownDefinitions {
  /// What is loaded: new sagas begin under it.
  var machines: [Machine]
  /// What the database holds of sagas whose definitions are named. Instances that have them go on with them.
  var replaced: [Machine]
  /// The lanes by which commands leave.
  var commandLanes: [String]

  /// - Throws: `Failure` when the lanes are those of a service, whose rules only the service knows.
  init(database path: String, naming definitions: [String]) throws {
    let stores = try Database.readers(path)
    defer { for store in stores { store.close() } }
    let recovered: [Recovered]
    do { recovered = try stores.map { try $0.recover() } } catch { throw Failure(error, path: path) }
    let lanes = recovered.flatMap(\.lanes).map(\.name)
    let own = [RunCommandLanes.output, ParticipantDriver.lane, localLane]
    let foreign = Set(lanes.filter { !own.contains($0) }).sorted()
    guard foreign.isEmpty else {
      throw Failure.environment(
        "\(path): its messages leave by \(foreign.joined(separator: ", ")), which only its service knows how to fill; "
          + "start the service, and the command will go through it")
    }
    commandLanes = own.filter { name in
      name == RunCommandLanes.output || (name != localLane && lanes.contains(name))
    }
    let named = try Definitions.load(definitions).flatMap(\.machines)
    let sagas = Set(named.map(\.identity.saga))
    let stored: [Machine]
    do {
      var known: Set<MachineIdentity> = []
      stored = try recovered.flatMap(\.machines).filter {
        known.insert(MachineIdentity(saga: $0.saga, version: $0.version, role: $0.role)).inserted
      }.map { try SagaDefinitions.compileStored($0.source, role: $0.role) }
    } catch let error as DefinitionError {
      throw Failure.bad("\(path): \(error)")
    }
    machines = stored.filter { !sagas.contains($0.identity.saga) } + named
    replaced = stored.filter { sagas.contains($0.identity.saga) }
  }
}
