import Foundation
import SagaCore

/// Definitions as files lie in folders, for everything that reads them.
package enum DefinitionFiles {
  /// Why a path gives no definition.
  package struct Fault: Error {
    package var path: String
    package var reason: String
  }

  /// How files end that lie beside definitions and are none.
  private static let others = [".scenario.json", ".schema.json", ".trace.json", ".mapping.json"]

  /// A file as it is, a directory by the `.json` files in it, without scenarios, schemas, traces and mappings.
  package static func paths(at path: String) throws(Fault) -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Fault(path: path, reason: "there is no such file or directory")
    }
    if !isDirectory.boolValue { return [path] }
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw Fault(path: path, reason: "cannot be read; check its permissions")
    }
    let names = entries.sorted().filter { name in name.hasSuffix(".json") && !others.contains { name.hasSuffix($0) } }
    if names.isEmpty { throw Fault(path: path, reason: "it holds no definition (no .json file)") }
    return names.map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }
  }

  /// The bytes of a file.
  package static func read(_ path: String) throws(Fault) -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Fault(path: path, reason: "there is no such file")
    }
    if isDirectory.boolValue { throw Fault(path: path, reason: "is a directory; name a file") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Fault(path: path, reason: "cannot be read; check its permissions")
    }
    return Array(data)
  }

  /// Reads the schema files that a definition or a schema refers to, by their paths from its folder.
  ///
  /// - Parameter path: the file that refers to them.
  package static func schemas(beside path: String) -> SchemaReader {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    return SchemaReader { name throws(SchemaReader.Fault) in
      guard !name.hasPrefix("/") else {
        throw SchemaReader.Fault(reason: "it is an absolute path; write the path from \(folder.path)")
      }
      let file = folder.appendingPathComponent(name.removingPercentEncoding ?? name).path
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), !isDirectory.boolValue else {
        throw SchemaReader.Fault(reason: "there is no file \(file)")
      }
      guard let data = FileManager.default.contents(atPath: file) else {
        throw SchemaReader.Fault(reason: "\(file) cannot be read; check its permissions")
      }
      return Array(data)
    }
  }
}
