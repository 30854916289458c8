import Foundation
import SagaGenerator
import Testing

@Suite("The Swift of the shipped sagas")
struct GoldenFileTests {
  static let definitions = [
    "sagas/expense-claims.json", "sagas/order-choreography.json", "sagas/order-fulfillment.json",
    "sagas/travel-booking.json", "Tests/SagaGeneratorTests/sagas/every-shape.json",
  ]

  /// Written anew by `swift run saga generate swift sagas Tests/SagaGeneratorTests/sagas/every-shape.json --output
  /// Tests/SagaGeneratorTests/Generated`.
  @Test("is what is compiled here, in Generated, and formatted like everything else", arguments: definitions)
  func golden(_ definition: String) throws {
    let result = SwiftGenerator.generate([try Repository.source(definition)])
    let output = try #require(result.outputs.first, "\(result.diagnostics)")
    #expect(output.text == (try Repository.text("Tests/SagaGeneratorTests/Generated/\(output.fileName)")))
  }

  @Test("is the same every time, alone or beside others", arguments: definitions)
  func deterministic(_ definition: String) throws {
    let all = SwiftGenerator.generate(try Self.definitions.reversed().map(Repository.source), access: .package)
    let alone = SwiftGenerator.generate([try Repository.source(definition)], access: .package)
    let output = try #require(alone.outputs.first)
    #expect(all.outputs.contains(output))
  }

  @Test("compiles without a warning for every access, also where imports are strict", arguments: SwiftAccess.allCases)
  func compiles(_ access: SwiftAccess) throws {
    let result = SwiftGenerator.generate(try Self.definitions.map(Repository.source), access: access)
    let files =
      result.outputs.map { ($0.fileName, $0.text) } + [("Other.swift", "import SagaCore\nimport SagaRuntime\n")]
    let strict =
      ["MemberImportVisibility", "ExistentialAny"] + (access == .internal ? ["InternalImportsByDefault"] : [])
    for features in [[], strict] {
      let compiled = try Compiler.check(files, features: features)
      #expect(compiled.code == 0, "\(compiled.errors)")
    }
  }
}
