import ArgumentParser
import SagaCore
import SagaRuntime

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tells what a new version of a definition means for sagas that run under the old one.",
    discussion: """
      For every state, every step that may be under way and every undo that may be owed: whether an instance there may \
      move to the new version, needs a mapping to, or must stay and end under the old one. Instances stay with their \
      version unless saga migrate moves them.

      Example:
        saga diff orders.v1.json orders.v2.json
        saga diff orders.v1.json orders.v2.json --mapping v1-v2.mapping.json --json

      Exit codes: 0 every instance may move · 1 some need a mapping or must stay, or a file is no valid definition or \
      mapping, and the error says which of these · 2 wrong usage · 3 a file cannot be read.
      """)
  @Argument(help: "The definition that instances run under.")
  var old: String
  @Argument(help: "The definition that comes after it.")
  var new: String
  @Option(help: "A file that says what becomes of states, steps and data (docs/guides/versioning.md).")
  var mapping: String?
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (before, after) = (try load(old), try load(new))
    guard let one = before.definition, let other = after.definition, one.name == other.name else {
      throw Failure.usage(
        "\(old) is the saga '\(before.definition?.name ?? "")' and \(new) is '\(after.definition?.name ?? "")'; compare versions of one"
      )
    }
    guard one.version != other.version else {
      throw Failure.usage("\(old) and \(new) are both version \(one.version); a changed definition has a new version")
    }
    let mapping = try Mappings.load(mapping)
    let difference: DefinitionDifference
    do throws(MigrationMappingError) {
      difference = try DefinitionDifference(from: before, to: after, mapping: mapping)
    } catch {
      throw Mappings.failure(error, in: self.mapping ?? "the mapping")
    }
    if output.json {
      Console.print(DifferenceReport.json(difference))
    } else {
      for line in DifferenceReport.lines(difference) { Console.print(line) }
    }
    if difference.verdict != .mayMove { throw Failure.reported }
  }

  private func load(_ path: String) throws -> LoadedDefinition {
    let loaded = try Definitions.load([path])
    guard loaded.count == 1 else { throw Failure.usage("\(path): name the file of one definition") }
    return loaded[0]
  }
}
