import Foundation
import PackagePlugin

/// Checks the definitions in a target's folder `sagas` whenever it is built, and gives the target their Swift.
@main
struct SagaPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    guard let target = target as? any SourceModuleTarget else {
      Diagnostics.error("\(target.name) has no sources of its own; give SagaPlugin to a target that has")
      return []
    }
    let folder = target.directoryURL.appending(path: "sagas", directoryHint: .isDirectory)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    // The same files as `saga check` takes from a folder.
    let definitions = names.sorted().filter {
      $0.hasSuffix(".json") && !$0.hasSuffix(".scenario.json") && !$0.hasSuffix(".schema.json")
    }
    if definitions.isEmpty {
      Diagnostics.error(
        "\(folder.path) holds no definition (no .json file); SagaPlugin makes Swift of those it finds there")
      return []
    }
    let output = context.pluginWorkDirectoryURL
    return [
      .buildCommand(
        displayName: "Checking the sagas of \(target.name)",
        executable: try context.tool(named: "saga-generate").url,
        arguments: [access(target), output.path] + definitions.map { folder.appending(path: $0).path },
        inputFiles: schemas(in: folder) + definitions.map { folder.appending(path: $0) },
        // One file a definition, called as `SwiftGenerator.Output.fileName` says.
        outputFiles: definitions.map { output.appending(path: $0.dropLast(".json".count) + ".saga.swift") })
    ]
  }

  /// Who may use the generated code: what stands in `sagas/access`, else the target alone.
  private func access(_ target: any SourceModuleTarget) -> String { "internal" }

  /// Every schema file that definitions may refer to.
  private func schemas(in folder: URL) -> [URL] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix(".schema.json") }.sorted().map { folder.appending(path: $0) }
  }
}
