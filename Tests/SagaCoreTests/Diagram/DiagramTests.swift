import Foundation
import SagaCore
import Testing

@Suite("Diagrams") struct DiagramTests {
  private func diagrams(_ text: String) throws -> [Diagram] {
    let loaded = LoadedDefinition.load(source: Array(text.utf8), file: "test.json", runsChecks: false)
    return Diagram.all(of: try #require(loaded.definition, "\(loaded.diagnostics)"))
  }

  /// Node labels for ids, so that edges can be read.
  private func edges(_ diagram: Diagram) -> [String] {
    func name(_ id: String) -> String {
      let node = diagram.nodes.first { $0.id == id }
      return node?.lines.first ?? node?.kind.rawValue ?? "?"
    }
    return diagram.edges.map { edge in
      let labels = edge.labels.isEmpty ? "" : " (\(edge.labels.joined(separator: ", ")))"
      return "\(name(edge.from)) \(edge.isCompensation ? "⇢" : "→") \(name(edge.to))\(labels)"
    }
  }

  static let orders = """
    {
      "saga": "orders", "version": 1,
      "messages": { "Placed": { "key": "event.data.id" }, "Cancelled": { "key": "event.data.id" } },
      "start": { "Placed": {} },
      "on": { "Cancelled": { "compensate": "'cancelled'" } },
      "steps": [
        { "step": "reserve", "call": "Reserve", "to": "stock", "reply": { "Reserved": {}, "Missing": { "fail": "'none'" } },
          "undo": { "call": "Release", "to": "stock", "reply": { "Released": {} } } },
        { "parallel": [
          [ { "step": "pay", "call": "Pay", "to": "bank", "reply": { "Paid": {}, "Declined": { "fail": "'no'" } },
              "undo": { "call": "Refund", "to": "bank", "reply": { "Refunded": {} } } } ],
          [ { "step": "check", "call": "Check", "to": "fraud", "reply": { "Clear": {}, "Fraud": { "fail": "'fraud'" } } } ]
        ] },
        { "step": "ship", "pivot": true, "call": "Ship", "to": "carrier", "reply": { "Shipped": {} } },
        { "publish": { "Sent": { "id": "saga.key" } } }
      ]
    }
    """

  @Test("an orchestration is a flow of steps, and failures lead to what is undone first")
  func steps() throws {
    let diagram = try #require(try diagrams(DiagramTests.orders).first)
    let edges = edges(diagram)
    for edge in [
      "start → reserve (Placed)", "reserve ⇢ compensated (Missing)", "reserve ⇢ undo reserve (no answer)",
      "undo reserve ⇢ compensated", "reserve → side by side (Reserved)",
      "pay ⇢ undo side by side (Declined, no answer)",
      "undo side by side ⇢ undo pay", "undo pay ⇢ undo reserve", "check ⇢ undo side by side (Fraud, no answer)",
      "join → ship", "ship → publish Sent (Shipped)", "publish Sent → completed",
      "at any time ⇢ compensated (Cancelled)",
    ] {
      #expect(edges.contains(edge), "\(edge) is missing in \(edges)")
    }
    #expect(!edges.contains { $0.hasPrefix("ship ⇢") })
  }

  @Test("what is undone by publishing is on the way back too, and no answer leads there")
  func published() throws {
    let text = """
      { "saga": "told", "version": 1, "messages": { "Go": { "key": "event.data.id" } }, "start": { "Go": {} },
        "steps": [
          { "publish": { "Told": {} }, "undo": { "publish": { "Untold": {} } } },
          { "step": "hold", "call": "Hold", "to": "x", "reply": { "Held": {} }, "undo": { "publish": { "Released": {}, "Noted": {} } } },
          { "parallel": [ [ { "publish": { "Lit": {} }, "undo": { "publish": { "Unlit": {} } } } ], [ { "set": { "n": "1" } } ] ] },
          { "fail": "'no'" } ] }
      """
    let diagram = try #require(try diagrams(text).first)
    #expect(
      edges(diagram).filter { $0.contains("⇢") } == [
        "undo publish Told ⇢ compensated", "hold ⇢ undo hold (no answer)", "undo hold ⇢ undo publish Told",
        "undo publish Lit ⇢ undo hold", "undo side by side ⇢ undo publish Lit", "fail ⇢ undo side by side",
      ])
    #expect(diagram.nodes.contains { $0.kind == .undo && $0.lines == ["undo publish Told", "publish Untold"] })
    #expect(diagram.nodes.contains { $0.kind == .undo && $0.lines == ["undo hold", "publish Released, Noted"] })
  }

