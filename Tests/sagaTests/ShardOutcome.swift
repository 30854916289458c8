import Foundation
import SagaCore
import SagaSQLite
import Testing

@testable import SagaRuntime

/// What is left of a run in all shards of its database, without what depends on how many there are.
struct ShardOutcome: Equatable {
  /// By saga, role and key.
  var states: [String: Instance] = [:]
  var histories: [String: [String]] = [:]
  /// Sorted: participants are asked in another order.
  var ledger: [String]
  /// Ids of what was published, sorted.
  var published: [String] = []
  /// How many sagas each shard has.
  var counts: [Int] = []

  init(_ folder: Folder, _ name: String) throws {
    let ledgerText = try? String(contentsOfFile: folder.path("\(name).ledger"), encoding: .utf8)
    ledger = (ledgerText ?? "").split(separator: "\n").map(String.init).sorted()
    for line in try String(contentsOfFile: folder.path("\(name).out"), encoding: .utf8).split(separator: "\n") {
      published.append(try #require(try JSON.parse(String(line))["id"]?.stringValue))
    }
    // The same message may go out twice where a run was killed.
    published = Set(published).sorted()
    let stores = try SQLiteShards.readers(folder.path("\(name).db"))
    defer { for store in stores { store.close() } }
    for store in stores {
      #expect(try JournalAudit.findings(store) == [])
      try read(store)
    }
  }

  private mutating func read(_ store: SQLiteStore) throws {
    let reader = try ShardReader(store: store)
    var names: [InstanceID: String] = [:]
    for view in try reader.instances(limit: 100_000) {
      let name = "\(view.machine.saga)/\(view.machine.role)/\(view.key)"
      #expect(ShardPlace.owner(of: Slot(key: view.key), among: store.options.shard.count) == store.options.shard.index)
      #expect(states[name] == nil, "\(name) is in two shards")
      var instance = try #require(view.instance)
      for index in instance.deferred.indices { instance.deferred[index].sequence = 0 }
      names[view.id] = name
      states[name] = instance
    }
    counts.append(names.count)
    for row in try store.journal(after: 0, limit: .max) {
      guard let id = row.instance, let name = names[id] else { continue }
      let decided = try DecidedRecord(decoding: row.decided)
      let facts = try Fact.decode(decided.facts).map { "\($0)" }.joined(separator: "; ")
      let sent =
        try row.outgoing.map { try OutgoingRecord.decode($0) }?.map { String(decoding: $0.event, as: UTF8.self) } ?? []
      let input = row.kind == .message ? String(decoding: row.input ?? [], as: UTF8.self) : "\(row.input ?? [])"
      histories[name, default: []].append(
        "\(row.at) \(row.kind) \(row.revision ?? 0) \(decided.outcome) | \(facts) | \(input) | \(sent)")
    }
  }

  /// The same sagas with the same histories, effects and messages, wherever they are.
  func expectSame(as other: ShardOutcome, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(states.keys.sorted() == other.states.keys.sorted(), sourceLocation: sourceLocation)
    for (name, history) in histories.sorted(by: { $0.key < $1.key }) {
      let expected = other.histories[name] ?? []
      if let difference = zip(history, expected).first(where: { $0 != $1 }) {
        Issue.record(
          "the history of \(name) differs\n  \(difference.0)\n  \(difference.1)", sourceLocation: sourceLocation)
      }
      #expect(history.count == expected.count, "the history of \(name)", sourceLocation: sourceLocation)
      #expect(states[name] == other.states[name], "the state of \(name)", sourceLocation: sourceLocation)
    }
    #expect(
      Set(published).symmetricDifference(other.published).sorted() == [], "messages of one only",
      sourceLocation: sourceLocation)
    #expect(
      Set(ledger).symmetricDifference(other.ledger).sorted() == [], "effects of one only",
      sourceLocation: sourceLocation)
    #expect(ledger.count == other.ledger.count, "effects that came twice", sourceLocation: sourceLocation)
  }
}

/// Runs sagas over an input in a folder, divided or not.
struct ShardWorld {
  let folder: Folder
  let definitions: [String]
  var scenario: String?

  /// One of the shipped sagas, with its participants.
  init(shipped name: String) throws {
    folder = try Folder()
    let sagas = Command.repository.appendingPathComponent("sagas")
    definitions = [sagas.appendingPathComponent("\(name).json").path]
    scenario = sagas.appendingPathComponent("\(name).scenario.json").path
  }

  /// Definitions of the test's own.
  init(_ sources: [String], scenario: String? = nil) throws {
    folder = try Folder()
    var paths: [String] = []
    for (index, source) in sources.enumerated() {
      paths.append(folder.path("definition-\(index).json"))
      try Data(source.utf8).write(to: URL(fileURLWithPath: paths[index]))
    }
    definitions = paths
    if let scenario {
      self.scenario = folder.path("scenario.json")
      try Data(scenario.utf8).write(to: URL(fileURLWithPath: folder.path("scenario.json")))
    }
  }

  func write(_ name: String, _ lines: [String]) throws {
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: folder.path(name)))
  }

  func command(_ name: String, shards: Int?, input: String = "in.jsonl", linger: String = "30d") -> Command {
    var arguments = ["run", "--db", folder.path("\(name).db"), "--definitions"] + definitions
    arguments += ["--input", folder.path(input), "--output", folder.path("\(name).out"), "--clock", "events"]
    arguments += ["--linger", linger, "--synchronous", "normal"]
    if let scenario { arguments += ["--participants", scenario, "--ledger", folder.path("\(name).ledger")] }
    if let shards { arguments += ["--shards", "\(shards)"] }
    return Command(arguments, in: folder.url)
  }

  @discardableResult
  func run(
    _ name: String, shards: Int?, input: String = "in.jsonl", linger: String = "30d",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Command.Result {
    let result = try command(name, shards: shards, input: input, linger: linger).run()
    #expect(result.code == 0, "\(result.errors)", sourceLocation: sourceLocation)
    return result
  }

  func saga(_ arguments: String...) throws -> Command.Result { try Command(arguments, in: folder.url).run() }

  /// Orders as the shipped sagas take them, one every 0.7 seconds.
  static func orders(_ count: Int) -> [String] {
    (0..<count).map { number in
      let time = Timestamp(milliseconds: 1_767_225_600_000 + Int64(number) * 700)
      return """
        {"specversion":"1.0","id":"order-\(number)","source":"/shop","type":"OrderPlaced","time":"\(time.rfc3339)",\
        "data":{"orderId":"o\(number)","customerId":"c\(number % 97)","totalCents":\(1000 + number),\
        "items":[{"sku":"apple","quantity":\(1 + number % 3)},{"sku":"pear","quantity":1}]}}
        """
    }
  }

  static func event(_ id: String, _ type: String, _ data: String, seconds: Int) -> String {
    let time = Timestamp(milliseconds: 1_767_225_600_000 + Int64(seconds) * 1000)
    return """
      {"specversion":"1.0","id":"\(id)","source":"/test","type":"\(type)","time":"\(time.rfc3339)","data":\(data)}
      """
  }
}
