import ArgumentParser
import SagaCore
import SagaRuntime

struct DiagramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagram",
    abstract: "Draws a definition: states, steps and, dashed, what is undone.",
    discussion: """
      markdown is a page with Mermaid in it, mermaid the drawing alone, dot is for Graphviz, svg for a browser. A saga \
      with roles gives one drawing a role; --role chooses one. With --json the drawing is the member `diagram` of one \
      object.

      Example:
        saga diagram orders.json
        saga diagram orders.json --format svg > orders.svg
      """)
  @Argument(help: "The definition file.")
  var definition: String
  @Option(help: "mermaid, markdown, dot or svg.")
  var format = DiagramFormat.mermaid
  @Option(help: "Only this role.")
  var role: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if format == .markdown, role != nil {
      throw ValidationError("--format markdown takes all roles; use mermaid for one")
    }
  }

  enum DiagramFormat: String, ExpressibleByArgument, CaseIterable { case mermaid, markdown, dot, svg }

  func run() throws {
    let loaded = try Definitions.read(definition)
    try Definitions.refuse(loaded.diagnostics)
    guard let model = loaded.definition else { preconditionFailure("a definition without errors is there") }
    var diagrams = Diagram.all(of: model)
    if let role {
      diagrams = diagrams.filter { $0.role == role }
      if diagrams.isEmpty {
        let names = model.roles.map(\.name).filter { !$0.isEmpty }.joined(separator: ", ")
        throw Failure.usage("\(definition) has no role '\(role)'" + (names.isEmpty ? "" : "; the roles are \(names)"))
      }
    }
    let text =
      switch format {
      case .mermaid: diagrams.map { MermaidWriter.text($0) }.joined(separator: "\n")
      case .markdown: MermaidWriter.markdown(model)
      case .dot: DotWriter.text(diagrams)
      case .svg: SVGWriter.text(diagrams)
      }
    guard output.json else { return Console.print(text, terminator: "") }
    Console.print([
      "definition": .string(definition), "saga": .string(model.name), "version": .int(model.version),
      "format": .string(format.rawValue), "diagram": .string(text),
    ])
  }
}
