// swift-tools-version: 6.1
import PackageDescription

/// Its own package, so that the library carries none of an example's dependencies.
let package = Package(
  name: "GRDBService",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "saga", path: "../.."),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .executableTarget(
      name: "grdb-service",
      dependencies: [
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "SagaSQLite", package: "saga"),
        .product(name: "SagaRuntime", package: "saga"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Sources/GRDBService",
      resources: [.copy("sagas")]
    )
  ],
  swiftLanguageModes: [.v6]
)
