// swift-tools-version: 6.1
import PackageDescription

// Its own package, so that the library carries no benchmark code.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v14)],
  dependencies: [.package(name: "saga", path: "..")],
  targets: [
    .target(
      name: "Floor",
      linkerSettings: [.linkedLibrary("sqlite3")]
    ),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "Floor",
        .product(name: "CEL", package: "saga"),
        .product(name: "SagaCore", package: "saga"),
        .product(name: "SagaRuntime", package: "saga"),
        .product(name: "SagaSQLite", package: "saga"),
        .product(name: "SagaSQLiteFaults", package: "saga"),
        .product(name: "SagaSimulation", package: "saga"),
      ]
    ),
  ],
  swiftLanguageModes: [.v6]
)
