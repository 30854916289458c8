import CEL
import Foundation
import Testing

/// The public conformance suite of google/cel-spec, read from beside the repository and never copied into it.
@Suite struct ConformanceTests {
  @Test(
    "every core case of the public suite passes, two misprints apart",
    .enabled(
      if: ConformanceFile.path != nil,
      "the suite lies at ../shared/data or in SAGA_SHARED; without it there is nothing to run"))
  func suite() throws {
    let cases = try ConformanceFile.cases()
    var failures: [String] = []
    for testCase in cases {
      guard let failure = testCase.failure() else { continue }
      failures.append(testCase.title)
      if !Self.misprints.contains(testCase.title) { Issue.record("\(failure)") }
    }
    #expect(cases.count == 1081)
    #expect(failures == Self.misprints)
  }

  /// Both expect a backslash that the expression does not have; the same cases for strings expect none (docs/cel.md).
  static let misprints = [
    "parse/bytes_literals/triple_single_quoted_unescaped_punctuation",
    "parse/bytes_literals/triple_double_quoted_unescaped_punctuation",
  ]
}

private enum ConformanceFile {
  static let path: String? = {
    var folders: [URL] = []
    if let shared = ProcessInfo.processInfo.environment["SAGA_SHARED"] { folders.append(URL(fileURLWithPath: shared)) }
    var folder = URL(fileURLWithPath: #filePath)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      folders.append(folder.appendingPathComponent("shared"))
    }
    return folders.map { $0.appendingPathComponent("data/cel-conformance-core.jsonl").path }
      .first { FileManager.default.fileExists(atPath: $0) }
  }()

  static func cases() throws -> [ConformanceCase] {
    let text = try String(contentsOfFile: try #require(path), encoding: .utf8)
    return try text.utf8.split(separator: UInt8(ascii: "\n")).map { line in
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
      return try #require(ConformanceCase(object))
    }
  }
}

private struct ConformanceCase {
  var title: String
  var expression: String
  var bindings: [(name: String, value: CELValue)]
  var isChecked: Bool
  /// Nil when an error is expected.
  var expected: CELValue?

  init?(_ object: [String: Any]) {
    guard let expression = object["expr"] as? String, let bindings = object["bindings"] as? [String: Any] else {
      return nil
    }
    title = ["file", "section", "name"].map { object[$0] as? String ?? "" }.joined(separator: "/")
    self.expression = expression
    isChecked = object["disable_check"] as? Bool != true
    self.bindings = []
    for name in bindings.keys.sorted() {
      guard let value = CELValue(protobufJSON: Self.node(bindings[name]!)) else { return nil }
      self.bindings.append((name, value))
    }
    guard object["error"] == nil else { return }
    guard let value = object["value"], let expected = CELValue(protobufJSON: Self.node(value)) else { return nil }
    self.expected = expected
  }

  /// What went wrong, or nil when the case passes.
  func failure() -> String? {
    do throws(CELError) {
      let environment = CELEnvironment(variables: bindings.map { (name: $0.name, type: CELType.dyn) })
      let program = try environment.compile(expression, check: isChecked)
      let value = try program.evaluate(CELValues(bindings.map(\.value)))
      guard let expected else { return "\(title): \(expression) gave \(value), an error was expected" }
      return Self.isSame(value, expected) ? nil : "\(title): \(expression) gave \(value), expected \(expected)"
    } catch {
      return expected == nil ? nil : "\(title): \(expression) failed: \(error)"
    }
  }

  /// Equal in type too: the suite tells 1 from 1.0, and -0.0 from 0.0, but not the order of map entries.
  private static func isSame(_ left: CELValue, _ right: CELValue) -> Bool {
    switch (left, right) {
    case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
    case (.map(let a), .map(let b)):
      a.count == b.count && a.entries.allSatisfy { entry in b[entry.key].map { isSame(entry.value, $0) } ?? false }
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
    default: left.typeName == right.typeName && left == right
    }
  }

  private static func node(_ json: Any) -> ProtobufJSONNode {
    switch json {
    case let text as String: .string(text)
    case let number as NSNumber:
      CFBoolean.isBoolean(number) ? .bool(number.boolValue) : .number("\(number)")
    case let array as [Any]: .array(array.map(node))
    case let object as [String: Any]:
      .object(object.keys.sorted().map { ProtobufJSONNode.Member($0, node(object[$0]!)) })
    default: .null
    }
  }
}

private enum CFBoolean {
  /// JSON's true and false are numbers to Foundation; their type code tells them apart.
  static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
