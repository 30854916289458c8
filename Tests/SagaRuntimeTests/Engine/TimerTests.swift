import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Timers")
struct TimerTests {
  @Test("fire when they are due, once, over a restart and folded or not", arguments: [false, true])
  func fires(folded: Bool) throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    if folded { try world.fold() }
    try world.restart()
    #expect(try world.settle().nextDue == world.now.advanced(byMilliseconds: 3_600_000))
    try world.pass(3_599)
    #expect(try world.sentTypes().isEmpty)
    try world.pass(1)
    #expect(try world.sentTypes() == ["Reminder"])
    try world.pass(1)
    try world.restart()
    try world.settle()
    #expect(try world.sentTypes() == ["Reminder"])
    #expect(world.contents.journal.last { $0.kind == .timer }?.revision == 2)
  }

  @Test("of a state that was left do not fire")
  func left() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    try world.fold()
    try world.offer("2", "Paid", ["id": "p"])
    #expect(try world.settle().nextDue == world.now.advanced(byMilliseconds: 7_200_000))
    try world.pass(3_600)
    #expect(try world.sentTypes() == ["Receipt"])
    try world.pass(3_600)
    #expect(try world.sentTypes() == ["Receipt", "PackingOverdue"])
  }

  @Test("of states that were left are looked at once, however many there are and whatever comes next")
  func manyLeft() throws {
    let world = try World([Definitions.parcel])
    for index in 0..<400 { try world.offer("open-\(index)", "Opened", ["id": .string("k\(index)")]) }
    try world.fold()
    try world.restart()
    for index in 0..<400 {
      try world.offer("pay-\(index)", "Paid", ["id": .string("k\(index)")])
      let due: Int64 = index < 399 ? 3_600_000 : 7_200_000
      #expect(try world.settle().nextDue == world.now.advanced(byMilliseconds: due))
    }
    #expect(world.store.wakesRead < 400 * 8)
    try world.fold()
    #expect(try world.settle().nextDue == world.now.advanced(byMilliseconds: 7_200_000))
    try world.pass(7_200)
    #expect(try world.sentTypes().filter { $0 == "PackingOverdue" }.count == 400)
    #expect(try world.sentTypes().filter { $0 == "Reminder" }.isEmpty)
  }

  @Test("fire in the order they were due, across memory and the store")
  func order() throws {
    let world = try World([Definitions.parcel]) { $0.timerPage = 3 }
    let keys = (0..<20).map { "k\($0)" }
    for (index, key) in keys.enumerated() {
      try world.offer("open-\(key)", "Opened", ["id": .string(key)])
      if index == 9 { try world.fold() }
      world.now = world.now.advanced(byMilliseconds: 1000)
    }
    try world.restart()
    try world.pass(7_000)
    #expect(try world.sentTypes().count == 20)
    let fired = world.contents.journal.filter { $0.kind == .timer }.map(\.instance)
    let born = world.contents.journal.filter { $0.revision == 1 }.map(\.instance)
    #expect(fired == born)
  }

  @Test("fire at their own time when the clock is that of the events, chains included")
  func eventClock() throws {
    let world = try World([Definitions.order]) { $0.clock = .events }
    try world.offer("1", "OrderPlaced", ["orderId": "o", "totalCents": 5])
    let start = world.now
    try world.pass(3_600)
    let rows = world.contents.journal.filter { $0.kind == .timer }
    let seconds = rows.map { $0.at.milliseconds(since: start) / 1000 }
    #expect(seconds.first == 30)
    #expect(seconds == seconds.sorted())
    #expect(seconds.count > 3)
    #expect((seconds.last ?? .max) < 3_600)
  }

  @Test("wait for an operator after the clock jumped")
  func heldClock() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    world.engine.holdClock()
    world.now = world.now.advanced(byMilliseconds: 7_200_000)
    let report = try world.engine.tick(now: world.now)
    #expect(report.isClockHeld && report.firedTimers == 0)
    #expect(try world.engine.operate(.confirmClock(by: "ann", reason: "checked"), now: world.now) == .done)
    #expect(try world.engine.tick(now: world.now).firedTimers == 1)
  }

  private func confirmClock(_ world: World) throws -> OperatorReply {
    try world.engine.operate(.confirmClock(by: "ann", reason: "checked"), now: world.now)
  }

  @Test(
    "set by a clock that was far ahead begin anew when an operator has confirmed the clock, in a process that saw it come back or in the next",
    arguments: [false, true])
  func clockAhead(isRestarted: Bool) throws {
    let world = try World([Definitions.parcel])
    let right = world.now
    world.now = right.advanced(byMilliseconds: 1000 * 86_400_000)
    try world.offer("1", "Opened", ["id": "p"])
    try world.offer("2", "Opened", ["id": "q"])
    try world.fold()
    try world.offer("3", "Paid", ["id": "q"])
    world.now = right
    world.engine.holdClock()
    if isRestarted { try world.restart() }
    // Work goes on and is folded; the next process has to know all the same, also after a crash of the one that is told.
    try world.offer("4", "Opened", ["id": "r"])
    try world.fold()
    if isRestarted { try world.restart() }
    try world.pass(7_200)
    #expect(try world.settle().isClockHeld)
    #expect(try world.sentTypes() == ["Receipt"])
    if isRestarted {
      world.store.failures = [nil, .outcomeUnknown(World.Unloadable(text: "the power went"))]
      #expect(throws: EngineError.self) { try confirmClock(world) }
      try world.restart()
      #expect(try world.settle().isClockHeld)
    }
    #expect(try confirmClock(world) == .done)
    if isRestarted { try world.restart() }
    #expect(try !world.settle().isClockHeld)
    try world.pass(3_600)
    #expect(try world.sentTypes() == ["Receipt", "Reminder", "Reminder"], "of r, whose time had come, and of p")
    try world.pass(3_600)
    #expect(try world.sentTypes() == ["Receipt", "Reminder", "Reminder", "PackingOverdue"])
  }

  @Test("of a saga that was paused when the clock was confirmed begin anew when it goes on")
  func clockAheadAndPaused() throws {
    let world = try World([Definitions.parcel])
    let right = world.now
    world.now = right.advanced(byMilliseconds: 1000 * 86_400_000)
    world.engine.holdClock()
    try world.offer("1", "Opened", ["id": "p"])
    let address = InstanceAddress(saga: "parcel", role: "desk", key: "p")
    func operate(_ verb: Operation.Verb) throws -> OperatorReply {
      try world.engine.operate(.instance(address, Operation(verb: verb, by: "ann", reason: "")), now: world.now)
    }
    #expect(try operate(.pause) == .done)
    world.now = right
    #expect(try confirmClock(world) == .done)
    #expect(try operate(.resume) == .done)
    try world.pass(3_600)
    #expect(try world.sentTypes() == ["Reminder"])
    try world.pass(30 * 86_400)
    #expect(try world.state("p") == "lost", "by the deadline of the whole saga")
  }

  @Test("are fired by a clock that had been far behind, and is right again, when they are due")
  func clockBehind() throws {
    let world = try World([Definitions.parcel])
    let right = world.now
    try world.offer("1", "Opened", ["id": "p"])
    // The machine has lost its time, and the service starts before somebody tells it.
    world.now = right.advanced(byMilliseconds: -1000 * 86_400_000)
    try world.restart()
    #expect(try world.settle().isClockHeld)
    world.now = right.advanced(byMilliseconds: 60_000)
    #expect(try confirmClock(world) == .done)
    try world.settle()
    #expect(try world.sentTypes().isEmpty, "a timer of an hour is no earlier than that")
    try world.pass(3_540)
    #expect(try world.sentTypes() == ["Reminder"])
  }

  @Test("never see time go back a little")
  func smallStep() throws {
    let world = try World([Definitions.parcel])
    try world.offer("1", "Opened", ["id": "p"])
    let first = world.now
    world.now = first.advanced(byMilliseconds: -60_000)
    try world.offer("2", "Paid", ["id": "p"])
    #expect(world.contents.journal.map(\.at) == [first, first])
  }

  @Test("never see time go back a little by a restart, either, when it had come back from far ahead before")
  func smallStepAndRestart() throws {
    let world = try World([Definitions.parcel])
    let right = world.now
    world.now = right.advanced(byMilliseconds: 90_000_000)
    try world.offer("1", "Opened", ["id": "p"])
    world.now = right
    try world.offer("2", "Paid", ["id": "p"])
    world.now = right.advanced(byMilliseconds: -480_000)
    try world.restart()
    try world.offer("3", "Opened", ["id": "q"])
    try world.settle()
    #expect(world.contents.journal.map(\.at).dropFirst().allSatisfy { $0 >= right })
  }
}
