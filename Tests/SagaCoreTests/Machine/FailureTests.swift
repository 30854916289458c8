import Testing

@testable import SagaCore

@Suite("`saga.failure` and the statuses")
struct FailureTests {
  static let told =
    #""Compensated": { "reason": "saga.failure.reason", "step": "saga.failure.step", "kind": "saga.failure.kind", "time": "string(saga.failure.time)" }"#

  func play() throws -> Play {
    let definition = Sagas.steps(
      "\(Sagas.call("A")), \(Sagas.call("B", undo: false))", calls: "AB", more: ["Cancel"],
      extra:
        #""on": { "Cancel": { "compensate": "'cancelled'" } }, "after": { "10s": { "compensate": "'too late'" } },"#
    ).replacing(
      #""Compensated": { "reason": "saga.failure.reason", "kind": "saga.failure.kind" }"#, with: FailureTests.told)
    let play = try Play(definition)
    try play.start("Go", ["k": "1"])
    try play.reply(to: "DoA", "DoneA")
    return play
  }

  @Test(
    "has the reason, the step, the kind and the time of what went wrong first",
    arguments: ["business", "unknown", "cancelled", "deadline", "operator"])
  func kinds(kind: String) throws {
    let play = try play()
    play.wait(3_000)
    var milliseconds: Int64 = 3_000
    var (reason, step) = ("", "")
    switch kind {
    case "business":
      try play.reply(to: "DoB", "NoB")
      (reason, step) = ("no B", "stepB")
    case "cancelled":
      try play.send("Cancel")
      reason = "cancelled"
    case "operator":
      play.operate(.cancel, reason: "fraud")
      reason = "fraud"
    case "deadline":
      play.wait(7_000)
      milliseconds = 10_000
      reason = "too late"
    default:
      for _ in 0..<2 {
        let key = try #require(play.last("DoB")?.idempotencykey)
        play.input(.undeliverable(idempotencyKey: key, reason: "no route"))
        if play.count("DoB") == 1 { play.wait(1_000) }
      }
      milliseconds = 4_000
      (reason, step) = ("could not be delivered: no route", "stepB")
    }
    let start = play.instance.startedAt
    #expect(play.instance.failure?.kind.rawValue == kind)
    // A later one does not take its place.
    _ = play.operate(.cancel, reason: "another")
    while play.status != .compensated {
      if play.last("UndoA") != nil { try play.reply(to: "UndoA", "UndoneA") } else { play.wait(30_000) }
    }
    #expect(
      play.data("Compensated") == [
        [
          "reason": .string(reason), "step": .string(step), "kind": .string(kind),
          "time": .string(moment(start.advanced(byMilliseconds: milliseconds))),
        ]
      ])
  }

  /// As CEL writes a whole second.
  func moment(_ time: Timestamp) -> String { time.rfc3339.replacing(".000Z", with: "Z") }

  @Test("are running, compensating, completed, compensated and stuck; paused is a flag over the open ones")
  func statuses() throws {
    #expect(
      [1, 2, 3, 4, 5].compactMap { InstanceStatus(rawValue: $0)?.name } == [
        "running", "compensating", "completed", "compensated", "stuck",
      ])
    #expect(InstanceStatus(rawValue: 6) == nil)
    let running = try play()
    let compensating = try play()
    try compensating.send("Cancel")
    compensating.wait(30_000)
    let stuck = try play()
    try stuck.reply(to: "DoB", "NoB")
    try stuck.reply(to: "UndoA", "NotUndoneA")
    for (play, status) in [(running, InstanceStatus.running), (compensating, .compensating), (stuck, .stuck)] {
      #expect(play.operate(.pause) == .handled)
      #expect(play.status == status && play.instance.isPaused)
      #expect(play.operate(.resume) == .handled)
      #expect(play.status == status && !play.instance.isPaused)
    }
    try stuck.reply(to: "UndoA", "UndoneA")
    guard case .refused(let fault) = stuck.operate(.pause) else {
      Issue.record("a final instance cannot be paused")
      return
    }
    #expect(fault.code == "operation.final")
  }
}
