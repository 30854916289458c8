import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime

struct Send: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts one message into the inbox of a database.",
    discussion: """
      MESSAGE is a CloudEvent as JSON, @FILE to read it from a file, or - for standard input. Instead, --type makes one: \
      its id is random (or --id, so that sending it twice does nothing the second time), its source /saga-cli, its time \
      now. --key becomes its subject and, where the definition reads the key from a field of the data \
      (`event.data.orderId`) that --data does not have, that field too.

      When an engine runs on the database, it takes the message; otherwise this command decides it, with the definitions \
      that the database holds, and what follows from it goes out when an engine runs next. Of a saga that --definitions \
      names what begins takes the greatest version among the files, whatever the database holds; instances keep theirs.

      Prints what became of the message at each saga that it is addressed to. A message that is no CloudEvent is not \
      sent. Exit code 1 when it was refused, or when nothing takes it.

      Example:
        saga send --db orders.db --type OrderPlaced --key o-17 \\
          --data '{"totalCents": 4999}'
        saga send --db orders.db @message.json
      """)
  @Argument(help: "A CloudEvent as JSON, @FILE, or -.")
  var message: String?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var event: EventOptions
  @Option(parsing: .upToNextOption, help: "All definitions to load of their sagas, when no engine runs.")
  var definitions: [String] = []
  @Option(
    help: """
      The logical time to decide at (RFC 3339) instead of now, not before the journal's last, when no engine runs.
      """)
  var at: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if (message == nil) == (event.type == nil) { throw ValidationError("give either a message or --type") }
    if message != nil, event.isUsed { throw ValidationError("--key, --data and the like belong to --type") }
  }

  func run() throws {
    let time = try at.map { try Options.time($0, option: "--at") }
    let bytes = try messageBytes(at: time ?? WallClock.now)
    let decoded: CloudEvent
    do throws(MessageFault) {
      decoded = try CloudEvent.decode(bytes)
    } catch {
      throw Failure.bad("the message was not sent (\(error.code)): \(Text.safe(error.message))")
    }
    // Beside a running engine, which has loaded its own, definitions say only where a key goes.
    let isForKeyOnly = try event.key != nil && Database.operatorSocket(database.database) != nil
    let session = try OperatorSession(
      database: database.database, at: time, definitions: isForKeyOnly ? [] : definitions)
    if session.takes(decoded.type) == false {
      try session.close()
      throw Failure.bad(
        "the message was not sent: no definition in \(database.database) takes \(Text.safe(decoded.type)); "
          + "name the file that does with --definitions")
    }
    let answer = try session.call(.send(bytes))
    try session.close()
    try OperatorReport.print(answer, done: "sent", json: output.json)
  }

  private func messageBytes(at time: Timestamp) throws -> [UInt8] {
    guard let message else { return try event.make(at: time, database.database, definitions).encode() }
    if message == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
    if message.hasPrefix("@") { return try Files.read(String(message.dropFirst())) }
    return Array(message.utf8)
  }
}

/// The parts of a message that is made on the command line.
struct EventOptions: ParsableArguments {
  @Option(help: "The message's type.")
  var type: String?
  @Option(help: "The key of the saga it is for.")
  var key: String?
  @Option(help: "The payload, JSON.")
  var data: String?
  @Option(help: "The message's id; random unless given.")
  var id: String?
  @Option(help: "Who sends it.")
  var source: String?

  var isUsed: Bool { key != nil || data != nil || id != nil || source != nil }

  func make(at time: Timestamp, _ database: String, _ definitions: [String]) throws -> CloudEvent {
    var event = CloudEvent(id: id ?? UUID().uuidString.lowercased(), source: source ?? "/saga-cli", type: type ?? "")
    event.timestamp = time
    event.subject = key
    event.datacontenttype = "application/json"
    do throws(JSONError) {
      event.data = try data.map { text throws(JSONError) in try JSON.parse(text) } ?? .object(JSONObject())
    } catch {
      throw Failure.usage("--data: \(error)")
    }
    guard let key, case .object(var members)? = event.data else { return event }
    for path in try keyPaths(database, definitions) {
      members = EventOptions.filling(members, path, with: key)
    }
    event.data = .object(members)
    return event
  }

  /// Where the definitions read the type's key from, for those that read one field: `event.data.order.id`.
  private func keyPaths(_ database: String, _ files: [String]) throws -> [[String]] {
    let stored = try Snapshot.askAll(database) { $0.flatMap { $0.reader.definitions.map(\.source) } }
    let loaded =
      stored.map { LoadedDefinition.load(source: $0, file: database, runsChecks: false) }
      + (try Definitions.load(files))
    let known = loaded.compactMap(\.definition).filter { $0.message(type ?? "") != nil }
    if known.isEmpty {
      throw Failure.bad(
        "the message was not sent: no definition in \(database) says where \(Text.safe(type ?? "")) has its key; name the "
          + "file that does with --definitions, or put the key into --data and leave --key out")
    }
    var paths: [[String]] = []
    for definition in known {
      let text: String
      switch definition.message(type ?? "")?.key {
      case .primary(let source), .named(_, let source): text = source.text
      case nil: continue
      }
      let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard parts.count > 2, parts[0] == "event", parts[1] == "data", parts.allSatisfy(EventOptions.isName) else {
        continue
      }
      if !paths.contains(Array(parts[2...])) { paths.append(Array(parts[2...])) }
    }
    return paths
  }

  private static func isName(_ part: String) -> Bool {
    !part.isEmpty
      && part.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
      }
  }

  /// The object with the text at a path, unless something is there already.
  private static func filling(_ members: JSONObject, _ path: [String], with text: String) -> JSONObject {
    var members = members
    if path.count == 1 {
      if members[path[0]] == nil { members[path[0]] = .string(text) }
      return members
    }
    guard let inner = (members[path[0]] ?? .object(JSONObject())).objectValue else { return members }
    members[path[0]] = .object(filling(inner, Array(path.dropFirst()), with: text))
    return members
  }
}
