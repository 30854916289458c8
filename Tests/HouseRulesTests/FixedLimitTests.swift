import Foundation
import Testing

@Suite("The fixed limits")
struct FixedLimitTests {
  struct Limit {
    var name: String
    var value: String
  }

  /// The constants that are limits, with their values as they stand there.
  static func limits() throws -> [Limit] {
    var limits: [Limit] = []
    for file in ["Machine/Machine", "Definition/DefinitionLimits", "Message/CloudEventDecoding"] {
      let text = try SourceTree.text("Sources/SagaCore/\(file).swift")
      let pattern = /public static let (?<name>maximum\w+|\w+Budget)(?:: \w+)? = (?<value>.+)/
      for match in text.matches(of: pattern) {
        limits.append(Limit(name: String(match.name), value: String(match.value)))
      }
    }
    return limits
  }

  /// The rows of the guide's section: what stands in the first two columns.
  static func rows() throws -> [Limit] {
    let text = try SourceTree.text("docs/guides/configuration.md")
    let section = try #require(text.range(of: "\n## Fixed limits\n")).upperBound
    let rows = text[section...].matches(of: /\n\| `(?<name>\w+)` \| (?<value>[^|]+) \|/)
    return rows.map { Limit(name: String($0.name), value: String($0.value)) }
  }

  @Test("stand in the guide to configuration with their values, and no others do")
  func listed() throws {
    let limits = try Self.limits()
    // The heads of the tables are written like names, too.
    let rows = try Self.rows().filter { !["MachineLimits", "DefinitionLimits"].contains($0.name) }
    #expect(limits.count > 20)
    for limit in limits {
      guard let row = rows.first(where: { $0.name == limit.name }) else {
        Issue.record("docs/guides/configuration.md has no row for \(limit.name)")
        continue
      }
      guard limit.value.allSatisfy({ $0.isNumber || $0 == "_" }) else { continue }
      #expect(row.value.filter(\.isNumber) == limit.value.filter(\.isNumber), "\(limit.name)")
    }
    for row in rows { #expect(limits.contains { $0.name == row.name }, "\(row.name) is no limit") }
  }
}
