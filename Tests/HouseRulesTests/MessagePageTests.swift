import Foundation
import SagaCore
import Testing

/// `docs/messages.md` shows what a machine makes of the definition in the README, byte for byte.
@Suite("The page on messages")
struct MessagePageTests {
  private static func blocks(_ path: String) throws -> [String] {
    try SourceTree.text(path).components(separatedBy: "```json\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
  }

  /// What begins the saga, the command, the reply and the event.
  private static func messages() throws -> [CloudEvent] {
    try blocks("docs/messages.md").map { try CloudEvent.decode(Array($0.utf8)) }
  }

  private static func text(_ event: CloudEvent) -> String { String(decoding: event.encode(), as: UTF8.self) }

  private static func machine() throws -> Machine {
    let source = try #require(try blocks("README.md").first)
    return try #require(LoadedDefinition.load(source: Array(source.utf8), file: "README.md").machines.first)
  }

  @Test("shows the messages that the README's saga takes and sends, with every attribute")
  func shown() throws {
    let shown = try Self.messages()
    try #require(shown.count == 4)
    let machine = try Self.machine()
    let begun = try #require(shown[0].timestamp)
    let start = machine.start(
      try machine.normalise(shown[0]), key: "t-1", context: DecisionContext(now: begun, epoch: 1))
    guard case .started(let first) = start else {
      Issue.record("the first message begins nothing: \(start)")
      return
    }
    #expect(first.outgoing.map { Self.text($0.event) } == [Self.text(shown[1])])
    let answered = try #require(shown[2].timestamp)
    let second = machine.advance(
      first.instance, .message(try machine.normalise(shown[2])), context: DecisionContext(now: answered, epoch: 1))
    #expect(second.outcome == .handled)
    #expect(second.outgoing.map { Self.text($0.event) } == [Self.text(shown[3])])
  }

  @Test("says of every attribute that an example has who sets it and what an answer does with it")
  func attributes() throws {
    let page = try SourceTree.text("docs/messages.md")
    let heads = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
      .compactMap { $0.split(separator: "|").first }.joined()
    for event in try Self.messages() {
      for (name, _) in event.json.objectValue ?? [:] { #expect(heads.contains("`\(name)`"), "\(name)") }
    }
  }
}
