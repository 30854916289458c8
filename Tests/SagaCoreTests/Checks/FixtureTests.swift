import Foundation
import Testing

@testable import SagaCore

/// Definitions in `Fixtures/definitions`: the valid ones, and at least one for each code.
enum DefinitionFixtures {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/definitions")

  static func names(in folder: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)) ?? []
    return files.filter { $0.hasSuffix(".json") && $0 != "expected.json" }.sorted()
  }

  static func load(_ folder: String, _ name: String) throws -> LoadedDefinition {
    let bytes = [UInt8](try Data(contentsOf: root.appending(path: folder).appending(path: name)))
    return LoadedDefinition.load(source: bytes, file: name)
  }

  /// `expected.json`: file → findings as `line:column severity[code]`, in order.
  static func expected() throws -> JSON {
    try JSONParser.parse(
      [UInt8](try Data(contentsOf: root.appending(path: "invalid/expected.json"))), limits: .definition)
  }
}

extension Diagnostic {
  var line: String { "\(position) \(severity.rawValue)[\(code)]" }
}

@Suite("Definition fixtures")
struct FixtureTests {
  @Test("are found where the tests look for them, and each invalid one is expected")
  func found() throws {
    #expect(!DefinitionFixtures.names(in: "valid").isEmpty)
    let expected = try #require(try DefinitionFixtures.expected().objectValue)
    #expect(DefinitionFixtures.names(in: "invalid") == expected.keys.sorted())
  }

  @Test("a valid definition has no finding", arguments: DefinitionFixtures.names(in: "valid"))
  func valid(name: String) throws {
    let loaded = try DefinitionFixtures.load("valid", name)
    #expect(loaded.diagnostics.map { "\($0.line) \($0.message)" } == [])
    #expect(!loaded.machines.isEmpty)
  }

  @Test(
    "an invalid definition has exactly the findings expected of it", arguments: DefinitionFixtures.names(in: "invalid"))
  func invalid(name: String) throws {
    let loaded = try DefinitionFixtures.load("invalid", name)
    let expected = try #require(try DefinitionFixtures.expected()[name]?.arrayValue).compactMap(\.stringValue)
    #expect(loaded.diagnostics.map(\.line) == expected)
    #expect(loaded.machines.isEmpty == loaded.hasErrors)
  }

  @Test("every finding says what is wrong and how to mend it", arguments: DefinitionFixtures.names(in: "invalid"))
  func texts(name: String) throws {
    for finding in try DefinitionFixtures.load("invalid", name).diagnostics
    where CheckCode(rawValue: finding.code) != nil {
      #expect(finding.message.count > 20 && !finding.mend.isEmpty, "\(finding.code)")
    }
  }

  @Test("a file is named after a code that it has")
  func names() throws {
    for name in DefinitionFixtures.names(in: "invalid") {
      let codes = try DefinitionFixtures.load("invalid", name).diagnostics.map(\.code)
      #expect(codes.contains { name.hasPrefix($0) }, "\(name)")
    }
  }

  @Test("every code of the static checks has a fixture", arguments: CheckCode.allCases.filter { $0 != .composedLimit })
  func covered(code: CheckCode) {
    #expect(DefinitionFixtures.names(in: "invalid").contains { $0.hasPrefix(code.rawValue) })
  }
}
