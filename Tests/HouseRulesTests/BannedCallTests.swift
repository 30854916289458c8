import Testing

/// Calls that would make the same input give another result: time, chance and scheduling come in as values.
@Suite("The deterministic parts")
struct BannedCallTests {
  struct Ban: Sendable, CustomTestStringConvertible {
    var words: [String]
    var instead: String
    var testDescription: String { words[0] }
  }

  /// Pure: the same input gives the same result on every machine.
  static let folders = ["Sources/CEL", "Sources/SagaCore", "Sources/SagaGenerator", "Sources/SagaSimulation"]

  static let bans = [
    Ban(
      words: ["Date()", "Date.now", "ContinuousClock", "SuspendingClock"], instead: "time is an input: take a Timestamp"
    ),
    Ban(words: ["UUID()"], instead: "ids are derived: HashBuilder over what names the thing"),
    Ban(
      words: [".random(", ".randomElement", ".shuffled", ".shuffle(", "SystemRandomNumberGenerator"],
      instead: "chance is an input: a hash of a seed and a name (HashBuilder)"),
    Ban(
      words: ["Task {", "Task.detached", "Task.init"],
      instead: "the core is synchronous; background work lives in the shell's run()"),
    Ban(words: ["Task.sleep", "Thread.sleep", "usleep("], instead: "a wait is a timer effect; the shell sleeps"),
    Ban(
      words: ["import Dispatch", "DispatchQueue", "DispatchSemaphore"], instead: "no threads here; the shell owns them"),
    Ban(
      words: ["String(format:", "DateFormatter", "NumberFormatter", "Locale", ".formatted(", ".localized"],
      instead: "text without a locale: write it by hand, as TimestampText and NumberText do"),
  ]

  @Test("call nothing that depends on the moment or the machine", arguments: bans)
  func banned(ban: Ban) {
    for file in BannedCallTests.folders.flatMap(SourceTree.swiftFiles(below:)) {
      for (number, line) in file.code.enumerated() {
        for word in ban.words where line.contains(word) {
          Issue.record("\(file.path):\(number + 1): `\(word)` is banned here; \(ban.instead)")
        }
      }
    }
  }

  @Test("are found where the rule looks for them")
  func found() {
    for folder in BannedCallTests.folders {
      #expect(SourceTree.swiftFiles(below: folder).count > 10, "\(folder)")
    }
  }

  @Test("do without Foundation, except for the time zones")
  func foundation() {
    let exceptions = ["Sources/CEL/Library/TimeZones.swift"]
    for file in ["Sources/CEL", "Sources/SagaCore", "Sources/SagaGenerator"].flatMap(SourceTree.swiftFiles(below:)) {
      let imports = file.code.contains { $0.contains("import Foundation") }
      guard imports, !exceptions.contains(file.path) else { continue }
      Issue.record(
        "\(file.path) imports Foundation; the standard library and SagaCore's own text and hash types serve here")
    }
  }

  @Test("are read without comments and literals")
  func code() {
    let file = SourceFile(
      path: "x.swift",
      text: #"let a = "Date()" // Date()"#
        + "\n/* UUID()\nUUID() */ let b = 1\nlet c = \"\"\"\n  Date()\n  \"\"\"; let d = Date()")
    #expect(file.code == ["let a =  ", "", " let b = 1", "let c = ", "", "; let d = Date()"])
  }
}
