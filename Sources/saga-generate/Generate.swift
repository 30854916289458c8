import Foundation
import SagaCore
import SagaFiles
import SagaGenerator

/// What the build plugin runs: `saga check` and `saga generate swift` without the rest of `saga`, which a build need not wait for.
///
/// `saga-generate ACCESS FOLDER DEFINITION…`; findings go to the standard error in the form that compilers have, which editors
/// take people to the place by. Exit codes as those of `saga`.
@main
struct Generate {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count >= 3, let access = arguments.first.flatMap(SwiftAccess.init(rawValue:)) else {
      let kinds = SwiftAccess.allCases.map(\.rawValue).joined(separator: "|")
      leave(2, "usage: saga-generate \(kinds) FOLDER DEFINITION…")
    }
    let folder = arguments[arguments.startIndex + 1]
    do throws(DefinitionFiles.Fault) {
      var sources: [SwiftGenerator.Source] = []
      for path in arguments.dropFirst(2) {
        sources.append(
          SwiftGenerator.Source(
            file: path, bytes: try DefinitionFiles.read(path), schemas: DefinitionFiles.schemas(beside: path)))
      }
      generate(sources, access, into: folder)
    } catch {
      leave(3, "\(error.path): error: \(error.reason)")
    }
  }

  private static func generate(_ sources: [SwiftGenerator.Source], _ access: SwiftAccess, into folder: String) {
    let result = SwiftGenerator.generate(sources, access: access)
    for diagnostic in result.diagnostics { say(line(diagnostic)) }
    if result.hasErrors { exit(1) }
    for output in result.outputs {
      do throws(OutputFile.Fault) {
        _ = try OutputFile.write(output.text, to: folder + "/" + output.fileName)
      } catch {
        leave(3, "\(error.path): error: \(error.reason)")
      }
    }
  }

  /// `file:line:col: error: text [code]`, on one line.
  private static func line(_ diagnostic: Diagnostic) -> String {
    let place = "\(diagnostic.file):\(diagnostic.position.line):\(diagnostic.position.column)"
    var text = diagnostic.message
    if !diagnostic.mend.isEmpty { text += " (\(diagnostic.mend))" }
    if !diagnostic.trace.isEmpty { text += " [\(diagnostic.trace.joined(separator: "; "))]" }
    let visible = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return "\(place): \(diagnostic.severity.rawValue): \(visible) [\(diagnostic.code)]"
  }

  private static func say(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8)) }

  private static func leave(_ code: Int32, _ text: String) -> Never {
    say(text)
    exit(code)
  }
}
