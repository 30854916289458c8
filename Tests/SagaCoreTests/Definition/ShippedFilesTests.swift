import Foundation
import Testing

@testable import SagaCore

/// Files of the repository, for tests.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appending(path: path))) }
  static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }
  static func json(_ path: String) throws -> JSON { try JSONParser.parse(try bytes(path), limits: .definition) }
}

@Suite struct ShippedFilesTests {
  static let sagas = ["order-fulfillment", "order-choreography", "travel-booking", "expense-claims"]

  @Test("every shipped saga is listed here")
  func complete() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root.appending(path: "sagas").path)
      .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".scenario.json") }
    #expect(names.sorted() == ShippedFilesTests.sagas.map { $0 + ".json" }.sorted())
  }

  @Test("a shipped saga decodes and compiles without a diagnostic", arguments: sagas)
  func decodes(saga: String) throws {
    let source = try Repository.bytes("sagas/\(saga).json")
    let (definition, diagnostics) = DefinitionDecoder.decode(source: source, file: saga)
    #expect(diagnostics == [])
    #expect(definition?.name == saga && definition?.description != nil)
    let loaded = LoadedDefinition.load(source: source, file: saga)
    #expect(loaded.diagnostics.map { "\($0.position) \($0.code): \($0.message)" } == [])
  }

  @Test("the JSON Schemas accept the shipped sagas and scenarios", arguments: sagas)
  func schemas(saga: String) throws {
    let sagaSchema = try Schema(json: try Repository.json("schema/saga.schema.json"))
    #expect(sagaSchema.validate(try Repository.json("sagas/\(saga).json")).map(\.description) == [])
    let scenarioSchema = try Schema(json: try Repository.json("schema/scenario.schema.json"))
    #expect(scenarioSchema.validate(try Repository.json("sagas/\(saga).scenario.json")).map(\.description) == [])
  }

  @Test("a scenario models every command of its saga", arguments: sagas)
  func participants(saga: String) throws {
    let (decoded, _) = DefinitionDecoder.decode(source: try Repository.bytes("sagas/\(saga).json"), file: saga)
    let scenario = try Repository.json("sagas/\(saga).scenario.json")
    let commands = try #require(decoded).roles.flatMap { $0.states.flatMap { ($0.steps ?? []).flatMap(\.commands) } }
    for command in commands {
      let destination = try #require(command.destination?.value)
      #expect(
        scenario["participants"]?[destination]?[command.type.value] != nil, "\(destination) \(command.type.value)")
    }
  }

  @Test("the messages to begin with fit the schemas of their saga", arguments: sagas)
  func messages(saga: String) throws {
    let loaded = LoadedDefinition.load(source: try Repository.bytes("sagas/\(saga).json"), file: saga)
    let machine = try #require(loaded.machines.first)
    let lines = try Repository.text("Fixtures/messages/\(saga).jsonl").split(separator: "\n")
    #expect(lines.count >= 3)
    for line in lines {
      let event = try CloudEvent.decode(Array(line.utf8))
      #expect(try machine.route(machine.normalise(event)) != nil)
    }
  }
}

extension StepDefinition {
  /// The commands of a step, its undo and everything inside.
  fileprivate var commands: [CommandDefinition] {
    switch self {
    case .call(let call):
      guard case .call(let undo) = call.undo else { return [call.command].compactMap { $0 } }
      return [call.command, undo.command].compactMap { $0 }
    case .set, .fail, .publish: return []
    case .forEach(let loop): return loop.steps.flatMap(\.commands)
    case .parallel(let branches, _): return branches.flatMap { $0.flatMap(\.commands) }
    case .choose(let choices, _): return choices.flatMap { $0.steps.flatMap(\.commands) }
    case .attempt(let steps, let recovery, _): return (steps + recovery).flatMap(\.commands)
    }
  }
}