  @Test("in a state stands what its steps publish to undo them")
  func publishedInState() throws {
    let text = """
      { "saga": "s", "version": 1, "messages": { "A": { "key": "event.data.id" } },
        "roles": { "r": { "start": { "A": { "goto": "open" } }, "states": {
          "open": {
            "do": [ { "publish": { "Told": {} }, "undo": { "publish": { "Untold": {} } } },
                    { "publish": { "Said": {} }, "undo": "none" },
                    { "step": "hold", "call": "Hold", "to": "x", "undo": { "publish": { "Released": {} } } } ],
            "done": { "goto": "won" }, "failed": { "goto": "lost" } },
          "won": { "final": "completed" }, "lost": { "final": "compensated" } } } } }
      """
    let diagram = try #require(try diagrams(text).first)
    #expect(
      diagram.nodes[1].lines == [
        "open", "publish Told", "↩ publish Untold", "publish Said", "hold: Hold → x", "↩ publish Released",
      ])
  }

  @Test("a role is its states; compensating transitions are dashed, internal ones stand in the state")
  func role() throws {
    let text = """
      { "saga": "s", "version": 1,
        "messages": { "A": { "key": "event.data.id" }, "B": { "key": "event.data.id" }, "C": { "key": "event.data.id" } },
        "roles": { "r": { "start": { "A": { "goto": "open" } }, "states": {
          "open": {
            "do": [ { "step": "charge", "call": "Charge", "to": "card", "reply": { "Ok": {} },
                      "undo": { "call": "Refund", "to": "card", "reply": { "Done": {} } } } ],
            "done": { "goto": "held" }, "failed": { "goto": "lost" } },
          "held": { "on": { "B": { "when": "event.data.n > 1", "goto": "won" }, "C": { "compensate": "'c'", "goto": "lost" } },
                    "after": { "72h": { "publish": { "Late": {} } } } },
          "won": { "final": "completed" }, "lost": { "final": "compensated" } } } } }
      """
    let diagram = try #require(try diagrams(text).first)
    #expect(diagram.role == "r")
    #expect(
      edges(diagram) == [
        "start → open (A)", "open → held (done)", "open ⇢ lost (failed)", "held → won (B [event.data.n > 1])",
        "held ⇢ lost (C)",
      ])
    #expect(diagram.nodes[1].lines == ["open", "charge: Charge → card", "↩ Refund → card"])
    #expect(diagram.nodes[2].lines == ["held", "after 72h / Late"])
  }

  @Test("every form of step is drawn, every node but the start is reached, and the texts hold no raw markup")
  func allForms() throws {
    let text = """
      { "saga": "forms", "version": 1, "messages": { "Go": { "key": "event.data.id" } }, "start": { "Go": {} },
        "steps": [
          { "forEach": "data.items", "concurrency": 3, "steps": [
            { "step": "each", "call": "Do", "to": "x", "with": { "n": "item" }, "reply": { "Did": {} }, "undo": { "call": "Undo", "to": "x", "reply": { "Undone": {} } } } ] },
          { "choose": [ { "when": "data.a < 1 && data.b == '<b>'", "steps": [ { "set": { "a": "1" } } ] }, { "steps": [ { "fail": "'\\"no\\"'" } ] } ] },
          { "try": [ { "step": "risky", "call": "Risk", "to": "y", "reply": { "Fine": {} }, "undo": { "call": "Unrisk", "to": "y", "reply": { "Unrisked": {} } } } ],
            "catch": [ { "publish": { "Caught": {} }, "undo": "none" } ] },
          { "step": "wait", "reply": { "Settled": {} }, "timeout": "1h" } ] }
      """
    let diagrams = try diagrams(text)
    let diagram = try #require(diagrams.first)
    let reached = Set(diagram.edges.map(\.to))
    for node in diagram.nodes where node.kind != .start { #expect(reached.contains(node.id), "\(node)") }
    let svg = SVGWriter.text(diagrams)
    #expect(!svg.contains("<b>"))
    #expect(svg.contains("&lt;b&gt;"))
    #expect(!MermaidWriter.text(diagram).contains("'<b>'"))
    #expect(DotWriter.text(diagrams).contains("\\\""))
  }

  @Test("in the layout no node covers another, and the same diagram gives the same picture")
  func layout() throws {
    for text in [DiagramTests.orders] {
      let diagrams = try diagrams(text)
      let svg = SVGWriter.text(diagrams)
      #expect(svg == SVGWriter.text(try self.diagrams(text)))
      let boxes = svg.matches(
        of: /<rect class="box[^"]*" x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)" height="([0-9.]+)"/
      )
      .compactMap { match -> [Double]? in
        guard let x = Double(match.1), let y = Double(match.2), let width = Double(match.3),
          let height = Double(match.4)
        else { return nil }
        return [x, y, x + width, y + height]
      }
      #expect(boxes.count > 8)
      for (index, box) in boxes.enumerated() {
        for other in boxes[(index + 1)...] {
          #expect(box[2] <= other[0] || other[2] <= box[0] || box[3] <= other[1] || other[3] <= box[1])
        }
      }
    }
  }

  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let shipped: [String] = {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: repository.appendingPathComponent("sagas").path)) ?? []
    return names.filter { $0.hasSuffix(".json") && !$0.hasSuffix(".scenario.json") && !$0.hasSuffix(".schema.json") }
      .sorted()
  }()

  @Test("docs/diagrams has a page for each shipped saga, and no other")
  func pages() throws {
    let pages = try FileManager.default.contentsOfDirectory(
      atPath: DiagramTests.repository.appendingPathComponent("docs/diagrams").path)
    #expect(!DiagramTests.shipped.isEmpty)
    #expect(pages.sorted() == DiagramTests.shipped.map { String($0.dropLast(".json".count)) + ".md" })
  }

  @Test("docs/diagrams shows the shipped sagas as they are", arguments: shipped)
  func documentation(file: String) throws {
    let source = try Data(contentsOf: DiagramTests.repository.appendingPathComponent("sagas/\(file)"))
    let loaded = LoadedDefinition.load(source: Array(source), file: file, runsChecks: false)
    let name = file.dropLast(5)
    let page = DiagramTests.repository.appendingPathComponent("docs/diagrams/\(name).md")
    let text = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
    #expect(
      text == MermaidWriter.markdown(try #require(loaded.definition)),
      "run: saga diagram sagas/\(file) --format markdown > docs/diagrams/\(name).md")
  }
}
