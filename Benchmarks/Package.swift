// swift-tools-version: 6.1
import PackageDescription

// Its own package, so that the library carries no benchmark code.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "saga", path: ".."),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .target(name: "Allocations"),
    .target(
      name: "Floor",
      linkerSettings: [.linkedLibrary("sqlite3")]
    ),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "Allocations", "Floor",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "Logging", package: "swift-log"),
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
