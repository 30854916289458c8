import Foundation
import PackagePlugin

/// Checks the definitions in a target's folder `sagas` whenever it is built, and gives the target their Swift.
@main
struct SagaPlugin: BuildToolPlugin {
  /// `SagaPlugin.json` in the target's folder.
  private struct Configuration: Decodable {
    static let fileName = "SagaPlugin.json"
    enum Access: String, Decodable { case `internal`, `package`, `public` }
    /// Who may use the generated code.
    var access = Access.internal
  }

  /// Why a target cannot be given any Swift.
  private struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    guard let target = target as? any SourceModuleTarget else {
      throw Fault(description: "\(target.name) has no sources; give SagaPlugin to a target that has")
    }
    let folder = target.directoryURL.appending(path: "sagas", directoryHint: .isDirectory)
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw Fault(
        description: "\(folder.path): cannot be read: \(error.localizedDescription); put the sagas of \(target.name) "
          + "there, in a folder that may be read")
    }
    // The files that `saga check` takes from a folder.
    let definitions = names.sorted().filter {
      $0.hasSuffix(".json") && !$0.hasSuffix(".scenario.json") && !$0.hasSuffix(".schema.json")
    }
    if definitions.isEmpty {
      throw Fault(
        description: "\(folder.path) holds no definition (no .json file); put the sagas of \(target.name) there")
    }
    let paths = definitions.map { folder.appending(path: $0) }
    let (configuration, configurationFile) = try configuration(of: target)
    let output = context.pluginWorkDirectoryURL
    return [
      .buildCommand(
        displayName: "Checking the sagas of \(target.name)",
        executable: try context.tool(named: "saga-generate").url,
        arguments: [configuration.access.rawValue, output.path] + paths.map(\.path),
        inputFiles: paths + schemas(in: folder) + configurationFile,
        // As `SwiftGenerator.Output.fileName` says.
        outputFiles: definitions.map { output.appending(path: $0.dropLast(".json".count) + ".saga.swift") })
    ]
  }

  private func configuration(of target: any SourceModuleTarget) throws -> (Configuration, files: [URL]) {
    let file = target.directoryURL.appending(path: Configuration.fileName)
    guard FileManager.default.fileExists(atPath: file.path) else { return (Configuration(), []) }
    do {
      return (try JSONDecoder().decode(Configuration.self, from: try Data(contentsOf: file)), [file])
    } catch {
      throw Fault(description: "\(file.path): \(error); write { \"access\": \"internal\" }, \"package\" or \"public\"")
    }
  }

  /// Every schema file in the folder, at any depth: definitions may refer to them.
  private func schemas(in folder: URL) -> [URL] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { $0.hasSuffix(".schema.json") }.sorted().map { folder.appending(path: $0) }
  }
}
