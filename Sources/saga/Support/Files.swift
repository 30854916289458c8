import Foundation
import SagaFiles

/// Reading and writing files with messages a person can act on.
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

  /// Refuses to write over a file that is there and is nothing that a command has written.
  ///
  /// - Parameters:
  ///   - beginning: how what the command writes begins. An empty file, a pipe and a device are taken as they are.
  ///   - title: what the command writes, for the error.
  /// - Throws: `Failure` (environment).
  static func requireOwn(_ path: String, beginning: String, title: String, option: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure.environment("\(path): cannot be read: \(SystemCause.text(errno, path: path))")
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: beginning.utf8.count)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count == bytes.count, bytes.elementsEqual(beginning.utf8) else {
      throw Failure.environment(
        "\(path): is there already and is no \(title), so it is not overwritten; give \(option) another file, or move "
          + "this one away")
    }
  }

  /// Refuses a path at which no file can be made or written, before long work is done for it.
  ///
  /// - Throws: `Failure` (environment).
  static func requireWritable(_ path: String, option: String) throws {
    var status = stat()
    if stat(path, &status) == 0 {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      if !isDirectory, access(path, W_OK) == 0 { return }
      throw unwritable(path, isDirectory ? EISDIR : errno, option)
    }
    // With the dot a file in the place of the directory is noticed.
    if access(SystemCause.directory(of: path) + "/.", W_OK | X_OK) == 0 { return }
    throw unwritable(path, errno, option)
  }

  private static func unwritable(_ path: String, _ number: Int32, _ option: String) -> Failure {
    .environment("\(path): \(option) cannot be written: \(SystemCause.text(number, path: path))")
  }
}
