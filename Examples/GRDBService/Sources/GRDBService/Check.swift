import Foundation
import GRDB
import Logging
import SagaCore
import SagaRuntime
import SagaSQLite
import ServiceLifecycle

/// Runs the service in another process, kills it again and again while it books, lets it come to rest, and compares its records with its
/// sagas: two sets of rows of one file that are written by two libraries.
struct Check {
  struct Wrong: Error, CustomStringConvertible { var description: String }

  let seconds: Int
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hall-\(UUID().uuidString)").path
  private var database: String { folder + "/hall.db" }

  init(seconds: Int) { self.seconds = seconds }

  func run() async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let end = ContinuousClock.now + .seconds(seconds)
    var kills = 0
    repeat {
      let process = try start(round: kills)
      defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
      try await waitUntilBooking(process, round: kills)
      try await Task.sleep(for: .milliseconds(kills * 397 % 1100))
      if kills == 0 { try await refusesSecondEngine() }
      guard process.isRunning else { throw endedByItself }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      kills += 1
    } while ContinuousClock.now < end || kills < 3
    try await comeToRest()
    let report = try await compare(said: said(), kills: kills)
    try await isObserved()
    try await stopsForForeignWriter()
    print(report)
    print(
      "observations see what handlers write; a second engine is refused; the engine stops when somebody else writes")
    try FileManager.default.removeItem(atPath: folder)
  }

  private var endedByItself: Wrong { Wrong(description: "the service ended by itself; its log is \(folder)/log") }

  private func start(round: Int) throws -> Process {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["serve", folder, "\(round)"]
    process.environment = Parent.environment
    process.standardOutput = try appending("said-\(round)")
    process.standardError = try appending("log")
    try process.run()
    return process
  }

  /// A service that is killed before it has done anything proves nothing.
  private func waitUntilBooking(_ process: Process, round: Int) async throws {
    let begin = ContinuousClock.now
    while try Data(contentsOf: URL(fileURLWithPath: folder + "/said-\(round)")).isEmpty {
      guard process.isRunning else { throw endedByItself }
      guard ContinuousClock.now - begin < .seconds(60) else {
        throw Wrong(description: "the service books nothing for 60 s; its log is \(folder)/log")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func appending(_ name: String) throws -> FileHandle {
    let path = folder + "/" + name
    if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seekToEnd()
    return handle
  }

  /// What the killed processes said, whole lines only: `placed 3-17`.
  private func said() throws -> [(verb: Substring, id: Substring)] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("said-") }.flatMap { name in
      let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      return text[..<(text.lastIndex(of: "\n") ?? text.startIndex)].split(separator: "\n").map { line in
        let words = line.split(separator: " ")
        return (words[0], words[1])
      }
    }
  }

  private func service() throws -> BookingService {
    var logger = Logger(label: "check", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .critical
    return try BookingService(path: database, logger: logger)
  }

  /// Runs the service's engine while `body` uses it, and shuts it down. An engine that ends first ends `body`, and says why.
  private func whileRunning(_ body: @escaping @Sendable (BookingService) async throws -> Void) async throws {
    let service = try service()
    let group = ServiceGroup(services: [service.engine], logger: Logger(label: "check"))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      tasks.addTask {
        try await body(service)
        await group.triggerGracefulShutdown()
      }
      // The first error cancels the other one.
      try await tasks.waitForAll()
    }
  }

  private func comeToRest() async throws {
    try await whileRunning { service in
      let begin = ContinuousClock.now
      var waiting = -1
      while waiting != 0 {
        guard ContinuousClock.now - begin < .seconds(120) else {
          throw Wrong(description: "\(waiting) bookings are open after 120 s; the database is \(database)")
        }
        try await Task.sleep(for: .milliseconds(200))
        // A booking follows its saga, and a saga the event that starts it: nothing is open when no record is.
        waiting = try await service.connection.writer.read { database in
          try Booking.filter(Column("status") == Booking.Status.placed.rawValue).fetchCount(database)
        }
      }
    }
  }

  private func compare(said: [(verb: Substring, id: Substring)], kills: Int) async throws -> String {
    let reader = try ShardReader(store: try SQLiteStore(path: database, mode: .reader))
    let instances = try reader.instances(limit: .max)
    let (bookings, seats, payments, accounts) = try await GRDBConnection(path: database).writer.read { database in
      (
        try Booking.fetchAll(database), try Seat.fetchAll(database), try Payment.fetchAll(database),
        try Account.fetchAll(database)
      )
    }
    let taken = Dictionary(grouping: seats) { $0.bookingId }.mapValues(\.count)
    let paid = Dictionary(grouping: payments, by: \.bookingId).mapValues { $0.map(\.cents).reduce(0, +) }
    let sagas = Dictionary(uniqueKeysWithValues: instances.map { ($0.key, $0.status) })
    let records = Dictionary(uniqueKeysWithValues: bookings.map { ($0.id, $0) })
    func hold(_ holds: Bool, _ problem: @autoclosure () -> String) throws {
      if !holds { throw Wrong(description: problem() + "; the database is \(database)") }
    }

    for (verb, id) in said {
      let isThere = records[String(id)] != nil
      try hold(isThere == (verb == "placed"), "\(id) was \(verb) and its record is \(isThere ? "" : "not ")there")
    }
    for booking in bookings {
      let expected: InstanceStatus = booking.status == .confirmed ? .completed : .compensated
      try hold(
        sagas[booking.id] == expected,
        "\(booking.id) is \(booking.status), its saga \(sagas[booking.id]?.name ?? "none")")
      let isConfirmed = booking.status == .confirmed
      try hold(
        taken[booking.id, default: 0] == (isConfirmed ? 1 : 0), "\(booking.id) has \(taken[booking.id] ?? 0) seats")
      try hold(
        paid[booking.id, default: 0] == (isConfirmed ? Hall.priceCents : 0),
        "\(booking.id) paid \(paid[booking.id] ?? 0)")
    }
    try hold(sagas.count == bookings.count, "\(bookings.count) records and \(sagas.count) sagas")
    let money = accounts.map(\.cents).reduce(0, +) + paid.values.reduce(0, +)
    let opening = (0..<Hall.customers).map(Hall.openingCents).reduce(0, +)
    try hold(money == opening, "\(money) cents are left of \(opening)")
    let statistics = try reader.statistics()
    try hold(
      statistics.unresolvedDeadLetters == 0 && statistics.parked == 0, "there are dead letters or parked messages")

    let confirmed = bookings.count { $0.status == .confirmed }
    let abandoned = said.count { $0.verb == "abandoned" }
    try hold(
      kills > 2 && confirmed > 0 && confirmed < bookings.count && abandoned > 0, "too little happened to prove anything"
    )
    return """
      \(bookings.count) bookings through \(kills) kills by SIGKILL: \(confirmed) confirmed, \(bookings.count - confirmed) rejected, \
      \(abandoned) abandoned before their transaction ended
      every record has its saga and every saga its record; seats and money add up
      """
  }

  /// GRDB's observations see the commits of the engine: the record that follows its saga.
  private func isObserved() async throws {
    try await whileRunning { service in
      _ = try await service.engine.read { try $0.statistics() }
      let statuses = ValueObservation.tracking { try Booking.fetchOne($0, key: "observed")?.status }
      let isSeen = try await withThrowingTaskGroup(of: Bool.self) { tasks in
        defer { tasks.cancelAll() }
        tasks.addTask {
          for try await status in statuses.values(in: service.connection.writer) where status != .placed {
            if status != nil { return true }
            try await service.place("observed", customer: "customer-0")
          }
          return false
        }
        tasks.addTask {
          try await Task.sleep(for: .seconds(60))
          return false
        }
        return try await tasks.next() ?? false
      }
      guard isSeen else { throw Wrong(description: "an observation has not seen the end of a booking for 60 s") }
    }
  }

  /// While the service runs, in its process, nobody else can be the engine of the file.
  private func refusesSecondEngine() async throws {
    var options = SQLiteOptions()
    options.lockWaitMilliseconds = 0
    do {
      _ = try BorrowedSQLiteStore(try GRDBConnection(path: database), options: options)
    } catch let error as StoreOpenError {
      guard case .locked = error.cause else { throw error }
      return
    }
    throw Wrong(description: "a second engine could open \(database)")
  }

  /// A connection beside the lent one writes: the engine does not go on with what it knows of the file.
  private func stopsForForeignWriter() async throws {
    let service = try service()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      defer { tasks.cancelAll() }
      tasks.addTask { try await service.engine.run() }
      _ = try await service.engine.read { try $0.statistics() }
      try await GRDBConnection(path: database).writer.write { database in
        try Booking(id: "foreign", customer: "customer-0").insert(database)
      }
      do {
        try await service.place("after", customer: "customer-0")
      } catch {
        tasks.addTask {
          try await Task.sleep(for: .seconds(60))
          throw Wrong(description: "the engine has not ended for 60 s, although another connection had written")
        }
        // The call says only that the engine has stopped; `run` says why.
        do { try await tasks.next() } catch SQLiteStoreError.foreignWriter { return }
        throw error
      }
      throw Wrong(description: "the engine went on although another connection had written")
    }
  }
}
