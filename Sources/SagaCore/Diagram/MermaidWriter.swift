/// A diagram as a `stateDiagram-v2` of Mermaid, which Markdown renders. It knows no dashed edges: states that undo are
/// dashed, and edges on the way back begin with ↩.
public enum MermaidWriter {
  /// The diagram as text, without a fence around it.
  public static func text(_ diagram: Diagram) -> String {
    var lines = ["---", "title: \(escaped(diagram.title))", "---", "stateDiagram-v2"]
    for node in diagram.nodes { lines += declaration(node) }
    for edge in diagram.edges {
      let labels = edge.labels.map(escaped).joined(separator: ", ")
      let label = edge.isCompensation ? (labels.isEmpty ? "↩" : "↩ \(labels)") : labels
      lines.append("  \(name(edge.from, diagram)) --> \(edge.to)" + (label.isEmpty ? "" : ": \(label)"))
    }
    for node in diagram.nodes where node.kind == .completed || node.kind == .compensated {
      lines.append("  \(node.id) --> [*]")
    }
    for (kind, style) in [
      (Diagram.Node.Kind.undo, "stroke-dasharray: 5 5"), (.compensated, "stroke-dasharray: 5 5"),
      (.anytime, "stroke-width: 0px"),
    ] {
      let ids = diagram.nodes.filter { $0.kind == kind }.map(\.id)
      if ids.isEmpty { continue }
      lines.append("  classDef \(kind.rawValue) \(style)")
      lines.append("  class \(ids.joined(separator: ",")) \(kind.rawValue)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A page of Markdown with a diagram for each role.
  public static func markdown(_ definition: Definition) -> String {
    var parts = ["# \(definition.name)"]
    if let description = definition.description { parts.append(description) }
    for diagram in Diagram.all(of: definition) { parts.append("```mermaid\n\(text(diagram))```") }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func name(_ id: String, _ diagram: Diagram) -> String {
    diagram.node(id)?.kind == .start ? "[*]" : id
  }

  private static func declaration(_ node: Diagram.Node) -> [String] {
    switch node.kind {
    case .start: []
    case .choice: ["  state \(node.id) <<choice>>"]
    case .fork where node.lines.isEmpty: ["  state \(node.id) <<fork>>"]
    case .join: ["  state \(node.id) <<join>>"]
    default: ["  state \"\(node.lines.map(escaped).joined(separator: "<br/>"))\" as \(node.id)"]
    }
  }

  /// Mermaid's entity codes for what its grammar or HTML would read otherwise.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "#", "<", ">", ";", "&", "{", "}", ":": escaped += "#\(scalar.value);"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
