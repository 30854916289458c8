import SagaFiles

/// Reading files with messages a person can act on.
enum Files {
  static func read(_ path: String) throws -> [UInt8] {
    do throws(DefinitionFiles.Fault) {
      return try DefinitionFiles.read(path)
    } catch {
      throw Failure.environment("\(error.path): \(error.reason)")
    }
  }

  /// The `.json` files that paths name: files as they are, directories by their content (without scenarios and schemas).
  static func definitions(at paths: [String]) throws -> [String] {
    do throws(DefinitionFiles.Fault) {
      var files: [String] = []
      for path in paths { files += try DefinitionFiles.paths(at: path) }
      return files
    } catch {
      throw Failure.environment("\(error.path): \(error.reason)")
    }
  }
}
