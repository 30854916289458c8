import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime
import SagaSQLite

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs sagas: messages in, messages out, state in one file, or in one for each shard.",
    discussion: """
      Reads CloudEvents (one JSON object a line), prints what the sagas publish and send in outbox order, and \
      acknowledges only what is durable. Killed at any moment and started again with the same input, it goes on where \
      it was.

      Example:
        saga run --db orders.db --definitions sagas/order-fulfillment.json \\
          --input orders.jsonl \\
          --participants sagas/order-fulfillment.scenario.json
        saga run --db orders.db --shards 4 \\
          --definitions sagas/order-fulfillment.json --input - --follow

      With --shards a new database is divided by the sagas' keys: orders.db is the first shard, orders.db.shard-1 and \
      so on the others, each written by a thread of its own. saga reshard divides one that there is.

      Exit codes: 0 done, bad messages included, which are dead letters · 1 a definition or the scenario is invalid, or \
      does not fit the database · 2 wrong usage · 3 a fault of the environment (file, disk, lock).
      """)

  @Option(name: .customLong("db"), help: "The database file; made when there is none.")
  var database: String
  @Option(
    parsing: .unconditional,
    help: "How many shards the database must have; a new one is made so. Default: what the file says, else 1.")
  var shards: Int?
  @Option(parsing: .upToNextOption, help: "Definition files, or directories of them.")
  var definitions: [String]
  @Option(help: "Run only this role (each service runs its own).")
  var role: String?
  @Option(help: "A file or pipe of messages, one a line; - is standard input.")
  var input: String?
  @Option(help: "Where messages go, one a line, behind those of earlier runs; - is standard output.")
  var output = "-"
  @Option(help: "A scenario whose participants answer the commands in process.")
  var participants: String?
  @Option(help: "Where in-process participants keep their ledger, so that they too survive a kill.")
  var ledger: String?
  @Option(help: "wall: the machine's time. events: the greatest `time` of the messages seen.")
  var clock: ClockChoice = .wall
  @Option(help: "After the input has ended, wait for what is due within this time.")
  var linger = "0s"
  @Option(help: "With --clock events: let time run on to this (RFC 3339) at the end.")
  var until: String?
  @Option(help: "With --clock events: a message further ahead is a dead letter.")
  var maxLeap = "366d"
  @Flag(help: "Stay for good: wait for input, timers and operators until SIGTERM.")
  var follow = false
  @Option(
    help:
      "When a commit (and a line of the output) waits for the disk. normal and off survive a kill, not a power failure."
  )
  var synchronous: SynchronousChoice = .full
  @Flag(help: "Print the summary as one JSON object (on standard error).")
  var json = false

  enum ClockChoice: String, ExpressibleByArgument, CaseIterable { case wall, events }
  enum SynchronousChoice: String, ExpressibleByArgument, CaseIterable { case full, normal, off }

  func validate() throws {
    try Options.validate(shards: shards)
    let paths: [(option: String, path: String?)] = [
      ("--db", database), ("--input", input), ("--output", output), ("--participants", participants),
      ("--ledger", ledger),
    ]
    for (option, path) in paths { try Options.validate(path: path, option: option) }
  }

  func run() throws {
    let options = try runOptions()
    try requireFilesApart()
    let loaded = try Definitions.load(definitions)
    let machines = try Definitions.machines(loaded, role: role)
    var scenario: Scenario?
    if let participants {
      do {
        let read = try ScenarioPart(source: try Files.read(participants), file: participants)
        scenario = try Scenario(read)
        ScenarioFindings.warn(read, definitions: loaded.compactMap(\.definition))
      } catch let error as ScenarioError {
        throw Failure.bad("\(error)")
      }
    } else if ledger != nil {
      throw Failure.usage("--ledger belongs to --participants")
    }
    // A wrong path is told of before a database is made, or waited for.
    let inputFile = try input.map { try InputFile(path: $0) }
    let ledgerFile = try ledger.map { try LedgerFile.opened(path: $0) }
    let outputFile: LineFile? = try output == "-" ? nil : LineFile(path: output, .output)
    var storeOptions = SQLiteOptions()
    storeOptions.synchronous =
      switch synchronous {
      case .full: .full
      case .normal: .normal
      case .off: .off
      }
    let stores = try Database.writers(database, shards: shards, options: storeOptions)
    defer { for store in stores { store.close() } }
    // Under the lock: until then another run may add to both files, and what it writes just now looks torn.
    let driver = try scenario.map { try ParticipantDriver(scenario: $0, ledgerFile: ledgerFile) }
    let writer = try OutputWriter(file: outputFile, isDurable: synchronous == .full)
    let served = scenario
    let engine = try Database.engines(stores, machines: machines) { configuration in
      configuration.clock = options.isEventClock ? .events : .wall
      configuration.isPipelined = { _ in true }
      configuration.lanes = { message in
        served?.answers(message) == true
          ? [RunCommandLanes.output, ParticipantDriver.lane] : [RunCommandLanes.output]
      }
    }
    let mailbox = Mailbox<RunInput>(capacity: 4096)
    let socket = try openSocket(stores[0], mailbox)
    defer { socket?.stop() }
    let signals = Signals(mailbox)
    defer { signals.cancel() }
    let room = InputRoom()
    if let inputFile {
      InputReader(mailbox: mailbox, room: room).start(inputFile)
    } else {
      mailbox.put(.endOfInput)
    }
    let loop = RunLoop(
      engine: engine, mailbox: mailbox, room: room, output: writer, participants: driver, options: options)
    do {
      try loop.run()
    } catch let error as EngineError {
      throw Failure(error, path: database)
    }
    mailbox.close()
    room.close()
    if json {
      Console.note("\(loop.summary.json)\n")
    } else {
      Console.error(loop.summary.text, prefix: "")
      if input == nil, !follow, loop.summary.isEmpty {
        Console.error("no --input: only what is due is done", prefix: "")
      }
    }
  }

  private func requireFilesApart() throws {
    var files = NamedFiles()
    files.readsDatabase("--db", database, shards: shards ?? 1)
    for definition in try Files.definitions(at: definitions) { files.reads("--definitions", definition) }
    files.reads("--participants", participants)
    files.reads("--input", input)
    files.writes("--output", output)
    files.writes("--ledger", ledger)
    try files.check()
    // Nothing is written to the input, but what must not be written over has no messages to read either.
    var sources = NamedFiles()
    sources.readsDatabase("--db", database, shards: shards ?? 1)
    sources.writes("--input", input)
    try sources.check()
  }

  private func runOptions() throws -> RunOptions {
    var options = RunOptions(isEventClock: clock == .events, follows: follow)
    options.lingerMilliseconds = try Options.duration(linger, option: "--linger")
    options.maxLeapMilliseconds = try Options.duration(maxLeap, option: "--max-leap")
    if let until {
      guard clock == .events else { throw Failure.usage("--until belongs to --clock events") }
      options.until = try Options.time(until, option: "--until")
    }
    return options
  }

  private func openSocket(_ store: SQLiteStore, _ mailbox: Mailbox<RunInput>) throws -> OperatorSocket? {
    guard let path = store.lock?.socketPath else { return nil }
    do {
      return try OperatorSocket(path: path) { json in
        let request: SocketRequest
        do throws(MessageFault) {
          request = try SocketRequest(json)
        } catch {
          return OperatorReply.refused(error).json
        }
        let answer = PendingAnswer()
        let isTaken = mailbox.putUrgent(.request(request, { answer.set($0.json) }))
        return isTaken ? answer.wait() : PendingAnswer.stopping
      }
    } catch let error as SocketError {
      throw Failure.environment("\(error)")
    }
  }
}
