import ArgumentParser
import Foundation
import Logging

@main
struct OrderService: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order-service",
    abstract: "Three services that take, pay and ship orders, as an example of an embedded saga engine.",
    subcommands: [Run.self, Chaos.self, Audit.self])
}

/// Runs one of the services until SIGTERM.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs one service: orders, payments or inventory.",
    discussion: "Example: order-service run orders --folder /tmp/shop")

  @Argument(help: "orders, payments or inventory")
  var peer: Peer
  @Option(help: "Where the service's database is.")
  var folder: String
  @Option(help: "The port of orders; payments and inventory have the next two.")
  var basePort = 8711

  func run() async throws {
    Parent.watch()
    var logger = Logger(label: peer.rawValue, factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .notice
    let database = folder + "/\(peer.rawValue).db"
    switch peer {
    case .orders: try await Orders.run(database: database, basePort: basePort, logger: logger)
    case .payments: try await Payments.run(database: database, basePort: basePort, logger: logger)
    case .inventory: try await Inventory.run(database: database, basePort: basePort, logger: logger)
    }
  }
}

extension Peer: ExpressibleByArgument {}

/// Kills the services while orders come in, and audits what is left.
struct Chaos: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the three services, kills them at random while orders come in, and audits the result.",
    discussion: "Example: order-service chaos --orders 5000 --seconds 60")

  @Option(help: "How many orders are placed.")
  var orders = 5000
  @Option(help: "How long services are killed.")
  var seconds = 60
  @Option(help: "Chooses who is killed when.")
  var seed: UInt64 = 1
  @Option(help: "Where the databases and logs are; a new temporary folder unless given.")
  var folder: String?
  @Option(help: "The port of orders; payments and inventory have the next two.")
  var basePort = 8711

  func run() async throws {
    let folder = try folder ?? Chaos.temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let rig = ChaosRig(folder: folder, basePort: basePort, seed: seed)
    let report = try await rig.run(orders: orders, seconds: seconds)
    print(report)
    let findings = try await Auditor(folder: folder).audit(expectedOrders: orders)
    print(findings.text)
    if !findings.problems.isEmpty { throw ExitCode(1) }
  }

  private static func temporaryFolder() throws -> String {
    let path = NSTemporaryDirectory() + "order-service-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}

/// Adds up money and stock of services that have stopped.
struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adds up money, stock and orders of services that have stopped.",
    discussion: "Example: order-service audit --folder /tmp/shop --orders 5000")

  @Option(help: "Where the databases are.")
  var folder: String
  @Option(help: "How many orders were placed.")
  var orders: Int

  func run() async throws {
    let findings = try await Auditor(folder: folder).audit(expectedOrders: orders)
    print(findings.text)
    if !findings.problems.isEmpty { throw ExitCode(1) }
  }
}
