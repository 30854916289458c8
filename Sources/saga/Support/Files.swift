import Foundation

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

  /// The `.json` files that paths name: files as they are, directories by their content (without scenarios).
  static func definitions(at paths: [String]) throws -> [String] {
    var files: [String] = []
    for path in paths {
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw Failure.environment("\(path): there is no such file or directory")
      }
      guard isDirectory.boolValue else {
        files.append(path)
        continue
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      let found = names.filter {
        $0.hasSuffix(".json") && !$0.hasSuffix(".scenario.json") && !$0.hasSuffix(".schema.json")
      }
      if found.isEmpty { throw Failure.environment("\(path): holds no definition (no .json file)") }
      files += found.map { (path as NSString).appendingPathComponent($0) }
    }
    return files
  }
}
