import Foundation
import SagaCore
import SagaRuntime

/// What people and pipes read. Colour only on a terminal, and not when `NO_COLOR` is set.
enum Console {
  static let isTerminal = isatty(STDOUT_FILENO) == 1
  static let usesColour = isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

  enum Style: String {
    case plain = ""
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"
    case bold = "1"

    init(_ tone: Tone) {
      self =
        switch tone {
        case .plain: .plain
        case .dim: .dim
        case .headline: .bold
        case .good: .green
        case .attention: .yellow
        case .bad: .red
        }
    }
  }

  static func styled(_ text: String, _ style: Style) -> String {
    usesColour && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// A line on standard error.
  static func error(_ message: String, prefix: String = "saga: ") {
    note("\(prefix)\(message)\n")
  }

  /// Text on standard error. Where nobody reads that any more there is nobody to tell; the exit code says it.
  static func note(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

  /// A line of JSON on standard output.
  static func print(_ json: JSON) { StandardOutput.write(JSONWriter.compact(json) + [UInt8(ascii: "\n")]) }

  /// Text on standard output, a line unless it says otherwise.
  static func print(_ text: String, terminator: String = "\n") { StandardOutput.write((text + terminator).utf8) }

  /// A cell and how it looks: styles must not count when columns are aligned.
  struct Cell: ExpressibleByStringLiteral {
    var text: String
    var style = Style.plain
    init(_ text: String, _ style: Style = .plain) {
      self.text = text
      self.style = style
    }
    init(stringLiteral value: String) { text = value }
  }

  /// Columns as wide as their widest cell; the last one is not padded.
  static func table(_ rows: [[Cell]], header: [String]) -> String {
    let all = [header.map { Cell($0) }] + rows
    let widths = header.indices.map { column in all.map { $0[column].text.count }.max() ?? 0 }
    let lines = all.enumerated().map { index, row in
      let cells = row.enumerated().map { column, cell in
        styled(cell.text, cell.style)
          + (column == header.count - 1 ? "" : String(repeating: " ", count: widths[column] - cell.text.count))
      }
      let line = cells.joined(separator: "  ")
      return index == 0 ? styled(line, .bold) : line
    }
    return lines.joined(separator: "\n")
  }
}
