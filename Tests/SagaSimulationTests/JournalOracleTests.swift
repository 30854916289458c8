import SagaCore
import Testing

@testable import SagaRuntime
@testable import SagaSimulation

/// What the oracles that read a journal by its facts make of journals that no engine writes.
@Suite("Oracles of a journal's facts")
struct JournalOracleTests {
  private let start = Timestamp(milliseconds: 1_767_225_600_000)

  /// Rows of one instance of `two-stages`: when, by which timer, and what it tells.
  private typealias Told = (milliseconds: Int64, timer: TimerFiring?, facts: [Fact])

  private func row(_ told: Told, _ number: Int) -> JournalRow {
    JournalRow(
      sequence: JournalSequence(number), at: start.advanced(byMilliseconds: told.milliseconds),
      kind: told.timer == nil ? .message : .timer, slot: Slot(value: 0), instance: 1, revision: Int64(number),
      input: told.timer.map { InputRecord.timer($0).encode() }, decided: [])
  }

  private func violation(_ rows: [Told]) throws -> Violation? {
    let file = "Fixtures/definitions/simulated/two-stages.json"
    let loaded = LoadedDefinition.load(source: try Repository.read(file), file: file)
    let delays = RoleDelays(try #require(loaded.definition?.roles.first))
    var timekeeping = Timekeeping()
    do {
      for (index, told) in rows.enumerated() {
        try timekeeping.enter(row(told, index + 1), told.facts, of: 1, key: "s-1", delays, "taking")
      }
    } catch let violation as Violation { return violation }
    return nil
  }

  private let timeout = TimerFiring(timer: .call(0), armedRevision: 1)

  @Test("A timeout comes when its time is over, and not for what was answered")
  func timeouts() throws {
    let called: Told = (0, nil, [.entered(state: "working"), .called(step: "take", attempt: 1, type: "Take")])
    let timedOut: [Fact] = [.timedOut(step: "take", attempt: 1)]
    #expect(try violation([called, (30_000, timeout, timedOut)]) == nil)
    #expect(try violation([called, (29_999, timeout, timedOut)])?.oracle == "timer")
    let answered: Told = (500, nil, [.replied(step: "take", type: "Taken")])
    #expect(try violation([called, answered, (30_000, timeout, timedOut)])?.oracle == "timer")
  }

  @Test("The next attempt waits for its pause, unless an operator asks for it")
  func pauses() throws {
    let first: [Told] = [
      (0, nil, [.entered(state: "working"), .called(step: "take", attempt: 1, type: "Take")]),
      (
        30_000, timeout,
        [.timedOut(step: "take", attempt: 1), .retrying(step: "take", attempt: 2, delayMilliseconds: 1_000)]
      ),
    ]
    func second(after milliseconds: Int64) -> Told {
      (
        30_000 + milliseconds, TimerFiring(timer: .call(0), armedRevision: 2),
        [.called(step: "take", attempt: 2, type: "Take")]
      )
    }
    #expect(try violation(first + [second(after: 1_000)]) == nil)
    #expect(try violation(first + [second(after: 999)])?.oracle == "timer")
    let asked: Told = (30_100, nil, [.operated(verb: "retry", by: "operator", reason: "")])
    #expect(try violation(first + [asked, second(after: 101)]) == nil)
  }

  @Test("A pause is as long as the definition says, twice as long before each further attempt, and a minute at most")
  func lengths() throws {
    func pause(_ milliseconds: Int64, before attempt: Int64) throws -> String? {
      try violation([
        (
          0, nil,
          [.entered(state: "working"), .retrying(step: "take", attempt: attempt, delayMilliseconds: milliseconds)]
        )
      ])?.oracle
    }
    for (attempt, length) in [(2, 1_000), (3, 2_000), (4, 4_000), (20, 60_000)] as [(Int64, Int64)] {
      #expect(try pause(length, before: attempt) == nil)
      #expect(try pause(length * 2, before: attempt) == "timer")
      #expect(try pause(length / 2, before: attempt) == "timer")
    }
  }

  @Test("An `after` waits for as long as its definition says")
  func afters() throws {
    func rows(_ milliseconds: Int64) -> [Told] {
      [
        (0, nil, [.entered(state: "taken")]),
        (milliseconds, TimerFiring(timer: .state(index: 0), armedRevision: 1), [.timerFired(name: "1h")]),
      ]
    }
    #expect(try violation(rows(3_600_000)) == nil)
    #expect(try violation(rows(3_599_999))?.oracle == "timer")
  }

  @Test("After a pivot no undo begins that had not begun before it, but below a `try`")
  func pivots() throws {
    func check(_ facts: [Fact], tried: Set<String> = []) throws {
      var record = PivotRecord()
      for (index, fact) in facts.enumerated() {
        try record.enter(row((0, nil, []), index + 1), [fact], of: 1, key: "s-1", tried: tried, "taking")
      }
    }
    let undo = Fact.undoing(step: "take", attempt: 1, type: "GiveBack")
    try check([undo, .pivoted(step: "wrap"), undo])
    try check([.pivoted(step: "wrap"), undo], tried: ["take"])
    #expect(throws: Violation.self) { try check([.pivoted(step: "wrap"), undo]) }
  }
}
