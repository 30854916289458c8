import SagaCore
import Testing

@testable import SagaRuntime

/// From the commit that sends the pivot's command, whatever would leave the state waits for the pivot's outcome.
@Suite("The pivot")
struct PivotTests {
  /// - Parameter behind: more steps, behind the pivot, each with a comma before it.
  private static func shipping(_ behind: String = "") -> String {
    """
    {
      "saga": "shipping", "version": 1,
      "messages": {
        "Go": { "key": "event.data.id" }, "Paid": { "key": "event.data.id" }, "Refunded": { "key": "event.data.id" },
        "Shipped": { "key": "event.data.id" }, "ShipRefused": { "key": "event.data.id" },
        "Told": { "key": "event.data.id" }, "Hold": { "key": "event.data.id" }, "Cancel": { "key": "event.data.id" }
      },
      "roles": {
        "desk": {
          "start": { "Go": { "goto": "work" } },
          "states": {
            "work": {
              "do": [
                { "step": "pay", "call": "Pay", "to": "payments", "with": {}, "reply": { "Paid": {} },
                  "undo": { "call": "Refund", "to": "payments", "with": {}, "reply": { "Refunded": {} } } },
                { "step": "ship", "pivot": true, "call": "Ship", "to": "shipping", "with": {}, "timeout": "1d",
                  "reply": { "Shipped": {}, "ShipRefused": { "fail": "'no'" } } }\(behind)
              ],
              "on": { "Hold": { "goto": "held" } },
              "after": { "1h": { "goto": "held" } },
              "done": { "goto": "shipped" }, "failed": { "goto": "cancelled" }
            },
            "held": { "on": { "Cancel": { "compensate": "'cancelled'", "goto": "cancelled" } } },
            "shipped": { "final": "completed" }, "cancelled": { "final": "compensated" }
          }
        }
      }
    }
    """
  }

  /// A world in which the pivot's command is out.
  private func world(_ behind: String = "") throws -> World {
    let world = try World([PivotTests.shipping(behind)])
    try offer(world, "Go", "Paid")
    return world
  }

  private func offer(_ world: World, _ types: String...) throws {
    for type in types { try world.offer(type, type, ["id": "a"]) }
  }

  private func commands(_ world: World) throws -> [String] {
    try world.sentTypes().filter { ["Pay", "Ship", "Refund"].contains($0) }
  }

  private func status(_ world: World) throws -> InstanceStatus? { try world.instance("a", saga: "shipping")?.status }

  @Test("is not left behind by a plain goto: the message waits, and nothing is undone that was shipped")
  func message() throws {
    let world = try world()
    #expect(try world.offer("h", "Hold", ["id": "a"]) == .deferred)
    try offer(world, "Cancel", "Shipped")
    #expect(try status(world) == .completed)
    #expect(try commands(world) == ["Pay", "Ship"])
  }

  @Test("that is refused lets what waited be late: the saga is undone")
  func refused() throws {
    let world = try world()
    try offer(world, "Hold", "ShipRefused", "Refunded")
    #expect(try status(world) == .compensated)
    #expect(try commands(world) == ["Pay", "Ship", "Refund"])
  }

  @Test("is not left behind by an `after` either")
  func timer() throws {
    let world = try world()
    world.now = world.now.advanced(byMilliseconds: 2 * 3_600_000)
    try world.settle()
    let instance = try #require(try world.instance("a", saga: "shipping"))
    #expect(!instance.pending.isEmpty)
    #expect(instance.status == .running)
    try world.restart()
    try offer(world, "Shipped")
    #expect(try status(world) == .completed)
    #expect(try commands(world) == ["Pay", "Ship"])
  }

  @Test("that has succeeded lets the `after` that waited lead on, though a step behind it is under way")
  func stepBehind() throws {
    let world = try world(
      #", { "step": "tell", "call": "Tell", "to": "customers", "with": {}, "timeout": "1d", "reply": { "Told": {} } }"#)
    world.now = world.now.advanced(byMilliseconds: 2 * 3_600_000)
    try world.settle()
    try offer(world, "Shipped")
    let instance = try #require(try world.instance("a", saga: "shipping"))
    #expect(try world.state("a", saga: "shipping") == "held")
    #expect(instance.pending.isEmpty)
    try offer(world, "Told", "Cancel")
    #expect(try commands(world) == ["Pay", "Ship"], "nothing is undone behind the pivot")
    #expect(try status(world) == .running)
  }

  @Test("before its command is out, a plain goto leaves the state")
  func before() throws {
    let world = try World([PivotTests.shipping()])
    try offer(world, "Go")
    #expect(try world.offer("h", "Hold", ["id": "a"]) == .handled)
    try offer(world, "Cancel", "Refunded")
    #expect(try status(world) == .compensated)
  }
}
