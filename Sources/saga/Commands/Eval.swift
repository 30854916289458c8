import ArgumentParser
import CEL
import Foundation
import SagaCore

struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluates one expression of the definition language.",
    discussion: """
      --with gives variables by name. With --lines, reads one `{"expr": …, "bindings": {…}}` a line from standard input \
      and prints `{"value": …}` or `{"error": "…"}` for each: bindings and values are cel.expr.Value in protobuf's JSON \
      mapping, and `"disable_check": true` skips the type checker.

      Example:
        saga eval 'sum(data.items.map(i, i.cents))' \\
          --with '{"data": {"items": [{"cents": 4}, {"cents": 3}]}}'
        echo '{"expr": "x + 1", "bindings": {"x": {"int64Value": "41"}}}' \\
          | saga eval --lines
      """)
  @Argument(help: "A CEL expression.")
  var expression: String?
  @Option(name: .customLong("with"), help: "Variables: a JSON object.")
  var variables: String?
  @Flag(help: "Read expressions from standard input, one JSON object a line.")
  var lines = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if lines, expression != nil || variables != nil {
      throw ValidationError("--lines takes expressions from standard input only")
    }
    if !lines, expression == nil { throw ValidationError("name an expression, or read them with --lines") }
  }

  func run() throws {
    guard let expression else {
      while let line = readLine() { Console.print(EvalLine.answer(to: line)) }
      return
    }
    let bindings = try parseVariables()
    do throws(CELError) {
      let environment = CELEnvironment(variables: bindings.map { (name: $0.key, type: .dyn) })
      let program = try environment.compile(expression)
      show(try program.evaluate(CELValues(bindings.map { CELValue($0.value) })))
    } catch {
      if output.json { Console.print(["error": .string(error.message), "kind": .string(error.kind.rawValue)]) }
      throw output.json ? .reported : Failure.bad(Expressions.explain(error, in: expression))
    }
  }

  private func parseVariables() throws -> JSONObject {
    guard let variables else { return JSONObject() }
    do throws(JSONError) {
      if case .object(let object) = try JSON.parse(variables) { return object }
    } catch {
      throw Failure.usage("--with: \(error)")
    }
    throw Failure.usage("--with takes a JSON object: variables by name")
  }

  private func show(_ value: CELValue) {
    guard let json = try? JSON(cel: value) else {
      if output.json { Console.print(["value": .null, "text": .string("\(value)"), "type": .string(value.typeName)]) }
      if !output.json { Console.print("\(value)") }
      return
    }
    if output.json {
      Console.print(["value": json, "type": .string(value.typeName)])
    } else {
      Console.print(String(decoding: JSONWriter.pretty(json), as: UTF8.self))
    }
  }
}

/// One line of `saga eval --lines`.
enum EvalLine {
  static func answer(to line: String) -> String {
    do {
      let json = try JSONParser.parse(Array(line.utf8), limits: .definition)
      guard let expression = json["expr"]?.stringValue else { return error("a line has the member `expr`, a string") }
      let value = try evaluate(
        expression, json["bindings"] ?? .object(JSONObject()), check: json["disable_check"]?.boolValue != true)
      return "{\"value\":\(value.protobufJSON)}"
    } catch let failure as CELError {
      return error(failure.message)
    } catch {
      return self.error("\(error)")
    }
  }

  private static func evaluate(_ expression: String, _ bindings: JSON, check: Bool) throws -> CELValue {
    guard case .object(let members) = bindings else {
      throw JSONConversionError(path: [], message: "bindings are an object")
    }
    var values: [CELValue?] = []
    for (name, json) in members {
      guard let value = CELValue(protobufJSON: ProtobufJSONNode(json)) else {
        throw JSONConversionError(
          path: [], message: "the binding '\(name)' is no cel.expr.Value in protobuf's JSON mapping")
      }
      values.append(value)
    }
    let environment = CELEnvironment(variables: members.map { (name: $0.key, type: .dyn) })
    return try environment.compile(expression, check: check).evaluate(CELValues(values))
  }

  private static func error(_ message: String) -> String {
    JSON.object(JSONObject([("error", .string(message))])).description
  }
}

extension ProtobufJSONNode {
  init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .number("\(number)")
    case .double(let number): self = .number("\(number)")
    case .string(let text): self = .string(text)
    case .array(let elements): self = .array(elements.map { ProtobufJSONNode($0) })
    case .object(let members): self = .object(members.map { Member($0.key, ProtobufJSONNode($0.value)) })
    }
  }
}
