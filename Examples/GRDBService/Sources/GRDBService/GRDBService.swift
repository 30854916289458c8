import Foundation
import Logging
import ServiceLifecycle

@main
enum GRDBService {
  /// `grdb-service check [SECONDS]` runs `grdb-service serve FOLDER ROUND`, kills it, and looks at what is there.
  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "serve" where arguments.count == 3:
      try await serve(folder: arguments[1], round: arguments[2])
    case "check" where arguments.count <= 2:
      guard let seconds = Int(arguments.dropFirst().first ?? "10") else { return usage() }
      do { try await Check(seconds: seconds).run() } catch {
        FileHandle.standardError.write(Data("WRONG: \(error)\n".utf8))
        exit(1)
      }
    default: usage()
    }
  }

  private static func usage() {
    FileHandle.standardError.write(Data("usage: grdb-service check [SECONDS]\n".utf8))
    exit(2)
  }

  /// Places bookings for good, and says of each when it is durable. Every third is taken back before its transaction ends.
  private static func serve(folder: String, round: String) async throws {
    Parent.watch()
    var logger = Logger(label: "bookings", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .warning
    let service = try BookingService(path: folder + "/hall.db", logger: logger)
    let group = ServiceGroup(services: [service.engine], gracefulShutdownSignals: [.sigterm], logger: logger)
    async let running: Void = group.run()
    // Answered when the engine has opened the file: its tables are there.
    _ = try await service.engine.read { try $0.statistics() }
    for number in 0... {
      let id = "\(round)-\(number)"
      let isAbandoned = number % 3 == 2
      do {
        try await service.place(id, customer: "customer-\(number % Hall.customers)", isAbandoned: isAbandoned)
        say("placed \(id)")
      } catch is BookingService.ChangedItsMind {
        say("abandoned \(id)")
      }
    }
    try await running
  }

  private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
