/// Places for the nodes of a diagram: layers from top to bottom, few crossings, long edges bent around nodes (the method
/// of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures", 1981).
struct DiagramLayout {
  struct Box: Sendable {
    /// The node's index; nil for a bend of a long edge.
    var node: Int?
    var width: Double
    var height: Double
    var layer = 0
    /// The centre.
    var x = 0.0
    var y = 0.0
  }

  static let layerGap = 20.0
  static let nodeGap = 34.0

  private(set) var boxes: [Box]
  /// For each edge the boxes it runs through, from its origin to its target.
  private(set) var routes: [[Int]] = []
  /// For each edge the box that its labels stand in: a bend, so that they cover nothing.
  private(set) var labelBoxes: [Int?] = []
  private var layers: [[Int]] = []

  var width: Double { (boxes.map { $0.x + $0.width / 2 }.max() ?? 0) }
  var height: Double { (boxes.map { $0.y + $0.height / 2 }.max() ?? 0) }

  typealias Size = (width: Double, height: Double)

  init(_ diagram: Diagram, size: (Diagram.Node) -> Size, labelSize: (Diagram.Edge) -> Size) {
    boxes = diagram.nodes.enumerated().map { index, node in
      let (width, height) = size(node)
      return Box(node: index, width: width, height: height)
    }
    let links = DiagramLayout.links(diagram)
    assignLayers(links)
    route(links)
    for (index, edge) in diagram.edges.enumerated() { makeRoom(for: labelSize(edge), along: index) }
    order()
    place()
  }

  /// Edges between nodes that run downwards; `isReversed` those that would close a cycle.
  private struct Link {
    var from: Int
    var to: Int
    var isReversed = false
  }

  private static func links(_ diagram: Diagram) -> [Link] {
    let indexes = Dictionary(uniqueKeysWithValues: diagram.nodes.enumerated().map { ($1.id, $0) })
    var links = diagram.edges.map { Link(from: indexes[$0.from] ?? 0, to: indexes[$0.to] ?? 0) }
    var state = [Int](repeating: 0, count: diagram.nodes.count)  // 0 new, 1 on the path, 2 done
    func visit(_ node: Int) {
      state[node] = 1
      for index in links.indices where links[index].from == node && !links[index].isReversed {
        let to = links[index].to
        if state[to] == 1 { links[index] = Link(from: to, to: node, isReversed: true) }
        if state[to] == 0 { visit(to) }
      }
      state[node] = 2
    }
    for node in diagram.nodes.indices where state[node] == 0 { visit(node) }
    return links
  }

  /// Each node below all that lead to it, with a layer for labels between.
  private mutating func assignLayers(_ links: [Link]) {
    for _ in boxes.indices {
      var changed = false
      for link in links where link.from != link.to && boxes[link.to].layer < boxes[link.from].layer + 2 {
        boxes[link.to].layer = boxes[link.from].layer + 2
        changed = true
      }
      if !changed { break }
    }
    layers = Array(repeating: [], count: (boxes.map(\.layer).max() ?? 0) + 1)
    for index in boxes.indices { layers[boxes[index].layer].append(index) }
  }

  /// Puts a bend into every layer that an edge crosses.
  private mutating func route(_ links: [Link]) {
    for link in links {
      var path = [link.from]
      if boxes[link.from].layer + 1 < boxes[link.to].layer {
        for layer in (boxes[link.from].layer + 1)..<boxes[link.to].layer {
          boxes.append(Box(node: nil, width: 12, height: 1, layer: layer))
          layers[layer].append(boxes.count - 1)
          path.append(boxes.count - 1)
        }
      }
      path.append(link.to)
      routes.append(link.isReversed ? path.reversed() : path)
    }
  }

  /// Widens the first bend of an edge to the size of its labels.
  private mutating func makeRoom(for size: Size, along edge: Int) {
    guard size.width > 0, routes[edge].count > 2 else {
      labelBoxes.append(nil)
      return
    }
    let bend = routes[edge][1]
    boxes[bend].width = size.width
    boxes[bend].height = size.height
    labelBoxes.append(bend)
  }

  private func neighbours(above: Bool) -> [[Int]] {
    var result = [[Int]](repeating: [], count: boxes.count)
    for path in routes {
      for (first, second) in zip(path, path.dropFirst()) where boxes[first].layer != boxes[second].layer {
        let (upper, lower) = boxes[first].layer < boxes[second].layer ? (first, second) : (second, first)
        if above { result[lower].append(upper) } else { result[upper].append(lower) }
      }
    }
    return result
  }

  /// Sorts layers by the mean place of their neighbours, down and up a few times.
  private mutating func order() {
    let above = neighbours(above: true)
    let below = neighbours(above: false)
    for sweep in 0..<8 {
      var place = [Double](repeating: 0, count: boxes.count)
      for layer in layers { for (index, box) in layer.enumerated() { place[box] = Double(index) } }
      let isDown = sweep % 2 == 0
      for number in isDown ? Array(layers.indices) : layers.indices.reversed() {
        let keys = layers[number].enumerated().map { index, box in
          let near = isDown ? above[box] : below[box]
          let mean = near.isEmpty ? place[box] : near.reduce(0.0) { $0 + place[$1] } / Double(near.count)
          return (mean: mean, index: index, box: box)
        }
        layers[number] = keys.sorted { ($0.mean, $0.index) < ($1.mean, $1.index) }.map(\.box)
        for (index, box) in layers[number].enumerated() { place[box] = Double(index) }
      }
    }
  }

  private mutating func place() {
    var y = 0.0
    for layer in layers {
      let height = layer.map { boxes[$0].height }.max() ?? 0
      var x = 0.0
      for box in layer {
        boxes[box].x = x + boxes[box].width / 2
        boxes[box].y = y + height / 2
        x += boxes[box].width + DiagramLayout.nodeGap
      }
      y += height + DiagramLayout.layerGap
    }
    let near = zip(neighbours(above: true), neighbours(above: false)).map { $0 + $1 }
    for _ in 0..<12 { for layer in layers { align(layer, near) } }
    let left = boxes.map { $0.x - $0.width / 2 }.min() ?? 0
    for box in boxes.indices { boxes[box].x -= left }
  }

  /// Moves the boxes of a layer towards their neighbours, keeping order and distance.
  private mutating func align(_ layer: [Int], _ near: [[Int]]) {
    let wanted = layer.map { box in
      near[box].isEmpty ? boxes[box].x : near[box].reduce(0.0) { $0 + boxes[$1].x } / Double(near[box].count)
    }
    var left: [Double] = []
    var right = wanted
    for (index, box) in layer.enumerated() {
      let least = index == 0 ? -Double.infinity : left[index - 1] + distance(layer[index - 1], box)
      left.append(max(wanted[index], least))
    }
    for index in layer.indices.reversed().dropFirst() {
      right[index] = min(right[index], right[index + 1] - distance(layer[index], layer[index + 1]))
    }
    for (index, box) in layer.enumerated() { boxes[box].x = (left[index] + right[index]) / 2 }
  }

  private func distance(_ left: Int, _ right: Int) -> Double {
    (boxes[left].width + boxes[right].width) / 2 + DiagramLayout.nodeGap
  }
}
