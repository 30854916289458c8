import Foundation
import SagaCore

extension SchemaReader {
  /// Reads the schema files that a definition or a schema refers to, by their paths from its folder.
  ///
  /// - Parameter path: the file that refers to them.
  public static func beside(_ path: String) -> SchemaReader {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    return SchemaReader { name throws(Fault) in
      guard !name.hasPrefix("/") else {
        throw Fault(reason: "it is an absolute path; write the path from \(folder.path)")
      }
      let file = folder.appendingPathComponent(name.removingPercentEncoding ?? name).path
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), !isDirectory.boolValue else {
        throw Fault(reason: "there is no file \(file)")
      }
      guard let data = FileManager.default.contents(atPath: file) else {
        throw Fault(reason: "\(file) cannot be read; check its permissions")
      }
      return Array(data)
    }
  }
}
