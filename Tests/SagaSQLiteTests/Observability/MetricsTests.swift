import Foundation
import SagaCore
import SagaPrometheus
import SagaRuntime
import SagaSQLite
import TestSupport
import Testing

@Suite("The metrics of an engine", .timeLimit(.minutes(10)))
struct MetricsTests {
  private let folder = Folder()

  /// What a Prometheus server would read: the types by name and the samples by series.
  private struct Scrape {
    var types: [String: String] = [:]
    var helps: Set<String> = []
    var samples: [String: Double] = [:]

    init(_ text: String) throws {
      for line in text.split(separator: "\n") {
        if let match = line.wholeMatch(of: /# (TYPE|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
          if match.1 == "TYPE" { types[String(match.2)] = String(match.3) } else { helps.insert(String(match.2)) }
          continue
        }
        let pattern = /([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})?) (\S+)/
        let match = try #require(line.wholeMatch(of: pattern), "no sample: \(line)")
        let value: Double = try #require(Double(String(match.2).replacing("Inf", with: "infinity")))
        samples[String(match.1)] = value
      }
    }
  }

  /// One saga that completes after a retry, one that compensates, and a message that cannot be read.
  private func scrape() async throws -> Scrape {
    let exporter = PrometheusExporter(help: SagaMetric.helpByName)
    var stock = Participant("stock")
    stock.handle("Reserve", as: Shop.Order.self) { order, context in
      if context.attempt == 1 { throw Crash(what: "no connection") }
      return .done("Reserved", ["orderId": .string(order.orderId)])
    }
    let outbox = Outbox()
    let engine = try SagaEngine(
      database: folder.database, options: Folder.options, definitions: Shop.definitions(),
      participants: [Shop.payments(), stock], routes: [.events("output", transport: outbox)],
      telemetry: Telemetry(metrics: exporter))
    try await running(engine) { engine in
      let good = try await Shop.place("o1", cents: 10, engine)
      #expect(try await Shop.settled(good, engine).status == .completed)
      let bad = try await Shop.place("rich", cents: 5000, engine)
      #expect(try await Shop.settled(bad, engine).status == .compensated)
      _ = try await engine.deliver(Array("not a message".utf8))
      _ = try await outbox.wait(for: 2)
      // Gauges of lanes are set once a second.
      try await eventually("the lane's gauge is set") {
        exporter.render().contains("saga_outbox_lag_rows{lane=\"output\"}")
      }
    }
    return try Scrape(exporter.render())
  }

  @Test("tell what the engine did")
  func counts() async throws {
    let samples = try await scrape().samples
    #expect(samples[#"saga_started_total{saga="shop"}"#] == 2)
    #expect(samples[#"saga_closed_total{saga="shop",status="completed"}"#] == 1)
    #expect(samples[#"saga_closed_total{saga="shop",status="compensated"}"#] == 1)
    #expect(samples[#"saga_retries_total{saga="shop"}"#] == 1)
    #expect(samples[#"saga_compensations_total{saga="shop",reason="business"}"#] == 1)
    #expect(samples[#"saga_dead_letters_total{reason="message.undecodable"}"#] == 1)
    #expect(samples[#"saga_handler_seconds_count{handler="stock",type="Reserve",outcome="failed"}"#] == 1)
    #expect(samples[#"saga_handler_seconds_count{handler="stock",type="Reserve",outcome="handled"}"#] == 1)
    #expect(samples[#"saga_handler_seconds_count{handler="payments",type="Charge",outcome="handled"}"#] == 2)
    #expect(samples["saga_timer_late_seconds_count"] == 1)
    #expect(samples["saga_delivery_seconds_count"] == 3)
    #expect(try #require(samples[#"saga_sent_total{lane="output",outcome="confirmed"}"#]) >= 1)
  }

  @Test("are all in the documentation and no others, with their labels and kinds")
  func documented() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/guides/observability.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `saga_") }
    #expect(
      rows
        == SagaMetric.allCases.map { metric in
          let labels = metric.labels.isEmpty ? "" : metric.labels.map { "`\($0)`" }.joined(separator: ", ")
          return "| `\(metric.rawValue)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |"
        })
    let scrape = try await scrape()
    let known = Dictionary(uniqueKeysWithValues: SagaMetric.allCases.map { ($0.rawValue, $0.kind.rawValue) })
    for (name, type) in scrape.types { #expect(known[name] == type, "\(name) is not documented") }
    #expect(scrape.helps == Set(scrape.types.keys))
    // No instance got stuck.
    #expect(Set(known.keys).subtracting(scrape.types.keys) == ["saga_stuck_total"])
  }
}
