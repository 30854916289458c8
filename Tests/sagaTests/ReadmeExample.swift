import SagaRuntime
import SagaSQLite

struct Trip: Codable, Sendable { var tripId: String }

/// The sagas of a folder and the airline's side of them, in one service and one database file.
func trips(sagas folder: String, database: String, broker: any OutgoingTransport) throws -> SagaEngine {
  var airline = Participant("airline")
  airline.handleInTransaction("BookFlight", as: Trip.self) { trip, _, transaction in
    let free = "SELECT id FROM seat WHERE trip IS NULL LIMIT 1"
    let taken = try transaction.execute("UPDATE seat SET trip=? WHERE id=(\(free))", .text(trip.tripId))
    return taken == 1
      ? .done("Booked", ["tripId": .string(trip.tripId)]) : .declined("Full", ["tripId": .string(trip.tripId)])
  }
  airline.undoInTransaction("CancelFlight", as: Trip.self) { trip, _ in
    .done("Cancelled", ["tripId": .string(trip.tripId)])  // there was nothing to undo
  } _: { trip, _, transaction in
    try transaction.execute("UPDATE seat SET trip=NULL WHERE trip=?", .text(trip.tripId))
    return .done("Cancelled", ["tripId": .string(trip.tripId)])
  }
  return try SagaEngine(
    database: database, definitions: SagaDefinitions(at: [folder]), participants: [airline],
    routes: [.events("broker", transport: broker)])
}
