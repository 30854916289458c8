import SagaCore
import Testing

/// Decodes a text as the file `saga.json`.
func decode(_ text: String) -> (definition: Definition?, diagnostics: [Diagnostic]) {
  DefinitionDecoder.decode(source: Array(text.utf8), file: "saga.json")
}

/// What decoding a text finds, as `line:column code`.
func findings(_ text: String) -> [String] {
  let diagnostics = decode(text).diagnostics
  let mended: Set<String> = ["json.invalid", "json.duplicate-key", "field.type", "field.missing", "value.empty"]
  for diagnostic in diagnostics where mended.contains(diagnostic.code) && diagnostic.mend.isEmpty {
    Issue.record("no mend: \(diagnostic)")
  }
  return diagnostics.map { "\($0.position) \($0.code)" }
}

/// An orchestration around some steps, which begin in line 2.
func orchestration(steps: String, more: String = "") -> String {
  """
  {"saga":"s","version":1,"messages":{},"start":{"Begin":{}},"steps":[
  \(steps)
  ]\(more)}
  """
}

/// A choreography of one role around some states, which begin in line 2.
func choreography(states: String, more: String = "") -> String {
  """
  {"saga":"s","version":1,"messages":{},"roles":{"r":{"start":{"Begin":{"goto":"a"}},"states":{
  \(states)
  }\(more)}}}
  """
}

extension Template {
  /// The template as a text: expressions between `<` and `>`.
  var text: String {
    switch self {
    case .constant(let json): "\(json)"
    case .expression(let source): "<\(source.text)>"
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
    case .object(let members): "{" + members.map { "\($0.name):\($0.value.text)" }.joined(separator: ",") + "}"
    }
  }
}

extension [TemplateMember] {
  var text: String { Template.object(self).text }
}

extension Delay {
  /// Milliseconds, or the expression between `<` and `>`, and where it stands.
  var summary: String {
    switch value {
    case .milliseconds(let value): "\(value)ms at \(position)"
    case .expression(let source): "<\(source.text)> at \(source.position)"
    }
  }
}
