/// Diagrams as one graph of Graphviz, a cluster for each role.
public enum DotWriter {
  /// The graph as text of the DOT language.
  public static func text(_ diagrams: [Diagram]) -> String {
    var lines = [
      "digraph saga {", "  rankdir=TB;", "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];",
      "  edge [fontname=\"Helvetica\", fontsize=10];",
    ]
    for (number, diagram) in diagrams.enumerated() {
      lines += ["  subgraph cluster_\(number) {", "    label=\(quoted([diagram.title])); color=gray;"]
      for node in diagram.nodes { lines.append("    r\(number)\(node.id) [\(attributes(node))];") }
      for edge in diagram.edges {
        let style = edge.isCompensation ? ", style=dashed" : ""
        lines.append("    r\(number)\(edge.from) -> r\(number)\(edge.to) [label=\(quoted(edge.labels))\(style)];")
      }
      lines.append("  }")
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  private static func attributes(_ node: Diagram.Node) -> String {
    let label = "label=\(quoted(node.lines))"
    return switch node.kind {
    case .start: "shape=circle, style=filled, fillcolor=black, width=0.2, label=\"\""
    case .step: label
    case .undo: "\(label), style=\"rounded,dashed\""
    case .choice: "shape=diamond, width=0.3, height=0.3, label=\"\""
    case .fork: "shape=box, style=filled, fillcolor=lightgray, \(label)"
    case .join: "shape=box, style=filled, fillcolor=black, height=0.05, width=0.6, label=\"\""
    case .anytime: "shape=plaintext, \(label)"
    case .completed: "\(label), peripheries=2"
    case .compensated: "\(label), style=\"rounded,dashed\", peripheries=2"
    }
  }

  private static func quoted(_ lines: [String]) -> String {
    let escaped = lines.map { line in
      line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
    return "\"\(escaped.joined(separator: "\\n"))\""
  }
}
