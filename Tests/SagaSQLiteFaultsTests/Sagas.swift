import Foundation
import SagaCore
import SagaRuntime

@testable import SagaSQLiteFaults

/// The shipped sagas with their scenarios and messages.
enum Sagas {
  static let names = ["expense-claims", "order-choreography", "order-fulfillment", "travel-booking"]

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
  }

  struct Unloadable: Error { var name: String }

  static func subject(_ name: String) throws -> SweepSubject {
    let loaded = LoadedDefinition.load(source: try bytes("sagas/\(name).json"), file: "\(name).json")
    guard !loaded.machines.isEmpty else { throw Unloadable(name: name) }
    let scenario = try Scenario(source: bytes("sagas/\(name).scenario.json"), file: "\(name).scenario.json")
    let messages = try bytes("Fixtures/messages/\(name).jsonl").split(separator: UInt8(ascii: "\n")).map {
      IncomingMessage(bytes: [UInt8]($0))
    }
    return SweepSubject(name: name, machines: loaded.machines, scenario: scenario, messages: messages)
  }
}
