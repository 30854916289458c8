import Foundation
import SagaRuntime

/// Reading files with messages a person can act on.
enum Files {
  static func read(_ path: String) throws -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Failure.environment("\(path): there is no such file")
    }
    if isDirectory.boolValue { throw Failure.environment("\(path): is a directory; name a file") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.environment("\(path): cannot be read; check its permissions")
    }
    return Array(data)
  }

  /// The `.json` files that paths name: files as they are, directories by their content (without scenarios and schemas).
  static func definitions(at paths: [String]) throws -> [String] {
    do {
      return try paths.flatMap { try SagaDefinitions.files(at: $0) }
    } catch let error as DefinitionError {
      throw Failure.environment("\(error)")
    }
  }
}
