import Foundation

/// The repository that these tests stand in.
enum SourceTree {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// What stands below a folder of the repository, folders included, by path; nothing where there is no such folder.
  static func paths(below folder: String) -> [String] {
    let base = root.appendingPathComponent(folder)
    let paths = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return paths.sorted().map { "\(folder)/\($0)" }
  }

  /// The Swift files below a folder of the repository, by path; none where there is no such folder.
  static func swiftFiles(below folder: String) -> [SourceFile] {
    paths(below: folder).filter { $0.hasSuffix(".swift") }.compactMap { path in
      (try? text(path)).map { SourceFile(path: path, text: $0) }
    }
  }
}

struct SourceFile {
  /// From the root of the repository.
  var path: String
  var text: String

  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// The lines without comments and without what stands in string literals, so that rules look at code only.
  var code: [String] {
    var isInBlock = false
    var isInText = false
    return lines.map { SourceFile.code(in: $0, isInBlock: &isInBlock, isInText: &isInText) }
  }

  /// - Parameters:
  ///   - isInBlock: whether the line begins inside `/* */`.
  ///   - isInText: whether it begins inside a literal of several lines.
  private static func code(in line: Substring, isInBlock: inout Bool, isInText: inout Bool) -> String {
    var kept = ""
    var rest = line
    var isInString = false
    while let first = rest.first {
      if isInBlock {
        isInBlock = !rest.hasPrefix("*/")
        rest = rest.dropFirst(isInBlock ? 1 : 2)
      } else if rest.hasPrefix("\"\"\"") {
        isInText.toggle()
        rest = rest.dropFirst(3)
      } else if isInText || isInString {
        if first == "\"", isInString { isInString = false }
        rest = rest.dropFirst(first == "\\" ? 2 : 1)
      } else if rest.hasPrefix("//") {
        break
      } else if rest.hasPrefix("/*") {
        isInBlock = true
        rest = rest.dropFirst(2)
      } else {
        if first == "\"" { isInString = true } else { kept.append(first) }
        rest = rest.dropFirst()
      }
    }
    return kept
  }
}
