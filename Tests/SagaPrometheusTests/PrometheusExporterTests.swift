import CoreMetrics
import SagaPrometheus
import Testing

@Suite("The Prometheus exporter")
struct PrometheusExporterTests {
  @Test("writes counters and gauges, each with its type, in the order of their names and labels")
  func values() {
    let exporter = PrometheusExporter(help: ["b_total": "Things that happened."])
    let second = Counter(label: "b_total", dimensions: [("saga", "shop")], factory: exporter)
    Counter(label: "b_total", dimensions: [("saga", "mall")], factory: exporter).increment(by: 3)
    second.increment(by: 2)
    Gauge(label: "a_rows", factory: exporter).record(1.5)
    FloatingPointCounter(label: "c_total", factory: exporter).increment(by: 0.25)
    let meter = Meter(label: "d", factory: exporter)
    meter.set(4)
    meter.decrement(by: 6)
    #expect(
      exporter.render() == """
        # TYPE a_rows gauge
        a_rows 1.5
        # HELP b_total Things that happened.
        # TYPE b_total counter
        b_total{saga="mall"} 3
        b_total{saga="shop"} 2
        # TYPE c_total counter
        c_total 0.25
        # TYPE d gauge
        d -2

        """)
  }

  @Test("writes durations as cumulative buckets of seconds, with their sum and count")
  func histogram() {
    let exporter = PrometheusExporter(buckets: ["t_seconds": [0.01, 0.1, 1]])
    let timer = CoreMetrics.Timer(label: "t_seconds", dimensions: [("lane", "x")], factory: exporter)
    for milliseconds in [10, 50, 60, 5000] { timer.recordMilliseconds(milliseconds) }
    #expect(
      exporter.render() == """
        # TYPE t_seconds histogram
        t_seconds_bucket{lane="x",le="0.01"} 1
        t_seconds_bucket{lane="x",le="0.1"} 3
        t_seconds_bucket{lane="x",le="1"} 3
        t_seconds_bucket{lane="x",le="+Inf"} 4
        t_seconds_sum{lane="x"} 5.12
        t_seconds_count{lane="x"} 4

        """)
  }

  @Test("escapes what labels and help texts may not contain, and mends names")
  func escaping() {
    let exporter = PrometheusExporter(help: ["odd_name_1": "a\\b\nc \"d\""])
    let odd = [("1st:label", "quote\" slash\\ line\nend"), ("empty", "")]
    Counter(label: "odd-name.1", dimensions: odd, factory: exporter).increment()
    #expect(
      exporter.render() == #"""
        # HELP odd_name_1 a\\b\nc "d"
        # TYPE odd_name_1 counter
        odd_name_1{_st_label="quote\" slash\\ line\nend"} 1

        """#)
  }

  @Test("gives the same series whenever a name and labels are asked for, until they are destroyed")
  func sharing() {
    let exporter = PrometheusExporter()
    let first = Counter(label: "x_total", factory: exporter)
    let second = Counter(label: "x_total", factory: exporter)
    first.increment()
    second.increment()
    #expect(exporter.render() == "# TYPE x_total counter\nx_total 2\n")
    first.destroy()
    #expect(exporter.render() == "")
  }

  @Test("writes numbers that are none as Prometheus spells them")
  func specialNumbers() {
    let exporter = PrometheusExporter()
    for (index, value) in [Double.nan, .infinity, -.infinity, 1e300].enumerated() {
      Gauge(label: "g\(index)", factory: exporter).record(value)
    }
    let lines = exporter.render().split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines == ["g0 NaN", "g1 +Inf", "g2 -Inf", "g3 1e+300"])
  }
}
