import SagaCore
import Testing

@testable import SagaRuntime

@Suite("Pruning beside other work")
struct PruneTests {
  /// A parcel `a` that has closed; everything of it is confirmed and folded.
  private func closedParcel() throws -> World {
    let world = try World([Definitions.parcel])
    try close(world)
    try world.fold()
    try world.pass(60)
    return world
  }

  private func close(_ world: World) throws {
    try world.offer("open", "Opened", ["id": "a"])
    try world.offer("pay", "Paid", ["id": "a"])
    try world.offer("pack", "Packed", ["id": "a", "trackingId": "t"])
    try world.offer("send", "Sent", ["id": "a"])
    try world.drain()
    try world.drain(localLane)
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

  /// The clock had been ahead by a day when the parcel closed, came back, and is now nearly there again.
  @Test(
    "what comes late after the sweep is written no earlier than the rows before it, nor than the end when they are gone"
  )
  func timeAfterTheSweep() throws {
    let world = try World([Definitions.parcel])
    let start = world.now
    let end = start.advanced(byMilliseconds: 90_000_000)
    world.now = end
    try close(world)
    world.now = start
    try world.offer("other", "Opened", ["id": "b"])
    #expect(try #require(world.contents.journal.last).at == start, "the journal's time has come back")
    try world.fold()
    let cut = end.advanced(byMilliseconds: 1)
    while try !world.engine.prune(closedBefore: cut, forgetBefore: .init(milliseconds: 0), archive: nil).isFinished {}
    #expect(try world.instance("a") == nil)

    /// A message for the parcel that has no state any more, and the time of its row.
    func lateTime(_ id: String, at now: Timestamp) throws -> Timestamp {
      world.now = now
      #expect(try world.offer(id, "Paid", ["id": "a"]) == .late)
      return try #require(world.contents.journal.last).at
    }
    // Earlier than the end, by less than what counts as a clock gone wrong.
    #expect(try lateTime("2", at: end.advanced(byMilliseconds: -900)) == end)
    let ahead = end.advanced(byMilliseconds: 90_000_000)
    #expect(try lateTime("3", at: ahead) == ahead)
    world.now = start
    try world.offer("another", "Opened", ["id": "c"])
    try world.fold()
    // What wrote the row before is forgotten: the journal has it.
    try world.restart()
    #expect(try lateTime("4", at: ahead.advanced(byMilliseconds: -1_000)) == ahead)
    #expect(try lateTime("5", at: ahead.advanced(byMilliseconds: -500)) == ahead)
  }
}
