// swift-tools-version: 6.1
import PackageDescription

/// Its own package, so that the library carries none of an example's dependencies.
let package = Package(
  name: "OrderService",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "saga", path: "../.."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .executableTarget(
      name: "order-service",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "SagaPrometheus", package: "saga"),
        .product(name: "SagaSQLite", package: "saga"),
        .product(name: "SagaRuntime", package: "saga"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Sources/OrderService",
      resources: [.copy("sagas")]
    )
  ],
  swiftLanguageModes: [.v6]
)
