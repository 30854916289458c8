/// Diagrams as one SVG picture, a part for each role from top to bottom.
public enum SVGWriter {
  private static let margin = 24.0
  private static let lineHeight = 16.0
  /// Of a character at 12 px, on the wide side: nothing measures text here.
  private static let characterWidth = 7.2
  private static let labelHeight = 14.0
  private static let titleHeight = 30.0

  /// The picture as text, complete with its `svg` element.
  public static func text(_ diagrams: [Diagram]) -> String {
    var parts: [String] = []
    var top = margin
    var width = 0.0
    for diagram in diagrams {
      let layout = DiagramLayout(diagram, size: size, labelSize: labelSize)
      width = max(width, layout.width, Double(diagram.title.count) * 10)
      parts.append("<g transform=\"translate(\(number(margin)) \(number(top)))\">")
      parts.append("<text class=\"title\" x=\"0\" y=\"14\">\(escaped(diagram.title))</text>")
      parts.append("<g transform=\"translate(0 \(number(titleHeight)))\">")
      parts += diagram.edges.indices.map { edge(diagram.edges[$0], layout.routes[$0], layout) }
      parts += diagram.edges.indices.flatMap {
        labels(diagram.edges[$0], layout.labelBoxes[$0].map { layout.boxes[$0] })
      }
      parts += layout.boxes.compactMap { box in box.node.map { node(diagram.nodes[$0], box) } }
      parts += ["</g>", "</g>"]
      top += layout.height + titleHeight + margin * 2
    }
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(number(width + margin * 2)) \(number(top))\" "
      + "width=\"\(number(width + margin * 2))\" height=\"\(number(top))\">"
    return ([head, style] + parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static let style = """
    <style>
    text { font: 12px Helvetica, Arial, 'DejaVu Sans', sans-serif; fill: #222 } .title { font-size: 15px; font-weight: bold }
    .label { font-size: 11px; fill: #555; paint-order: stroke; stroke: #fff; stroke-width: 4px }
    .box { fill: #f6f8fa; stroke: #444 } .undo, .compensated { stroke-dasharray: 5 4; fill: #fff8f0 }
    .completed, .compensated { stroke-width: 2.5 } .bar { fill: #444 } .anytime { fill: none; stroke: none }
    path { fill: none; stroke: #444 } path.back { stroke-dasharray: 5 4; stroke: #b25b00 } .head { fill: #444; stroke: none }
    </style>
    <defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L10 5L0 10z"/></marker></defs>
    """

  private static func size(_ node: Diagram.Node) -> DiagramLayout.Size {
    switch node.kind {
    case .start: return (16, 16)
    case .choice: return (22, 22)
    case .join: return (70, 6)
    default:
      let characters = node.lines.map(\.count).max() ?? 0
      return (Double(characters) * characterWidth + 22, Double(node.lines.count) * lineHeight + 12)
    }
  }

  private static func node(_ node: Diagram.Node, _ box: DiagramLayout.Box) -> String {
    let left = number(box.x - box.width / 2)
    let top = number(box.y - box.height / 2)
    switch node.kind {
    case .start: return "<circle class=\"bar\" cx=\"\(number(box.x))\" cy=\"\(number(box.y))\" r=\"7\"/>"
    case .choice:
      let half = box.width / 2
      let points = [(box.x, box.y - half), (box.x + half, box.y), (box.x, box.y + half), (box.x - half, box.y)]
      return
        "<polygon class=\"box\" points=\"\(points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " "))\"/>"
    case .join:
      return
        "<rect class=\"bar\" x=\"\(left)\" y=\"\(top)\" width=\"\(number(box.width))\" height=\"\(number(box.height))\"/>"
    default:
      let rectangle =
        "<rect class=\"box \(node.kind.rawValue)\" x=\"\(left)\" y=\"\(top)\" width=\"\(number(box.width))\" "
        + "height=\"\(number(box.height))\" rx=\"7\"/>"
      let lines = node.lines.enumerated().map { index, line in
        let y = box.y - box.height / 2 + 18 + Double(index) * lineHeight
        return "<text x=\"\(number(box.x))\" y=\"\(number(y))\" text-anchor=\"middle\">\(escaped(line))</text>"
      }
      return ([rectangle] + lines).joined()
    }
  }

  private static func edge(_ edge: Diagram.Edge, _ route: [Int], _ layout: DiagramLayout) -> String {
    let points = self.points(route, layout)
    var path = "M\(number(points[0].x)) \(number(points[0].y))"
    for (from, to) in zip(points, points.dropFirst()) {
      let middle = (from.y + to.y) / 2
      path += "C\(number(from.x)) \(number(middle)) \(number(to.x)) \(number(middle)) \(number(to.x)) \(number(to.y))"
    }
    let kind = edge.isCompensation ? " class=\"back\"" : ""
    return "<path\(kind) d=\"\(path)\" marker-end=\"url(#arrow)\"/>"
  }

  private static func labelSize(_ edge: Diagram.Edge) -> DiagramLayout.Size {
    let characters = edge.labels.map(\.count).max() ?? 0
    return characters == 0
      ? (0, 0) : (Double(characters) * characterWidth * 0.92, Double(edge.labels.count) * labelHeight)
  }

  private static func labels(_ edge: Diagram.Edge, _ box: DiagramLayout.Box?) -> [String] {
    guard let box else { return [] }
    return edge.labels.enumerated().map { index, label in
      let y = box.y - box.height / 2 + labelHeight * (Double(index) + 0.75)
      return
        "<text class=\"label\" x=\"\(number(box.x))\" y=\"\(number(y))\" text-anchor=\"middle\">\(escaped(label))</text>"
    }
  }

  /// From border to border, through the bends; an edge to its own node makes a loop at its side.
  private static func points(_ route: [Int], _ layout: DiagramLayout) -> [(x: Double, y: Double)] {
    guard let first = route.first.map({ layout.boxes[$0] }), let last = route.last.map({ layout.boxes[$0] }) else {
      return []
    }
    if route.count == 2, route[0] == route[1] {
      let side = first.x + first.width / 2
      return [(side, first.y - 6), (side + 24, first.y), (side, first.y + 6)]
    }
    let isDown = first.layer < last.layer
    let start = (x: first.x, y: first.y + (isDown ? 1 : -1) * first.height / 2)
    let end = (x: last.x, y: last.y - (isDown ? 1 : -1) * last.height / 2)
    return [start] + route.dropFirst().dropLast().map { (layout.boxes[$0].x, layout.boxes[$0].y) } + [end]
  }

  /// One decimal, without Foundation.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let rest = tenths.magnitude % 10
    return "\(sign)\(tenths.magnitude / 10)" + (rest == 0 ? "" : ".\(rest)")
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\u{0}"..."\u{1F}": escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
