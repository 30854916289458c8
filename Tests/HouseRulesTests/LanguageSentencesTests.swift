import Foundation
import Testing

/// `Fixtures/language-sentences.json`: what the language promises, and the tests that hold it to that.
struct PromiseList: Decodable {
  struct Promise: Decodable {
    var section: String
    var says: String
    /// The beginning of the clause, as it stands where it is promised.
    var anchor: String
    /// Suite → sentences of its tests.
    var tests: [String: [String]]
    /// Definitions in `Fixtures/definitions/invalid` that a test finds by itself.
    var fixtures: [String]?
  }

  var sections: [String]
  var promises: [Promise]

  static let path = "Fixtures/language-sentences.json"
  static func read() throws -> PromiseList {
    try JSONDecoder().decode(PromiseList.self, from: Data(SourceTree.text(path).utf8))
  }
}

@Suite("The promises of the language")
struct LanguageSentencesTests {
  /// The contract of the language, where it lies beside the repository or in `SAGA_SHARED`.
  static let contract: URL = {
    let folder =
      ProcessInfo.processInfo.environment["SAGA_SHARED"].map { URL(fileURLWithPath: $0) }
      ?? SourceTree.root.deletingLastPathComponent().appendingPathComponent("shared")
    return folder.appendingPathComponent("LANGUAGE.md")
  }()

  static var isPresent: Bool { FileManager.default.fileExists(atPath: contract.path) }

  @Test("are each held by tests that exist")
  func tests() throws {
    let known = TestIndex.read()
    #expect(known.count > 400, "the tests are found")
    for promise in try PromiseList.read().promises {
      #expect(!promise.tests.isEmpty, "nothing holds: \(promise.says)")
      for (suite, sentences) in promise.tests {
        #expect(!sentences.isEmpty, "nothing holds: \(promise.says)")
        for sentence in sentences where !known.contains(TestIndex.Entry(suite: suite, sentence: sentence)) {
          Issue.record("\(PromiseList.path): suite \"\(suite)\" has no test \"\(sentence)\" (for: \(promise.says))")
        }
      }
      for fixture in promise.fixtures ?? [] {
        let path = SourceTree.root.appendingPathComponent("Fixtures/definitions/invalid/\(fixture)").path
        #expect(FileManager.default.fileExists(atPath: path), "\(fixture) is missing (for: \(promise.says))")
      }
    }
  }

  @Test("are short, and each is listed once")
  func shape() throws {
    let list = try PromiseList.read()
    for promise in list.promises {
      #expect(list.sections.contains(promise.section))
      #expect(promise.anchor.count <= 60 && promise.anchor.count >= 10, "\(promise.anchor)")
    }
    #expect(Set(list.promises.map(\.says)).count == list.promises.count)
    #expect(Set(list.promises.map { $0.section + $0.anchor }).count == list.promises.count)
  }

  @Test(
    "leave out no sentence, and name none that is not there",
    .enabled(if: isPresent, "left out: ../shared/LANGUAGE.md is not here"))
  func sentences() throws {
    let list = try PromiseList.read()
    let text = try String(contentsOf: LanguageSentencesTests.contract, encoding: .utf8)
    for section in list.sections {
      let sentences = ContractText.sentences(of: section, in: text)
      #expect(sentences.count > 5, "section \(section) is read")
      let anchors = list.promises.filter { $0.section == section }.map(\.anchor)
      for sentence in sentences where !anchors.contains(where: sentence.contains) {
        Issue.record("no promise covers this sentence of \(section): \(sentence)")
      }
      for anchor in anchors where !sentences.contains(where: { $0.contains(anchor) }) {
        Issue.record("no sentence of \(section) has this anchor: \(anchor)")
      }
    }
  }

  @Test("are looked for in tests of suites with and without a name, with types between and extensions behind")
  func index() {
    let text = """
      @Suite("Named \\"so\\"")
      struct First {
        struct Helper {}
        @Test("one") func a() {}
        @Test(
          "two", arguments: [1]) func b() {}
      }
      @Suite struct Second {
        @Test("three") func c() {}
      }
      extension First {
        @Test("four") func d() {}
      }
      """
    let found = TestIndex.entries(in: text).map { "\($0.suite): \($0.sentence)" }
    #expect(found == ["Named \"so\": one", "Named \"so\": two", "Second: three", "Named \"so\": four"])
  }

  @Test("are found in prose, lists and tables, without examples and headings")
  func reading() {
    let text = """
      # Title
      ## One
      First sentence here. Second one
      goes on, in `a. b`.

      ```json
      { "no": "sentence. at all" }
      ```
      - **Bold.** A third: with parts; and more.
      | | when |
      |---|---|
      | row | cell. still the row |
      ## Two
      Elsewhere.
      """
    #expect(
      ContractText.sentences(of: "One", in: text) == [
        "First sentence here.", "Second one goes on, in `a. b`.", "A third: with parts; and more.",
        "| row | cell. still the row |",
      ])
  }
}
