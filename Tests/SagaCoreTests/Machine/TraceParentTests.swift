import Testing

@testable import SagaCore

@Suite("A saga's trace")
struct TraceParentTests {
  private func parent(trace: Character, span: Character) -> String {
    "00-\(String(repeating: trace, count: 32))-\(String(repeating: span, count: 16))-01"
  }

  private func play() throws -> Play { try Play(Sagas.steps("\(Sagas.call("A")), \(Sagas.call("B"))", calls: "AB")) }

  @Test("is that of the message that started it, in commands that a timeout, a retry or an undo sends too")
  func timers() throws {
    let play = try play()
    play.traceParent = parent(trace: "a", span: "1")
    try play.start("Go", ["k": "1"])
    play.traceParent = nil
    try play.reply(to: "DoA", "DoneA")
    play.wait(40_000)
    #expect(play.count("DoB") == 2, "the call was tried again")
    play.wait(10_000_000)
    #expect(play.count("UndoB") > 0, "what may have been done is undone")
    #expect(Set(play.sent.map(\.event.traceparent)) == [parent(trace: "a", span: "1")])
  }

  @Test("goes on under the span of the message that moved it")
  func causes() throws {
    let play = try play()
    play.traceParent = parent(trace: "a", span: "1")
    try play.start("Go", ["k": "1"])
    play.traceParent = parent(trace: "a", span: "2")
    try play.reply(to: "DoA", "DoneA")
    #expect(play.last("DoB")?.traceparent == parent(trace: "a", span: "2"))
  }

  @Test("is not left for that of a message of another trace")
  func others() throws {
    let play = try play()
    play.traceParent = parent(trace: "a", span: "1")
    try play.start("Go", ["k": "1"])
    play.traceParent = parent(trace: "b", span: "2")
    try play.reply(to: "DoA", "DoneA")
    #expect(play.last("DoB")?.traceparent == parent(trace: "a", span: "1"))
  }
}
