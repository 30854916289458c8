import AsyncHTTPClient
import Foundation
import NIOCore

/// Three processes, a customer who keeps ordering, and somebody who pulls plugs.
actor ChaosRig {
  private let folder: String
  private let basePort: Int
  private var random: SplitMix
  private var processes: [Peer: Process] = [:]
  private var kills: [Peer: Int] = [:]
  private let client = HTTPClient.shared

  struct Stalled: Error, CustomStringConvertible {
    var description: String
  }

  init(folder: String, basePort: Int, seed: UInt64) {
    self.folder = folder
    self.basePort = basePort
    random = SplitMix(state: seed)
  }

  /// - Returns: what happened, for people.
  func run(orders: Int, seconds: Int) async throws -> String {
    for peer in Peer.allCases { try start(peer) }
    let begin = ContinuousClock.now
    defer { stop() }
    async let placed: Void = place(orders, during: Double(seconds) * 0.9)
    while ContinuousClock.now - begin < .seconds(seconds) {
      try await Task.sleep(for: .milliseconds(100 + random.below(600)))
      let peer = Peer.allCases[random.below(Peer.allCases.count)]
      try kill(peer)
      // Sometimes for so long that the orders give up waiting for it, not knowing what it did.
      try await Task.sleep(for: .milliseconds(random.below(12) == 0 ? 6500 : random.below(500)))
      try start(peer)
    }
    try await placed
    let settled = ContinuousClock.now
    try await waitUntilSettled()
    let wait = ContinuousClock.now - settled
    var figures: [String] = []
    for peer in Peer.allCases {
      figures.append("\(peer.rawValue) \(try await Scrape(peer, basePort: basePort, client: client).text)")
    }
    let killed = Peer.allCases.map { "\($0.rawValue) \(kills[$0, default: 0])" }.joined(separator: ", ")
    return """
      \(orders) orders in \(seconds) s with kills by SIGKILL: \(killed)
      settled \(wait.components.seconds) s after the last kill; databases and logs are in \(folder)
      metrics of each since it was last started: \(figures.joined(separator: "; "))
      """
  }

  private func start(_ peer: Peer) throws {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = ["run", peer.rawValue, "--folder", folder, "--base-port", "\(basePort)"]
    process.environment = Parent.environment
    let log = folder + "/\(peer.rawValue).log"
    if !FileManager.default.fileExists(atPath: log) {
      guard FileManager.default.createFile(atPath: log, contents: nil) else {
        throw Stalled(description: "\(log): cannot be written; choose another --folder")
      }
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try handle.seekToEnd()
    process.standardError = handle
    process.standardOutput = handle
    try process.run()
    processes[peer] = process
  }

  private func kill(_ peer: Peer) throws {
    guard let process = processes[peer] else { return }
    guard process.isRunning else {
      throw Stalled(description: "\(peer.rawValue) ended by itself; look at \(folder)/\(peer.rawValue).log")
    }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    kills[peer, default: 0] += 1
  }

  /// Ends what runs, by force where it has not ended after 20 s.
  private func stop() {
    for process in processes.values where process.isRunning { process.terminate() }
    let deadline = ContinuousClock.now + .seconds(20)
    for process in processes.values {
      while process.isRunning, ContinuousClock.now < deadline { usleep(2000) }
      if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }
  }

  /// Places orders at an even pace; each until it is acknowledged.
  private nonisolated func place(_ count: Int, during seconds: Double) async throws {
    let begin = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<16 {
        group.addTask {
          for number in stride(from: worker, to: count, by: 16) {
            let due = begin + .milliseconds(Int(Double(number) / Double(count) * seconds * 1000))
            try await Task.sleep(until: due, clock: .continuous)
            try await self.place(number)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// The same order has the same id however often it is asked for.
  private nonisolated func place(_ number: Int) async throws {
    let order = Orders.Order(
      orderId: "order-\(number)",
      // Some customers and one article are asked for more than there is.
      customer: "customer-\(number % 5 == 0 ? number / 5 % 2 : number % Payments.customers)",
      sku: "article-\(number % 3 == 1 ? 0 : number * 7 % Inventory.articles)", quantity: Int64(1 + number % 3),
      cents: Int64(1000 + number * 37 % 60_000))
    var request = HTTPClientRequest(url: "http://127.0.0.1:\(Peer.orders.port(base: basePort))/orders")
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/json")
    request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(order)))
    let begin = ContinuousClock.now
    while ContinuousClock.now - begin < .seconds(120) {
      if let response = try? await client.execute(request, timeout: .seconds(5)) {
        _ = try? await response.body.collect(upTo: 65_536)
        if response.status == .created { return }
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Stalled(description: "order-\(number) was not accepted for 120 s; look at \(folder)/orders.log")
  }

  private func waitUntilSettled() async throws {
    let begin = ContinuousClock.now
    var quiet = 0
    while quiet < 3 {
      guard ContinuousClock.now - begin < .seconds(300) else {
        throw Stalled(description: "orders are still open 300 s after the last kill; look at \(folder)")
      }
      try await Task.sleep(for: .milliseconds(500))
      var request = HTTPClientRequest(url: "http://127.0.0.1:\(Peer.orders.port(base: basePort))/open")
      request.method = .GET
      guard let response = try? await client.execute(request, timeout: .seconds(10)), response.status == .ok,
        let body = try? await response.body.collect(upTo: 1024)
      else { continue }
      quiet = String(buffer: body) == "0" ? quiet + 1 : 0
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same kills for the same seed.
struct SplitMix {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ (value >> 31)) % UInt64(bound))
  }
}
