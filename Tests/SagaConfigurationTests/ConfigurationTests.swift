import Configuration
import Foundation
import SagaConfiguration
import SagaRuntime
import SagaSQLite
import Testing

@Suite("A configuration")
struct ConfigurationTests {
  private func reader(_ values: [String: String]) -> ConfigReader {
    ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: values)).scoped(to: "saga")
  }

  /// The stored properties of a value, but those that are code or for tests only.
  private func properties(_ value: Any, but excluded: Set<String>) -> Set<String> {
    Set(Mirror(reflecting: value).children.compactMap(\.label)).subtracting(excluded)
  }

  @Test("of nothing is the defaults")
  func defaults() throws {
    let read = try EngineConfiguration(reader: reader([:]))
    let standard = EngineConfiguration()
    for (left, right) in zip(Mirror(reflecting: read).children, Mirror(reflecting: standard).children)
    where !["lanes", "isPipelined", "compile"].contains(left.label) {
      #expect("\(left)" == "\(right)")
    }
    #expect(try SQLiteOptions(reader: reader([:])) == SQLiteOptions())
    #expect(try DestinationPolicy(reader: reader([:])) == DestinationPolicy())
    #expect(try ConsumerPolicy(reader: reader([:])) == ConsumerPolicy())
  }

  @Test("has a key for every limit")
  func complete() {
    #expect(
      Set(EngineConfiguration.configurationKeys.map(\.name))
        == properties(EngineConfiguration(), but: ["lanes", "isPipelined", "compile", "shard", "keys"]))
    #expect(
      Set(SQLiteOptions.configurationKeys.map(\.name))
        == properties(SQLiteOptions(), but: ["fileSystem", "journalID", "shard"]))
    #expect(
      Set(DestinationPolicy.configurationKeys.map(\.name)) == properties(DestinationPolicy(), but: []))
    #expect(Set(ConsumerPolicy.configurationKeys.map(\.name)) == properties(ConsumerPolicy(), but: []))
    #expect(
      Set(AlertPolicy.configurationKeys.map(\.name))
        == properties(AlertPolicy(), but: ["hook", "lateAfterMillisecondsBySaga"]))
  }

  @Test("is read from environment variables")
  func environment() throws {
    let variables = [
      "SAGA_MAXIMUM_BATCH": "64", "SAGA_CLOCK": "events", "SAGA_TIMER_HORIZON_MILLISECONDS": "1000",
      "SAGA_SQLITE_SYNCHRONOUS": "NORMAL", "SAGA_SQLITE_CREATE_IF_MISSING": "false",
      "SAGA_PARTICIPANTS_PAYMENTS_COMMANDS_PER_SECOND": "2.5",
    ]
    let engine = try EngineConfiguration(reader: reader(variables))
    #expect(engine.maximumBatch == 64)
    #expect(engine.clock == .events)
    #expect(engine.timerHorizonMilliseconds == 1000)
    let options = try SQLiteOptions(reader: reader(variables).scoped(to: "sqlite"))
    #expect(options.synchronous == .normal)
    #expect(!options.createIfMissing)
    let policy = try DestinationPolicy(reader: reader(variables).scoped(to: "participants.payments"))
    #expect(policy.commandsPerSecond == 2.5)
  }

  @Test("is read from a JSON file")
  func file() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("saga-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: path) }
    let json = #"{"saga": {"relayWindow": 16, "sqlite": {"cacheSizeKiB": 1024, "socketPath": "/run/saga.sock"}}}"#
    try Data(json.utf8).write(to: path)
    let provider = try await FileProvider<JSONSnapshot>(filePath: .init(path.path))
    let reader = ConfigReader(provider: provider).scoped(to: "saga")
    #expect(try EngineConfiguration(reader: reader).relayWindow == 16)
    let options = try SQLiteOptions(reader: reader.scoped(to: "sqlite"))
    #expect(options.cacheSizeKiB == 1024)
    #expect(options.socketPath == "/run/saga.sock")
  }

  @Test(
    "that cannot be used is refused with the key, the value and what may stand there",
    arguments: [
      ("MAXIMUM_BATCH", "many", "maximumBatch", "a whole number (messages, timers or expiries), at least 1"),
      ("MAXIMUM_BATCH", "0", "maximumBatch", "a whole number (messages, timers or expiries), at least 1"),
      ("PUBLISH_ATTEMPTS", "1.5", "publishAttempts", "a whole number (attempts), at least 1"),
      ("CLOCK", "sundial", "clock", "wall or events"),
    ])
  func refused(variable: String, value: String, key: String, expected: String) throws {
    let error = try #require(throws: ConfigurationError.self) {
      try EngineConfiguration(reader: reader(["SAGA_" + variable: value]))
    }
    #expect(
      error.description
        == "the configuration's saga.\(key) is '\(value)'; write \(expected), or leave it out for the default")
  }

  @Test("of a file is refused where a flag is no flag and a page is no power of two")
  func refusedOptions() throws {
    #expect(throws: ConfigurationError.self) {
      try SQLiteOptions(reader: reader(["SAGA_CREATE_IF_MISSING": "perhaps"]))
    }
    #expect(throws: ConfigurationError.self) {
      try SQLiteOptions(reader: reader(["SAGA_PAGE_SIZE_BYTES": "5000"]))
    }
  }

  @Test("that cannot be used is named with the scope of its reader")
  func scopes() throws {
    let root = ConfigReader(
      provider: EnvironmentVariablesProvider(environmentVariables: [
        "SAGA_SQLITE_PAGE_SIZE_BYTES": "5000", "SAGA_SQLITE_CREATE_IF_MISSING": "perhaps", "MAXIMUM_BATCH": "0",
      ]))
    let sizes = root.scoped(to: "saga.sqlite")
    let flag = try #require(throws: ConfigurationError.self) { try SQLiteOptions(reader: sizes) }
    #expect(flag.key == "saga.sqlite.createIfMissing")
    let bare = try #require(throws: ConfigurationError.self) { try EngineConfiguration(reader: root) }
    #expect(bare.key == "maximumBatch")
    let page = try #require(throws: ConfigurationError.self) {
      try SQLiteOptions(reader: reader(["SAGA_SQLITE_PAGE_SIZE_BYTES": "5000"]).scoped(to: "sqlite"))
    }
    #expect(page.key == "saga.sqlite.pageSizeBytes")
  }

  @Test(
    "is documented key by key, with its unit and default",
    arguments: [
      ("The engine", EngineConfiguration.configurationKeys), ("The database file", SQLiteOptions.configurationKeys),
      ("A participant", DestinationPolicy.configurationKeys), ("A consumer", ConsumerPolicy.configurationKeys),
      ("Alerts", AlertPolicy.configurationKeys),
    ])
  func documented(section: String, keys: [ConfigurationKey]) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("docs/guides/configuration.md"), encoding: .utf8)
    let part = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(section) })
    let rows = part.split(separator: "\n").filter { $0.hasPrefix("| `") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    #expect(
      rows.map { $0.prefix(3).joined(separator: " ") } == keys.map { "`\($0.name)` \($0.unit) \($0.defaultText)" })
  }
}
