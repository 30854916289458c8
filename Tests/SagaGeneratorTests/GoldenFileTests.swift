import Foundation
import SagaGenerator
import Testing

@Suite("The Swift of the shipped sagas")
struct GoldenFileTests {
  static let definitions = [
    "sagas/expense-claims.json", "sagas/order-choreography.json", "sagas/order-fulfillment.json",
    "sagas/travel-booking.json", "Tests/SagaGeneratorTests/sagas/every-shape.json",
  ]

  /// Written anew by `swift run saga generate swift sagas Tests/SagaGeneratorTests/sagas/every-shape.json --access public --output
  /// Fixtures/generated`.
  @Test("is what stands in Fixtures/generated", arguments: definitions)
  func golden(_ definition: String) throws {
    let result = SwiftGenerator.generate([try Repository.source(definition)], access: .public)
    let output = try #require(result.outputs.first, "\(result.diagnostics)")
    #expect(output.text == (try Repository.text("Fixtures/generated/\(output.fileName)")))
  }

  @Test("is the same every time, alone or beside others", arguments: definitions)
  func deterministic(_ definition: String) throws {
    let all = SwiftGenerator.generate(try Self.definitions.reversed().map(Repository.source), access: .package)
    let alone = SwiftGenerator.generate([try Repository.source(definition)], access: .package)
    let output = try #require(alone.outputs.first)
    #expect(all.outputs.contains(output))
  }

  @Test("needs no formatting and no mending by the repository's own rules")
  func format() throws {
    let folder = Repository.root.appendingPathComponent("Fixtures/generated").path
    let lint = try Tool.run(["swift", "format", "lint", "--strict", "--recursive", folder])
    #expect(lint.code == 0, "\(lint.errors)")
  }

  @Test("compiles without a warning for every access, also where imports are strict", arguments: SwiftAccess.allCases)
  func compiles(_ access: SwiftAccess) throws {
    let result = SwiftGenerator.generate(try Self.definitions.map(Repository.source), access: access)
    let files = result.outputs.map { ($0.fileName, $0.text) }
    let strict = ["MemberImportVisibility", "InternalImportsByDefault", "ExistentialAny"]
    for features in [[], strict] {
      let compiled = try Compiler.check(files, features: features)
      #expect(compiled.code == 0, "\(compiled.errors)")
    }
  }
}
