import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Modelled participants")
struct ModelledParticipantsTests {
  static let start = Timestamp(milliseconds: 1_700_000_000_000)

  func participants(_ outcomes: String, undo: String = #"[{ "reply": "Undone" }]"#) throws -> ModelledParticipants {
    let text = #"{ "seed": 7, "participants": { "p": { "Do": \#(outcomes), "Undo": \#(undo) } } }"#
    return ModelledParticipants(scenario: try Scenario(source: Array(text.utf8), file: "test.json"))
  }

  func command(_ type: String = "Do", id: String = "c1", key: String = "k1", undoes: String? = nil) -> CloudEvent {
    var event = CloudEvent(id: id, source: "/sagas/s/1", type: type)
    event.time = ModelledParticipantsTests.start.rfc3339
    event.idempotencykey = key
    event.undoes = undoes
    event.data = .object(JSONObject())
    return event
  }

  @Test("an undo that comes before its action leaves a tombstone, and the action that comes late is not done")
  func tombstone() throws {
    var participants = try participants(#"[{ "reply": "Done" }]"#)
    let now = ModelledParticipantsTests.start
    let undone = try participants.receive(command("Undo", id: "u1", key: "u", undoes: "k1"), destination: "p", now: now)
    #expect(undone.map(\.event.type) == ["Undone"])
    #expect(try participants.receive(command(), destination: "p", now: now).isEmpty, "refused, without a word")
    let entries = participants.takeEntries()
    #expect(entries.map(\.effect) == [.tombstone])
    #expect(entries.map(\.undoes) == ["k1"])
    var other = try self.participants(#"[{ "reply": "Done" }]"#)
    _ = try other.receive(command(), destination: "p", now: now)
    _ = try other.receive(command("Undo", id: "u1", key: "u", undoes: "k1"), destination: "p", now: now)
    #expect(other.takeEntries().map(\.effect) == [.done, .undid])
  }

  @Test("a tombstone outlives the process that left it")
  func tombstoneInLedger() throws {
    var first = try participants(#"[{ "reply": "Done" }]"#)
    let now = ModelledParticipantsTests.start
    _ = try first.receive(command("Undo", id: "u1", key: "u", undoes: "k1"), destination: "p", now: now)
    let lines = first.takeEntries().map(\.json)
    let text = #"{ "participants": { "p": { "Do": [{ "reply": "Done" }], "Undo": [{ "reply": "Undone" }] } } }"#
    var second = ModelledParticipants(
      scenario: try Scenario(source: Array(text.utf8), file: "test.json"),
      entries: lines.compactMap { LedgerEntry(json: $0) })
    #expect(try second.receive(command(), destination: "p", now: now).isEmpty)
    #expect(second.takeEntries().isEmpty)
  }

  @Test(
    "a command whose delivery fails for a time is tried ever later until it gets through, and nothing is done before")
  func fails() throws {
    let participants = try participants(#"[{ "reply": "Done", "delivery": "fails", "for": "10s" }]"#)
    func fault(_ milliseconds: Int64, attempts: Int64) -> DeliveryResult.Outcome? {
      let now = ModelledParticipantsTests.start.advanced(byMilliseconds: milliseconds)
      return participants.fault(of: command(), destination: "p", attempts: attempts, now: now)
    }
    func failed(at milliseconds: Int64) -> DeliveryResult.Outcome {
      .failed(
        retryAt: ModelledParticipantsTests.start.advanced(byMilliseconds: milliseconds), reason: "p cannot be reached")
    }
    #expect(fault(0, attempts: 0) == failed(at: 1_000))
    #expect(fault(1_000, attempts: 1) == failed(at: 3_000))
    #expect(fault(3_000, attempts: 2) == failed(at: 7_000))
    #expect(fault(7_000, attempts: 3) == failed(at: 10_000), "not after the time at which it gets through")
    #expect(fault(10_000, attempts: 4) == nil)
    var reached = participants
    #expect(try reached.receive(command(), destination: "p", now: ModelledParticipantsTests.start).count == 1)
  }

  @Test("what never gets through is tried once a minute in the end; what is refused is refused; what is down stops all")
  func forGood() throws {
    let now = ModelledParticipantsTests.start
    let never = try participants(#"[{ "delivery": "fails" }]"#)
    let later = now.advanced(byMilliseconds: 86_400_000)
    #expect(
      never.fault(of: command(), destination: "p", attempts: 40, now: later)
        == .failed(retryAt: later.advanced(byMilliseconds: 60_000), reason: "p cannot be reached"))
    let refused = try participants(#"[{ "delivery": "refused" }]"#)
    #expect(
      refused.fault(of: command(), destination: "p", attempts: 0, now: now) == .refused(reason: "p refuses delivery"))
    let down = try participants(#"[{ "delivery": "unavailable", "for": "500ms", "silent": true }]"#)
    #expect(
      down.fault(of: command(), destination: "p", attempts: 0, now: now)
        == .unavailable(retryAt: now.advanced(byMilliseconds: 500)))
    let fine = try participants(#"[{ "reply": "Done" }]"#)
    #expect(fine.fault(of: command(), destination: "p", attempts: 0, now: now) == nil)
    #expect(fine.fault(of: command(), destination: "elsewhere", attempts: 0, now: now) == nil)
  }

  @Test(
    "a scenario that contradicts itself about delivery is refused where it does",
    arguments: [
      (#"{ "delivery": "broken" }"#, "fails, refused, unavailable"), (#"{ "delivery": true }"#, "fails"),
      (#"{ "reply": "Done", "for": "1s" }"#, "there is none"), (#"{ "delivery": "refused", "for": "1s" }"#, "for good"),
      (#"{ "reply": "Done", "delivery": "fails", "for": "soon" }"#, "duration"),
      (#"{ "delivery": "fails", "for": "1s" }"#, "a `reply`"), ("{}", "a `reply`"),
    ])
  func contradictions(outcome: String, mentioned: String) throws {
    let error = #expect(throws: ScenarioError.self) { try participants("[\(outcome)]") }
    #expect(error?.message.contains(mentioned) == true, "\(error?.message ?? "")")
    #expect(error?.position != nil)
  }
}
