import ArgumentParser
import Foundation
import SagaCore
import SagaRuntime

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Compares versions of message schemas.",
    discussion: """
      Example:
        saga schema check order.v1.schema.json order.v2.schema.json
      """,
    subcommands: [SchemaCheck.self])
}

struct SchemaCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tells whether data of one version of a schema can be read with another.",
    discussion: """
      OLD and NEW are JSON Schema files, or saga definitions, of which every message type is compared. backward: the new \
      version reads data of the old one. forward: the old version reads data of the new one. full: both. What cannot be \
      proven compatible is reported as such and counts as breaking; so silence is a proof.

      A property that only the newer version names is taken to be new: nobody has sent it with another meaning. --strict does \
      not take that for granted.

      Example:
        saga schema check order.v1.schema.json order.v2.schema.json
        saga schema check orders.v1.json orders.v2.json --mode full --json

      Exit codes: 0 compatible · 1 breaking, not proven, or one of the two is no valid schema or definition, and the \
      error says which of these · 2 wrong usage · 3 a file cannot be read.
      """)
  @Argument(help: "The version that was there before: a JSON Schema or a saga definition.")
  var old: String
  @Argument(help: "The version that comes after it.")
  var new: String
  @Option(help: "backward, forward or full.")
  var mode: SchemaCompatibilityMode = .backward
  @Flag(help: "Data may hold members under names that its schema does not mention.")
  var strict = false
  @OptionGroup var output: OutputOptions

  func run() throws {
    let findings: [SchemaFinding]
    switch (try Version(old), try Version(new)) {
    case (.schema(let old), .schema(let new)):
      findings = SchemaCompatibility.findings(old: old, new: new, mode: mode, isStrict: strict)
    case (.definition(let old), .definition(let new)):
      if old.name != new.name {
        throw Failure.usage(
          "\(self.old) is the saga '\(old.name)' and \(self.new) is '\(new.name)'; compare versions of one")
      }
      findings = SchemaCompatibility.findings(old: old, new: new, mode: mode, isStrict: strict)
    case (.schema, .definition), (.definition, .schema):
      throw Failure.usage(
        "\(old) and \(new): one is a saga definition and the other a JSON Schema; compare two of a kind")
    }
    if output.json {
      Console.print(json(findings))
    } else {
      for finding in findings { Console.print(text(finding)) }
      for direction in mode.directions { Console.print(summary(direction, findings)) }
    }
    if findings.contains(where: \.isFailure) { throw Failure.reported }
  }

  private func text(_ finding: SchemaFinding) -> String {
    let style: Console.Style = finding.verdict == .note ? .dim : finding.verdict == .breaking ? .red : .yellow
    let file = finding.direction == .backward ? new : old
    let type = finding.type.map { "\(Text.safe($0)) " } ?? ""
    let place = finding.place.description.isEmpty ? "/" : Text.safe(finding.place.description)
    return """
      \(Console.styled("\(finding.verdict.rawValue)[\(finding.code.rawValue)]", style)) \(type)\(place): \
      \(Text.safe(finding.message)) (\(finding.direction.rawValue))
          rule: \(file)#\(Text.safe(finding.rule.description))
          mend: \(finding.mend)
      """
  }

  private func summary(_ direction: SchemaDirection, _ findings: [SchemaFinding]) -> String {
    let mine = findings.filter { $0.direction == direction }
    let breaking = mine.filter { $0.verdict == .breaking }.count
    let unproven = mine.filter { $0.verdict == .unproven }.count
    if breaking + unproven == 0 { return "\(direction.rawValue): \(Console.styled("compatible", .green))" }
    let parts = [
      breaking > 0 ? Text.count(breaking, "breaking change") : nil,
      unproven > 0 ? "\(unproven) that cannot be proven compatible" : nil,
    ]
    return "\(direction.rawValue): \(parts.compactMap(\.self).joined(separator: ", "))"
  }

  private func json(_ findings: [SchemaFinding]) -> JSON {
    var result: [(String, JSON)] = [("mode", .string(mode.rawValue))]
    for direction in mode.directions {
      let isFine = !findings.contains { $0.direction == direction && $0.isFailure }
      result.append((direction.rawValue, .bool(isFine)))
    }
    let list = findings.map { finding -> JSON in
      [
        "code": .string(finding.code.rawValue), "verdict": .string(finding.verdict.rawValue),
        "direction": .string(finding.direction.rawValue), "type": finding.type.map(JSON.string) ?? .null,
        "path": .string(finding.place.description), "rule": .string(finding.rule.description),
        "file": .string(finding.direction == .backward ? new : old), "message": .string(finding.message),
        "mend": .string(finding.mend),
      ]
    }
    result.append(("findings", .array(list)))
    return .object(JSONObject(result))
  }

  private enum Version {
    case schema(Schema)
    case definition(Definition)

    /// - Throws: `Failure`: of the environment for a file that cannot be read, bad for one that is neither.
    init(_ path: String) throws {
      let source = try Files.read(path)
      let located: LocatedJSON
      do throws(JSONError) {
        located = try JSONParser.parseWithPositions(source, limits: .definition)
      } catch {
        let position = error.position(in: source)
        throw Failure.bad("\(path):\(position.line):\(position.column): \(error.message)")
      }
      if located.root["saga"] != nil, located.root["messages"] != nil {
        let (definition, diagnostics) = DefinitionDecoder.decode(source: source, file: path, schemas: .beside(path))
        try Definitions.refuse(diagnostics)
        guard let definition else { preconditionFailure("a definition without errors is there") }
        self = .definition(definition)
        return
      }
      do throws(SchemaError) {
        let name = (path as NSString).lastPathComponent
        var documents = SchemaDocuments()
        try documents.gather(from: [(name, located.root)], by: .beside(path))
        self = .schema(try Schema(json: located.root, name: name, documents: documents))
      } catch {
        let position = located.nearestPosition(of: error.path)
        throw Failure.bad("\(path):\(position.line):\(position.column): \(error.message)")
      }
    }
  }
}

extension SchemaCompatibilityMode: ExpressibleByArgument {}
