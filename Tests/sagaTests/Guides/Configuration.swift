// The snippets of docs/guides/configuration.md.
import Configuration
import SagaConfiguration
import SagaRuntime
import SagaSQLite

func guideValues() -> EngineConfiguration {
  var configuration = EngineConfiguration()
  configuration.maximumBatch = 64
  return configuration
}

func guideReader(definitions: SagaDefinitions) async throws -> SagaEngine {
  let reader = ConfigReader(providers: [
    EnvironmentVariablesProvider(),
    try await FileProvider<JSONSnapshot>(filePath: "/etc/orders.json"),
  ]).scoped(to: "saga")
  let engine = try SagaEngine(
    database: "orders.db", options: SQLiteOptions(reader: reader.scoped(to: "sqlite")),
    definitions: definitions, configuration: EngineConfiguration(reader: reader))
  return engine
}
