import Testing

@Suite("Source files")
struct ShapeTests {
  static let maximumLines = 500
  /// Stands, with the reason, in a comment of a longer file.
  static let reasonMarker = "long file:"

  @Test("have at most 500 lines, or say why")
  func length() {
    for file in SourceTree.swiftFiles(below: "Sources") where file.lines.count > ShapeTests.maximumLines {
      if file.text.contains(ShapeTests.reasonMarker) { continue }
      Issue.record(
        """
        \(file.path) has \(file.lines.count) lines: split it by subject, or say why not in a comment \
        `// \(ShapeTests.reasonMarker) …`
        """)
    }
  }

  @Test("have a median under 150 lines")
  func median() {
    let counts = SourceTree.swiftFiles(below: "Sources").map(\.lines.count).sorted()
    #expect(counts[counts.count / 2] < 150)
  }

  @Test("leave their database to one target: SQL stands in SagaSQLite, and only the command line names adapters")
  func direction() {
    let allowed: [(folder: String, modules: [String])] = [
      ("Sources/CEL", []), ("Sources/SagaCore", ["CEL"]), ("Sources/SagaGenerator", ["CEL", "SagaCore"]),
      ("Sources/SagaFiles", ["CEL", "SagaCore"]),
      ("Sources/saga-generate", ["SagaCore", "SagaFiles", "SagaGenerator"]),
      ("Sources/SagaRuntime", ["CEL", "SagaCore", "SagaFiles"]),
      ("Sources/SagaSQLite", ["CEL", "SagaCore", "SagaRuntime", "CSQLite"]),
      ("Sources/SagaSimulation", ["CEL", "SagaCore", "SagaRuntime"]),
      ("Sources/SagaTesting", ["CEL", "SagaCore", "SagaRuntime"]),
      ("Sources/SagaSQLiteFaults", ["CEL", "SagaCore", "SagaRuntime", "SagaSQLite", "SagaSimulation", "CSQLite"]),
      ("Sources/SagaPrometheus", []), ("Sources/SagaConfiguration", ["SagaRuntime", "SagaSQLite"]),
      (
        "Sources/saga",
        [
          "CEL", "SagaCore", "SagaFiles", "SagaGenerator", "SagaRuntime", "SagaSQLite", "SagaSQLiteFaults",
          "SagaSimulation", "SagaTesting",
        ]
      ),
    ]
    let ours = [
      "CEL", "SagaCore", "SagaFiles", "SagaGenerator", "SagaRuntime", "SagaSQLite", "SagaSQLiteFaults",
      "SagaSimulation", "SagaTesting", "SagaPrometheus", "SagaConfiguration", "CSQLite",
    ]
    let folders = SourceTree.swiftFiles(below: "Sources").map { $0.path.split(separator: "/").prefix(2) }
    #expect(Set(folders.map { $0.joined(separator: "/") }) == Set(allowed.map(\.folder)))
    for (folder, modules) in allowed {
      for file in SourceTree.swiftFiles(below: folder) {
        for module in ours where !modules.contains(module) && "\(folder)" != "Sources/\(module)" {
          let imports = file.code.contains { $0.hasSuffix("import \(module)") }
          #expect(
            !imports, "\(file.path) imports \(module); dependencies run CEL ← SagaCore ← SagaRuntime ← SagaSQLite")
        }
      }
    }
  }
}
