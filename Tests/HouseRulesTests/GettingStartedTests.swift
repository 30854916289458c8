import Foundation
import TestSupport
import Testing

@Suite("The guide to getting started")
struct GettingStartedTests {
  /// The manifest that the guide shows.
  private static func manifest() throws -> String {
    let blocks = try SourceTree.text("docs/guides/getting-started.md").matches(of: /```\n((?s).*?)```/)
    let manifests = blocks.map { String($0.1) }.filter { $0.contains("import PackageDescription") }
    try #require(manifests.count == 1, "one block of the guide is the manifest")
    return manifests[0]
  }

  @Test("shows a manifest that SwiftPM reads")
  func read() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(Self.manifest().utf8).write(to: folder.appendingPathComponent("Package.swift"))
    let output = folder.appendingPathComponent("manifest.json")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.currentDirectoryURL = folder
    process.arguments = ["swift", "package", "dump-package"]
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
    try process.waitUntilExit(withinSeconds: 300)
    #expect(process.terminationStatus == 0, "swift package dump-package ended with \(process.terminationStatus)")
    #expect(try String(contentsOf: output, encoding: .utf8).contains("\"shop\""))
  }

  @Test("has every product that its code imports in the manifest")
  func products() throws {
    let text = try SourceTree.text("docs/guides/getting-started.md")
    let imports = try #require(text.firstMatch(of: /`main\.swift`, which imports (?<names>[^.]*?), and\n/)).names
    let names = imports.matches(of: /`(\w+)`/).map { String($0.1) }
    #expect(names.count > 3)
    let manifest = try Self.manifest()
    for name in names { #expect(manifest.contains(".product(name: \"\(name)\","), "\(name)") }
  }

  @Test("asks for the version of Swift and of the libraries that the package itself asks for")
  func versions() throws {
    let own = try SourceTree.text("Package.swift")
    let lines = try Self.manifest().split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let wanted = lines.filter { $0.hasPrefix("// swift-tools-version") || $0.hasPrefix(".package(url:") }
    #expect(wanted.count == 3)
    for line in wanted { #expect(own.contains(line), "\(line)") }
  }
}
