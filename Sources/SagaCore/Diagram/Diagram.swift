/// A role of a saga as nodes and edges, for drawing: what each writer turns into text.
public struct Diagram: Sendable, Hashable {
  /// What is drawn as a box, a circle or a bar.
  public struct Node: Sendable, Hashable {
    /// What a node stands for.
    public enum Kind: String, Sendable, Hashable {
      /// Where an instance begins.
      case start
      /// A state of a role, or a step.
      case step
      /// What undoes a step.
      case undo
      /// Where the first condition that holds decides.
      case choice
      /// Begin and end of steps that run side by side, and of a `try`.
      case fork, join
      /// Stands for every open state: what a role takes at any time.
      case anytime
      /// How an instance ends.
      case completed, compensated
    }
    /// `n0`, `n1`, …: unique in the diagram.
    public var id: String
    /// What it stands for.
    public var kind: Kind
    /// The text in it, a line each.
    public var lines: [String]
  }

  /// A way from one node to another.
  public struct Edge: Sendable, Hashable {
    /// The `id` of the node it leaves.
    public var from: String
    /// The `id` of the node it leads to.
    public var to: String
    /// What leads along it, each a line of its own.
    public var labels: [String]
    /// Drawn dashed: a way on which something is undone.
    public var isCompensation: Bool
  }

  /// The saga's name.
  public var saga: String
  /// Empty for an orchestration.
  public var role: String
  /// In the order of the definition.
  public var nodes: [Node] = []
  /// In the order of the definition.
  public var edges: [Edge] = []

  /// One for each role, in the order of the file.
  public static func all(of definition: Definition) -> [Diagram] {
    definition.roles.map { role in
      switch definition.mode {
      case .choreography: RoleDiagram(saga: definition.name, role: role).diagram
      case .orchestration: StepsDiagram(saga: definition.name, role: role).diagram
      }
    }
  }

  /// What a picture of it is called.
  public var title: String { role.isEmpty ? saga : "\(saga): \(role)" }

  func node(_ id: String) -> Node? { nodes.first { $0.id == id } }

  // MARK: Building

  mutating func add(_ kind: Node.Kind, _ lines: [String]) -> String {
    let id = "n\(nodes.count)"
    nodes.append(Node(id: id, kind: kind, lines: lines.map { DiagramText.short($0) }))
    return id
  }

  /// Edges between the same nodes become one, with the labels of both.
  mutating func connect(_ from: String, _ to: String, _ label: String = "", isCompensation: Bool = false) {
    let labels = label.isEmpty ? [] : [DiagramText.short(label)]
    if let index = edges.firstIndex(where: { $0.from == from && $0.to == to && $0.isCompensation == isCompensation }) {
      edges[index].labels += labels.filter { !edges[index].labels.contains($0) }
    } else {
      edges.append(Edge(from: from, to: to, labels: labels, isCompensation: isCompensation))
    }
  }
}

/// Parts of definitions as labels.
enum DiagramText {
  static let width = 64

  static func short(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count <= width ? line : line.prefix(width - 1) + "…"
  }

  /// `charge: ChargeCard → card`
  static func call(_ call: CallDefinition) -> [String] {
    guard let command = call.command else {
      return [call.name, "waits for \(types(call.replies.map(\.type)))"]
    }
    return [call.name, self.command(command)] + (call.isPivot ? ["pivot"] : [])
  }

  static func command(_ command: CommandDefinition) -> String {
    command.type.value + (command.destination.map { " → \($0.value)" } ?? "")
  }

  /// `publish OrderShipped, InvoiceSent`
  static func publish(_ messages: [TemplateMember]) -> String {
    "publish \(messages.map(\.name).joined(separator: ", "))"
  }

  /// What goes out to undo a step; nil where nothing does.
  static func undo(_ undo: UndoDefinition) -> String? {
    switch undo {
    case .none: nil
    case .call(let call): call.command.map { command($0) }
    case .publish(let messages, _): publish(messages)
    }
  }

  /// Without repetitions, in order.
  static func types(_ types: [String]) -> String {
    var seen: [String] = []
    for type in types where !seen.contains(type) { seen.append(type) }
    return seen.joined(separator: " or ")
  }

  /// `OrderCancelled [event.data.late] / PaymentRefunded`
  static func transition(_ trigger: String, _ transition: TransitionDefinition) -> String {
    var label = trigger
    if let when = transition.when { label += " [\(when.text)]" }
    if !transition.publish.isEmpty { label += " / \(transition.publish.map(\.name).joined(separator: ", "))" }
    return label
  }
}
