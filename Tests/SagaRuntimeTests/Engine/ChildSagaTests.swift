import SagaCore
import Testing

@testable import SagaRuntime

@Suite("A child saga")
struct ChildSagaTests {
  static let parent = """
    { "saga": "trip", "version": 1,
      "messages": { "TripRequested": { "key": "event.data.id" }, "HotelBooked": { "key": "event.data.id" },
        "HotelFailed": { "key": "event.data.id" }, "HotelCancelled": { "key": "event.data.id" } },
      "start": { "TripRequested": {} },
      "steps": [ { "step": "hotel", "call": "BookHotel", "with": { "id": "saga.key" },
        "reply": { "HotelBooked": {}, "HotelFailed": { "fail": "'no hotel'" } }, "timeout": "1h", "undo": "none" } ],
      "completed": { "publish": { "TripDone": {} } }, "compensated": { "publish": { "TripOff": {} } } }
    """
  static let child = """
    { "saga": "hotel", "version": 1,
      "messages": { "BookHotel": { "key": "event.data.id" }, "RoomGiven": { "key": "event.data.id" }, "NoRoom": { "key": "event.data.id" } },
      "start": { "BookHotel": {} },
      "steps": [ { "step": "room", "call": "AskRoom", "to": "desk", "with": { "id": "saga.key" },
        "reply": { "RoomGiven": {}, "NoRoom": { "fail": "'full'" } }, "timeout": "10m", "undo": "none" } ],
      "completed": { "publish": { "HotelBooked": { "id": "saga.key" } } },
      "compensated": { "publish": { "HotelFailed": { "id": "saga.key" } } } }
    """

  @Test("is a participant: its start message is the call, its final publication the reply", arguments: [true, false])
  func answers(hasRoom: Bool) throws {
    let world = try World([ChildSagaTests.parent, ChildSagaTests.child])
    try world.offer("1", "TripRequested", ["id": "t"])
    try world.settle()
    let asked = try world.drain().map(\.type)
    #expect(asked.contains("AskRoom"), "the child was started through the local lane: \(asked)")
    try world.offer("2", hasRoom ? "RoomGiven" : "NoRoom", ["id": "t"])
    try world.settle()
    let stored = try ShardReader(store: world.store).instances(key: "t")
    let statuses = stored.map { "\($0.machine.saga) \($0.status.name)" }.sorted()
    let end = hasRoom ? "completed" : "compensated"
    #expect(statuses == ["hotel \(end)", "trip \(end)"])
  }
}
