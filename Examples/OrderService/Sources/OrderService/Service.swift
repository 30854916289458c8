import AsyncHTTPClient
import Foundation
import Hummingbird
import Logging
import SagaCore
import SagaPrometheus
import SagaRuntime
import ServiceLifecycle

/// Where the three services listen on loopback.
enum Peer: String, CaseIterable, Sendable {
  case orders, payments, inventory

  func port(base: Int) -> Int {
    switch self {
    case .orders: base
    case .payments: base + 1
    case .inventory: base + 2
    }
  }

  /// Where messages for it are posted.
  func messages(base: Int) -> String { "http://127.0.0.1:\(port(base: base))/messages" }
}

/// Runs an engine behind `POST /messages`, its metrics at `GET /metrics`, and whatever else `addRoutes` adds.
func serve(
  _ engine: SagaEngine, as peer: Peer, basePort: Int, client: HTTPClient, metrics: PrometheusExporter, logger: Logger,
  addRoutes: (Router<BasicRequestContext>) -> Void = { _ in }
) async throws {
  let router = Router()
  // Answered when the message is durable: 200 is the acknowledgement, anything else asks for another delivery.
  router.post("messages") { request, _ -> HTTPResponse.Status in
    let body = try await request.body.collect(upTo: 1_048_576)
    do {
      _ = try await engine.deliver(Array(buffer: body))
      return .ok
    } catch {
      logger.notice("not taken", metadata: ["error": "\(error)"])
      return .serviceUnavailable
    }
  }
  router.get("health") { _, _ -> HTTPResponse.Status in .ok }
  router.get("metrics") { _, _ -> Response in
    Response(
      status: .ok, headers: [.contentType: PrometheusExporter.contentType],
      body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.render())))
  }
  addRoutes(router)
  let server = Application(
    router: router,
    configuration: ApplicationConfiguration(
      address: .hostname("127.0.0.1", port: peer.port(base: basePort)), serverName: peer.rawValue),
    logger: logger)
  let group = ServiceGroup(
    services: [engine, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
  try await group.run()
  try await client.shutdown()
}

/// Posts messages to another service, one a request.
struct HTTPTransport: OutgoingTransport {
  let url: String
  let client: HTTPClient

  func send(_ messages: [OutgoingDelivery]) async -> [DeliveryResult] {
    var results: [DeliveryResult] = []
    for message in messages {
      results.append(DeliveryResult(position: message.position, outcome: await post(message)))
    }
    return results
  }

  private func post(_ message: OutgoingDelivery) async -> DeliveryResult.Outcome {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/cloudevents+json")
    request.body = .bytes(message.bytes)
    do {
      let response = try await client.execute(request, timeout: .seconds(5))
      _ = try await response.body.collect(upTo: 65_536)
      switch response.status.code {
      case 200: return .confirmed
      case 400..<500: return .refused(reason: "\(url) answered \(response.status)")
      default: return .failed(retryAt: .soon, reason: "\(url) answered \(response.status)")
      }
    } catch {
      // Nobody is there: everything for it waits, and is not counted as tried.
      return .unavailable(retryAt: .soon)
    }
  }
}

extension Timestamp {
  fileprivate static var soon: Timestamp { WallClock.now.advanced(byMilliseconds: 200) }
}

extension OutgoingRoute {
  /// Commands to another service.
  static func commands(to peer: Peer, basePort: Int, client: HTTPClient) -> OutgoingRoute {
    let transport = HTTPTransport(url: peer.messages(base: basePort), client: client)
    return OutgoingRoute("commands/\(peer.rawValue)", transport: transport, concurrency: 32, messagesPerSend: 1) {
      $0.kind == .command && $0.destination == peer.rawValue
    }
  }

  /// What this service answers to the sagas of the orders service.
  static func repliesToOrders(basePort: Int, client: HTTPClient) -> OutgoingRoute {
    let transport = HTTPTransport(url: Peer.orders.messages(base: basePort), client: client)
    return OutgoingRoute("replies/order", transport: transport, concurrency: 32, messagesPerSend: 1) {
      $0.kind == .reply && $0.destination == "order"
    }
  }
}
