import SagaCore
import SagaRuntime
import SagaSQLite

typealias Send = @Sendable (OutgoingDelivery) async throws -> Void

/// Runs the sagas of one definition; `send` carries what they publish and command to your broker.
func sagas(_ definition: [UInt8], database: String, send: @escaping Send) -> ShardRunner {
  ShardRunner(lanes: [OutgoingLane(name: "output", transport: ClosureTransport(send))]) {
    let machines = LoadedDefinition.load(source: definition, file: "trip.json").machines
    return try ShardEngine(store: SQLiteStore(path: database), machines: machines, now: WallClock.now)
  }
}
