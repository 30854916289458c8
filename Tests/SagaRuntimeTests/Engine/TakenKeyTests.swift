import SagaCore
import Testing

@testable import SagaRuntime

@Suite("A value that another instance has")
struct TakenKeyTests {
  /// Asks for two hours, and answers to a reference after one, or when nobody can be asked.
  static let definition = """
    {
      "saga": "parcel", "version": 1,
      "messages": {
        "Opened": { "key": "event.data.id" }, "Closed": { "key": "event.data.id" },
        "Hurried": { "key": "event.data.id" },
        "Answered": { "key": "event.data.id" }, "Declined": { "key": "event.data.id" },
        "Named": { "key": { "ref": "event.data.ref" }, "missing": "1h" }
      },
      "data": { "type": "object", "properties": { "ref": { "type": "string", "default": "" } } },
      "roles": {
        "desk": {
          "start": { "Opened": { "set": { "ref": "event.data.ref" }, "goto": "asking" } },
          "on": { "Closed": { "goto": "closed" } },
          "after": { "3h": { "publish": { "Overdue": { "id": "saga.key" } } } },
          "states": {
            "asking": {
              "do": [ { "step": "ask", "call": "Ask", "to": "office", "with": {},
                        "reply": { "Answered": {}, "Declined": { "fail": "'no'" } },
                        "timeout": "2h", "retry": { "attempts": 3, "delay": "1s" }, "undo": "none" } ],
              "done": { "goto": "closed" }, "failed": { "correlate": { "ref": "data.ref" }, "goto": "named" },
              "on": { "Hurried": { "goto": "hurrying" } },
              "after": { "1h": { "correlate": { "ref": "data.ref" }, "goto": "named" } }
            },
            "hurrying": {
              "do": [ { "set": { "ref": "data.ref" } } ],
              "done": { "correlate": { "ref": "data.ref" }, "goto": "named" }, "failed": { "goto": "closed" }
            },
            "named": { "on": { "Named": { "publish": { "Heard": { "id": "saga.key" } } } } },
            "closed": { "final": "completed" }
          }
        }
      }
    }
    """

  /// Two instances with one reference.
  private func world() throws -> World {
    let world = try World([TakenKeyTests.definition])
    for key in ["a", "b"] { try world.offer("open-\(key)", "Opened", ["id": .string(key), "ref": "x"]) }
    return world
  }

  private func operate(_ world: World, _ verb: Operation.Verb, state: String? = nil) throws -> OperatorReply {
    let address = InstanceAddress(saga: "parcel", role: "desk", key: "b")
    let operation = Operation(verb: verb, by: "ann", reason: "looked into it", state: state)
    return try world.engine.operate(.instance(address, operation), now: world.now)
  }

  private func count(_ type: String, _ world: World) throws -> Int { try world.sentTypes().count { $0 == type } }

  private func expectStuck(_ world: World, in state: String) throws {
    let instance = try #require(try world.instance("b"))
    #expect(instance.status == .stuck)
    #expect(try world.state("b") == state)
    let reason = world.machines[0].problem(of: instance)?.reason ?? ""
    #expect(reason.contains("ref x belongs to the open instance a"), "\(reason)")
    #expect(reason.contains("`retry`"), "\(reason)")
  }

  @Test(
    "makes the instance stuck whose timer claims it: its other timers go on, and `retry` claims it again",
    arguments: [false, true])
  func timer(restarts: Bool) throws {
    let world = try world()
    try world.pass(3_600)
    #expect(try world.state("a") == "named")
    try expectStuck(world, in: "asking")
    #expect(world.engine.staleFirings == 0)
    if restarts {
      try world.fold()
      try world.restart()
    }
    // The call is awaited as before, and asked again.
    try world.pass(3_600)
    try world.pass(1)
    #expect(try count("Ask", world) == 3)
    #expect(try operate(world, .retry) == .done)
    try expectStuck(world, in: "asking")
    #expect(try count("saga.stuck", world) == 2)
    #expect(try world.offer("close-a", "Closed", ["id": "a"]) == .handled)
    #expect(try operate(world, .retry) == .done)
    #expect(try world.state("b") == "named")
    #expect(try world.offer("name", "Named", ["ref": "x"]) == .handled)
    #expect(try count("Heard", world) == 1)
    try world.pass(3_600)
    #expect(try world.sentTypes().last == "Overdue")
    #expect(try world.deadLetters().isEmpty)
  }

  @Test("makes the instance stuck to which a command comes back that cannot be delivered, with the command done")
  func undeliverable() throws {
    let world = try world()
    let asks = try world.engine.takeOutgoing(lane: "output", limit: 100, now: world.now)
    #expect(asks.map(\.type) == ["Ask", "Ask"])
    let results = asks.map {
      DeliveryResult(position: $0.position, outcome: .refused(reason: "no office", isPermanent: true))
    }
    try world.engine.confirm(lane: "output", results, now: world.now)
    #expect(try world.state("a") == "named")
    try expectStuck(world, in: "asking")
    #expect(try world.drain().map(\.type) == ["saga.stuck"])
    #expect(try world.offer("close-a", "Closed", ["id": "a"]) == .handled)
    #expect(try operate(world, .retry) == .done)
    #expect(try world.state("b") == "named")
    #expect(try count("Ask", world) == 2)
  }

  @Test("makes the instance stuck that an operator leads to it; a message that leads there is a dead letter")
  func operation() throws {
    let world = try world()
    #expect(try world.offer("hurry-a", "Hurried", ["id": "a"]) == .handled)
    #expect(try world.state("a") == "named")
    #expect(try world.offer("hurry-b", "Hurried", ["id": "b"]).isDead("key.taken"))
    #expect(try world.instance("b")?.status == .running)
    #expect(try operate(world, .force, state: "hurrying") == .done)
    try expectStuck(world, in: "hurrying")
    #expect(try world.offer("close-a", "Closed", ["id": "a"]) == .handled)
    #expect(try operate(world, .retry) == .done)
    #expect(try world.state("b") == "named")
  }
}
