import ArgumentParser
import SagaCore
import SagaFiles
import SagaGenerator
import SagaRuntime

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes code of definitions.",
    discussion: """
      Example:
        saga generate swift orders.json
      """,
    subcommands: [GenerateSwift.self])
}

struct GenerateSwift: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swift",
    abstract: "Makes Swift of definitions: messages, a protocol for each participant, and states.",
    discussion: """
      A handler that does not fit the definition then does not compile. Each definition gives one file, called after \
      it (orders.json gives orders.saga.swift). Without --output the Swift of one definition goes to the standard output. \
      Files that would not change are left untouched. Directories are searched for .json files (scenarios and schemas \
      aside). The build plugin SagaPlugin does the same at every build.

      Example:
        saga generate swift orders.json
        saga generate swift sagas --output Sources/Orders/Generated --access package

      Exit codes: 0 done · 1 a definition is invalid · 2 wrong usage · 3 a file cannot be read or written.
      """)
  @Argument(help: "Definition files, or directories of them.")
  var paths: [String]
  @Option(help: "The folder for the files; it is made where there is none.")
  var output: String?
  @Option(help: "Who may use the code: internal, package or public.")
  var access = SwiftAccess.internal
  @OptionGroup var options: OutputOptions

  func run() throws {
    let files = try Definitions.files(at: paths)
    if output == nil, files.count > 1 {
      throw Failure.usage("\(files.count) definitions need a folder to go to; name it with --output")
    }
    let sources = try files.map {
      SwiftGenerator.Source(file: $0, bytes: try Files.read($0), schemas: .beside($0))
    }
    let result = SwiftGenerator.generate(sources, access: access)
    try Definitions.refuse(result.diagnostics, hint: "")
    try requireOwnFiles(result.outputs)
    guard let output else {
      for generated in result.outputs {
        if options.json {
          Console.print(json(generated, ["swift": .string(generated.text)]))
        } else {
          Console.print(generated.text, terminator: "")
        }
      }
      return
    }
    for generated in result.outputs { try write(generated, into: output) }
  }

  /// Two definitions whose files have one name would overwrite one another.
  private func requireOwnFiles(_ outputs: [SwiftGenerator.Output]) throws {
    for (index, generated) in outputs.enumerated() {
      guard let other = outputs[..<index].first(where: { $0.fileName == generated.fileName }) else { continue }
      throw Failure.usage(
        "\(other.file) and \(generated.file) would both become \(generated.fileName); rename one, or generate them into two folders"
      )
    }
  }

  private func write(_ generated: SwiftGenerator.Output, into folder: String) throws {
    let path = (folder.hasSuffix("/") ? folder : folder + "/") + generated.fileName
    let isWritten: Bool
    do throws(OutputFile.Fault) {
      isWritten = try OutputFile.write(generated.text, to: path)
    } catch {
      throw Failure.environment("\(error.path): \(error.reason)")
    }
    if options.json {
      Console.print(json(generated, ["path": .string(path), "written": .bool(isWritten)]))
    } else {
      Console.print("\(path): \(isWritten ? "written" : "unchanged")")
    }
  }

  private func json(_ generated: SwiftGenerator.Output, _ more: JSONObject) -> JSON {
    var object: JSONObject = [
      "definition": .string(generated.file), "saga": .string(generated.saga), "version": .int(generated.version),
      "namespace": .string(generated.namespace),
    ]
    for (key, value) in more { object[key] = value }
    return .object(object)
  }
}

extension SwiftAccess: ExpressibleByArgument {}
