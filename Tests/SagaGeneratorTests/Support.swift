import Foundation
import SagaCore
import SagaGenerator

enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appendingPathComponent(path))) }

  static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  /// A definition of the repository with its schema files, as the generator takes it.
  static func source(_ path: String) throws -> SwiftGenerator.Source {
    let folder = root.appendingPathComponent(path).deletingLastPathComponent()
    let schemas = SchemaReader { name throws(SchemaReader.Fault) in
      guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) else {
        throw SchemaReader.Fault(reason: "there is no \(name)")
      }
      return Array(data)
    }
    return SwiftGenerator.Source(file: path, bytes: try bytes(path), schemas: schemas)
  }
}

/// Small definitions around what a test is about.
enum Sample {
  /// An orchestration that starts with `Wanted` and calls `work` for `Do`, which `Done` answers.
  static func definition(
    saga: String = "sample", version: Int = 1, wanted: String = "{}", more: String = "", schemas: String = "{}",
    to: String = "work", steps: String? = nil
  ) -> SwiftGenerator.Source {
    let call = """
      { "step": "do", "call": "Do", "to": "\(to)", "with": {}, "reply": { "Done": {} }, "timeout": "1s", "undo": "none" }
      """
    let text = """
      { "saga": "\(saga)", "version": \(version), "schemas": \(schemas),
        "messages": { "Wanted": { "key": "event.data.id", "schema": \(wanted) }, "Done": { "key": "event.data.id" } \(more) },
        "start": { "Wanted": {} },
        "steps": [ \(steps ?? call) ] }
      """
    return SwiftGenerator.Source(file: "\(saga).json", bytes: Array(text.utf8))
  }

  /// The Swift of a definition; what was found instead where there is none.
  static func text(_ source: SwiftGenerator.Source, access: SwiftAccess = .internal) -> String {
    let result = SwiftGenerator.generate([source], access: access)
    return result.outputs.first?.text
      ?? result.diagnostics.map { "\($0.code) \($0.position): \($0.message)" }.joined(separator: "\n")
  }
}
