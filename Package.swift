// swift-tools-version: 6.1
import PackageDescription

/// Mutants are deliberate bugs that show what the simulator finds. They are compiled in only where the environment
/// asks for them, so no shipped build contains one.
let mutants: [SwiftSetting] = Context.environment["SAGA_MUTANTS"] == nil ? [] : [.define("SAGA_MUTANTS")]

/// Where a target uses the plugin, SwiftPM builds the plugin's tool, and BoringSSL with it, twice over whenever a file comes or goes.
/// So tests compile the same Swift from their folder `Generated`, unless the environment asks for the plugin, as `scripts/test` does.
let usesPlugin = Context.environment["SAGA_PLUGIN"] != nil

let package = Package(
  name: "saga",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "CEL", targets: ["CEL"]),
    .library(name: "SagaCore", targets: ["SagaCore"]),
    .library(name: "SagaRuntime", targets: ["SagaRuntime"]),
    .library(name: "SagaSQLite", targets: ["SagaSQLite"]),
    .library(name: "SagaSimulation", targets: ["SagaSimulation"]),
    .library(name: "SagaTesting", targets: ["SagaTesting"]),
    .library(name: "SagaPrometheus", targets: ["SagaPrometheus"]),
    .library(name: "SagaGenerator", targets: ["SagaGenerator"]),
    .library(name: "SagaConfiguration", targets: ["SagaConfiguration"]),
    .library(name: "SagaSQLiteFaults", targets: ["SagaSQLiteFaults"]),
    .executable(name: "saga", targets: ["saga"]),
    .plugin(name: "SagaPlugin", targets: ["SagaPlugin"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(name: "CEL"),
    .target(
      name: "SagaCore",
      dependencies: ["CEL", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: mutants
    ),
    .target(
      name: "SagaRuntime",
      dependencies: [
        "SagaCore", "SagaFiles",
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ],
      swiftSettings: mutants
    ),
    .target(name: "SagaGenerator", dependencies: ["SagaCore"]),
    .target(name: "SagaFiles", dependencies: ["SagaCore"]),
    .executableTarget(name: "saga-generate", dependencies: ["SagaGenerator", "SagaFiles"]),
    .plugin(name: "SagaPlugin", capability: .buildTool(), dependencies: ["saga-generate"]),
    .systemLibrary(
      name: "CSQLite",
      pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]
    ),
    .target(name: "SagaSQLite", dependencies: ["SagaRuntime", "CSQLite"]),
    .target(
      name: "SagaPrometheus", dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")]),
    .target(
      name: "SagaConfiguration",
      dependencies: ["SagaSQLite", .product(name: "Configuration", package: "swift-configuration")]),
    .target(
      name: "SagaSimulation",
      dependencies: ["SagaRuntime", .product(name: "HeapModule", package: "swift-collections")],
      swiftSettings: mutants
    ),
    .target(name: "SagaTesting", dependencies: ["SagaRuntime"]),
    .target(name: "SagaSQLiteFaults", dependencies: ["SagaSQLite", "SagaSimulation", "CSQLite"]),
    .executableTarget(
      name: "saga",
      dependencies: [
        "SagaFiles",
        "SagaGenerator",
        "SagaSQLite",
        "SagaSQLiteFaults",
        "SagaSimulation",
        "SagaTesting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: mutants
    ),
    // What tests of several targets need; no product has it.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "CELTests", dependencies: ["CEL"]),
    .testTarget(name: "SagaCoreTests", dependencies: ["SagaCore"]),
    .testTarget(name: "SagaRuntimeTests", dependencies: ["SagaRuntime", "TestSupport"]),
    .testTarget(
      name: "SagaSQLiteTests",
      dependencies: [
        "SagaSQLite", "SagaTesting", "SagaPrometheus", "CSQLite", "TestSupport",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(name: "SagaSQLiteFaultsTests", dependencies: ["SagaSQLiteFaults", "CSQLite"]),
    .testTarget(name: "SagaSimulationTests", dependencies: ["SagaSimulation", "TestSupport"]),
    .testTarget(
      name: "SagaPrometheusTests",
      dependencies: ["SagaPrometheus", .product(name: "CoreMetrics", package: "swift-metrics")]),
    .testTarget(name: "SagaConfigurationTests", dependencies: ["SagaConfiguration"]),
    .testTarget(
      name: "SagaGeneratorTests", dependencies: ["SagaGenerator", "SagaSQLite", "TestSupport"],
      exclude: ["sagas"] + (usesPlugin ? ["Generated"] : ["SagaPlugin.json"]),
      plugins: usesPlugin ? ["SagaPlugin"] : []),
    .testTarget(name: "SagaTestingTests", dependencies: ["SagaTesting", "TestSupport"]),
    .testTarget(
      name: "sagaTests",
      dependencies: [
        "saga", "SagaSQLite", "SagaTesting", "SagaPrometheus", "SagaConfiguration", "CSQLite",
        "TestSupport", .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ]),
    .testTarget(name: "HouseRulesTests", dependencies: ["SagaSQLite", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
