import Testing

@Suite("The guide to dead letters")
struct DeadLetterGuideTests {
  /// Codes of faults that make no dead letter: a request of an operator is refused, or the instance is stuck.
  static let others: Set<String> = [
    "migration.version", "migration.mapping", "shard.unnamed", "limit.instances", "pivot.failure", "limit.forEach",
  ]
  /// The same, by how they begin.
  static let otherKinds = ["operation.", "force."]

  /// The codes with which the sources make faults of messages.
  static func codes() throws -> Set<String> {
    var codes: Set<String> = []
    func collect(_ pattern: Regex<(Substring, Substring)>, in text: String) {
      for match in text.matches(of: pattern) { codes.insert(String(match.output.1)) }
    }
    for file in [
      "Sources/SagaCore/Message/MessageFault.swift", "Sources/SagaRuntime/Engine/PreparedMessage.swift",
      "Sources/SagaRuntime/DeadLetters/SagaEngine+DeadLetters.swift",
    ] {
      collect(/static let \w+ = "([a-z]+\.[A-Za-z-]+)"/, in: try SourceTree.text(file))
    }
    for file in SourceTree.swiftFiles(below: "Sources/SagaCore/Machine") {
      collect(/fault\(\s*"([a-z]+\.[A-Za-z-]+)"/, in: file.text)
    }
    for file in SourceTree.swiftFiles(below: "Sources/saga/Run") {
      collect(/code:\s*"([a-z]+\.[A-Za-z-]+)"/, in: file.text)
    }
    return codes.filter { code in !others.contains(code) && !otherKinds.contains { code.hasPrefix($0) } }
  }

  @Test("says of every code what happened and what is to be done")
  func complete() throws {
    let rows = try SourceTree.text("docs/guides/dead-letters.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    let listed = rows.compactMap { $0.split(separator: "|").first }.joined(separator: " ")
    let codes = try Self.codes()
    #expect(codes.count > 25)
    for code in codes.sorted() {
      let isThere = listed.contains("`\(code)`") || listed.contains("`\(code.prefix { $0 != "." }).…`")
      #expect(isThere, "docs/guides/dead-letters.md has no row for \(code)")
    }
  }
}
