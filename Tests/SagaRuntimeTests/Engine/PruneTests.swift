import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Pruning beside other work")
struct PruneTests {
  /// A parcel `a` that has closed; everything of it is confirmed and folded.
  private func closedParcel() throws -> World {
    let world = try World([Definitions.parcel])
    try world.offer("open", "Opened", ["id": "a"])
    try world.offer("pay", "Paid", ["id": "a"])
    try world.offer("pack", "Packed", ["id": "a", "trackingId": "t"])
    try world.offer("send", "Sent", ["id": "a"])
    try world.drain()
    try world.drain(localLane)
    try world.fold()
    try world.pass(60)
    return world
  }

  private func prune(_ world: World, forgetBefore: Timestamp = Timestamp(milliseconds: 0)) throws {
    while try !world.engine.prune(closedBefore: world.now, forgetBefore: forgetBefore, archive: nil).isFinished {}
  }

  @Test("a message that came late and is not folded yet does not lose what it changes")
  func lateBeforeTheSweep() throws {
    let world = try closedParcel()
    let rows = world.contents.journal.count
    // The last row of a journal is never swept: another instance has it.
    #expect(try world.offer("late", "Paid", ["id": "a"]) == .late)
    try world.offer("other", "Opened", ["id": "b"])
    try prune(world)
    #expect(world.contents.journal.count < rows)
    try world.restart()
    #expect(try world.instance("a") == nil)
    #expect(try world.offer("late", "Paid", ["id": "a"]) == .duplicate)
    #expect(try world.offer("later", "Paid", ["id": "a"]) == .late)
  }

  @Test("a key that is forgotten begins a new life, also where a late message has just called its owner to mind")
  func forgottenInMemory() throws {
    let world = try closedParcel()
    try world.offer("other", "Opened", ["id": "b"])
    try prune(world)
    try world.restart()
    #expect(try world.offer("late", "Paid", ["id": "a"]) == .late)
    try world.drain()
    try world.drain(localLane)
    try prune(world, forgetBefore: world.now)
    try world.offer("again", "Opened", ["id": "a"])
    #expect(try world.state("a") == "opened")
  }
}
