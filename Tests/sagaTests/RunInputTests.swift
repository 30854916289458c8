import Foundation
import SagaCore
import SagaRuntime
import Synchronization
import TestSupport
import Testing

@testable import saga

@Suite("The input of a run") struct RunInputTests {
  private let world: CommandLineWorld
  init() throws { world = try CommandLineWorld.withOrders() }

  private func letters() throws -> [JSON] { try world.saga("dlq", "list", "--db", "orders.db", "--json").json() }

  @Test("is no database and no JSON over several lines: the file is named, and nothing of it is taken")
  func noMessages() throws {
    try world.saga("backup", "--db", "orders.db", "copy.db").expectDone()
    try world.write("list.json", "\n [\r\n" + CommandLineWorld.order("more", key: "more") + "\n]\n")
    let before = try letters()
    try world.runOrders("orders.db").expectRefusal(
      2, mentioning: "--input orders.db", "--db orders.db", "another file")
    try world.runOrders("copy.db").expectRefusal(3, mentioning: "copy.db: is a SQLite database", "another file")
    for file in ["orders.json", "list.json"] {
      try world.runOrders(file).expectRefusal(3, mentioning: "\(file): its first line is no message", "JSON Lines")
    }
    #expect(try letters() == before)
  }

  @Test("may have a lone brace behind a message, which is a dead letter like any other bad line")
  func laterBrace() throws {
    try world.write("mixed.jsonl", CommandLineWorld.order("more", key: "more") + "\n{\n")
    let result = try world.runOrders("mixed.jsonl")
    result.expectDone()
    let summary = try JSONParser.parse(Array(result.errors.utf8.dropLast()))
    #expect(summary["started"] == 1 && summary["dead-lettered"] == 1)
  }

  @Test("is opened before a database is made")
  func unopened() throws {
    let run = ["run", "--db", "new.db", "--definitions", "orders.json", "--input"]
    try world.saga(run + ["none.jsonl"]).expectRefusal(3, mentioning: "none.jsonl: the input cannot be opened")
    try world.folder.makeFolder("folder")
    try world.saga(run + ["folder"]).expectRefusal(3, mentioning: "folder: is a directory")
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("new.db")))
  }

  @Test("is missed where there is none and nothing was due, unless a program reads the summary")
  func missing() throws {
    let run = ["run", "--db", "new.db", "--definitions", "orders.json"]
    let hint = "no --input: only what is due is done\n"
    let bare = try world.saga(run)
    bare.expectDone()
    #expect(bare.errors == "0 lines in, 0 messages out\n" + hint)
    #expect(try !world.saga(run + ["--json"]).errors.contains(hint))
    try world.write("none.jsonl", "")
    #expect(try !world.saga(run + ["--input", "none.jsonl"]).errors.contains(hint))
  }
}

@Suite("The room for lines that wait") struct InputRoomTests {
  /// Whether a line was let in, once that is known.
  private final class Answer: Sendable {
    private let isIn = Mutex<Bool?>(nil)

    var value: Bool? { isIn.withLock { $0 } }

    func set(_ value: Bool) { isIn.withLock { $0 = value } }
  }

  /// A line that comes on a thread of its own.
  private func arriving(_ bytes: Int, in room: InputRoom) -> Answer {
    let answer = Answer()
    let thread = Thread { answer.set(room.enter(bytes)) }
    thread.start()
    return answer
  }

  @Test("takes no more bytes than it has, and any single line")
  func bytes() async throws {
    let room = InputRoom(maximumBytes: 10)
    #expect(room.enter(1000), "nothing else waits")
    room.leave(1000)
    #expect(room.enter(4))
    #expect(room.enter(6))
    let answer = arriving(1, in: room)
    try await Task.sleep(for: .milliseconds(20))
    #expect(answer.value == nil && room.waitingBytes == 10)
    room.leave(4)
    try await eventually("the line is let in") { answer.value == true }
    #expect(room.waitingBytes == 7)
  }

  @Test("turns away whoever waits when it is closed")
  func closed() async throws {
    let room = InputRoom(maximumBytes: 10)
    #expect(room.enter(10))
    let answer = arriving(1, in: room)
    room.close()
    try await eventually("the line is turned away") { answer.value == false }
    #expect(!room.enter(1))
    #expect(room.waitingBytes == 10)
  }

  @Test("keeps a reader from running ahead, and no line is lost")
  func reader() throws {
    let folder = try Folder()
    let lines = (0..<40).map { String(repeating: "x", count: 90 + $0) }
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: folder.path("in.jsonl")))
    let mailbox = Mailbox<RunInput>(capacity: 4096)
    let room = InputRoom(maximumBytes: 300)
    InputReader(mailbox: mailbox, room: room).start(try InputFile(path: folder.path("in.jsonl")))
    var taken: [String] = []
    var hasEnded = false
    while !hasEnded {
      // Three lines, and the end.
      #expect(mailbox.count <= 4)
      #expect(room.waitingBytes <= 300)
      let items = mailbox.take(limit: 2, waitMilliseconds: 60_000)
      try #require(!items.isEmpty, "the reader waits for room that there is")
      for item in items {
        switch item {
        case .line(let bytes):
          taken.append(String(decoding: bytes, as: UTF8.self))
          room.leave(bytes.count)
        case .endOfInput: hasEnded = true
        case .failed, .request, .stop: Issue.record("\(item)")
        }
      }
    }
    #expect(taken == lines)
  }
}
