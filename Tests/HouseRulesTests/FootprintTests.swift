import Foundation
import TestSupport
import Testing

/// What a service gets that takes the engine and SQLite: no server, no broker client, no benchmark and no test library.
@Suite("The footprint of an embedder")
struct FootprintTests {
  /// What `swift package dump-package` says of the manifest.
  private struct Manifest: Decodable {
    struct Dependency: Decodable {
      /// The product and its package.
      var product: [String?]?
      /// A target of this package, most likely.
      var byName: [String?]?
      var target: [String?]?
    }
    struct Target: Decodable {
      var name: String
      var dependencies: [Dependency]
    }
    var targets: [Target]
  }

  /// What SwiftPM has fetched for this package, and fetches for whoever depends on it.
  private struct Resolved: Decodable {
    struct Pin: Decodable { var identity: String }
    var pins: [Pin]
  }

  private static func manifest() throws -> Manifest {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("manifest-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("manifest.json")
    try Data().write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.currentDirectoryURL = SourceTree.root
    // A folder of its own, because the one of the build is locked while it is tested.
    process.arguments = ["swift", "package", "--scratch-path", folder.path, "dump-package"]
    process.standardOutput = try FileHandle(forWritingTo: file)
    try process.run()
    try process.waitUntilExit(withinSeconds: 300)
    try #require(process.terminationStatus == 0, "swift package dump-package ended with \(process.terminationStatus)")
    return try JSONDecoder().decode(Manifest.self, from: try Data(contentsOf: file))
  }

  @Test("of SagaSQLite is the engine and these libraries of Apple's and the Swift server group's")
  func closure() throws {
    let targets = Dictionary(uniqueKeysWithValues: try Self.manifest().targets.map { ($0.name, $0.dependencies) })
    var waiting = ["SagaSQLite"]
    var ours: Set<String> = []
    var products: Set<String> = []
    while let name = waiting.popLast() {
      guard ours.insert(name).inserted else { continue }
      for dependency in try #require(targets[name], "\(name) is no target of this package") {
        let product = dependency.product?.prefix(2).compactMap { $0 }
        if let product { products.insert(product.joined(separator: " of ")) }
        if let target = (dependency.byName ?? dependency.target)?[0] { waiting.append(target) }
      }
    }
    #expect(ours == ["CEL", "SagaCore", "SagaFiles", "SagaRuntime", "SagaSQLite", "CSQLite"])
    #expect(
      products == [
        "Crypto of swift-crypto", "HeapModule of swift-collections", "DequeModule of swift-collections",
        "CoreMetrics of swift-metrics", "Logging of swift-log", "ServiceLifecycle of swift-service-lifecycle",
        "Tracing of swift-distributed-tracing",
      ])
  }

  @Test("fetches these packages: none of them is a server, a broker's client or for tests")
  func fetched() throws {
    let data = try Data(contentsOf: SourceTree.root.appendingPathComponent("Package.resolved"))
    let fetched = try JSONDecoder().decode(Resolved.self, from: data).pins.map(\.identity)
    #expect(
      fetched.sorted() == [
        "swift-argument-parser", "swift-asn1", "swift-async-algorithms", "swift-collections", "swift-configuration",
        "swift-crypto", "swift-distributed-tracing", "swift-log", "swift-metrics", "swift-service-lifecycle",
        "swift-system",
      ])
  }
}
