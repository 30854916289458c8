import AsyncHTTPClient
import NIOCore

/// What a service says of itself at `GET /metrics`, since it was started.
struct Scrape {
  private let samples: [(name: Substring, value: Double)]

  init(_ peer: Peer, basePort: Int, client: HTTPClient) async throws {
    var request = HTTPClientRequest(url: "http://127.0.0.1:\(peer.port(base: basePort))/metrics")
    request.method = .GET
    let response = try await client.execute(request, timeout: .seconds(10))
    let text = String(buffer: try await response.body.collect(upTo: 1_048_576))
    // `name{label="value"} number`, and comments that begin with #.
    samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      line.lastIndex(of: " ").flatMap { space in
        Double(line[line.index(after: space)...]).map { (line[..<space].prefix { $0 != "{" }, $0) }
      }
    }
  }

  /// The sum over all labels.
  func sum(_ name: String) -> Double { samples.filter { $0.name == name }.map(\.value).reduce(0, +) }

  /// The figures that matter for a service of this example.
  var text: String {
    let commits = sum("saga_commit_seconds_count")
    let milliseconds = commits == 0 ? 0 : sum("saga_commit_seconds_sum") / commits * 1000
    let rounded = (milliseconds * 10).rounded() / 10
    let counts = [
      ("messages to sagas", "saga_delivery_seconds_count"), ("to handlers", "saga_handler_seconds_count"),
      ("sent", "saga_sent_total"), ("retries", "saga_retries_total"), ("compensations", "saga_compensations_total"),
    ]
    return counts.map { "\(Int(sum($0.1))) \($0.0)" }.joined(separator: ", ") + ", \(rounded) ms a commit"
  }
}
