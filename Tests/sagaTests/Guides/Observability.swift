// The snippet of docs/guides/observability.md.
import Logging
import SagaPrometheus
import SagaRuntime
import SagaSQLite
import Tracing

func guideTelemetry(definitions: SagaDefinitions, logger: Logger, tracer: any Tracer) throws -> SagaEngine {
  let exporter = PrometheusExporter(help: SagaMetric.helpByName)
  let engine = try SagaEngine(
    database: "orders.db", definitions: definitions, logger: logger,
    telemetry: Telemetry(metrics: exporter, tracer: tracer))
  return engine
}
