import ArgumentParser
import Foundation
import SagaCore
import SagaFiles

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Makes a new saga definition, ready to check and run.",
    discussion: """
      Writes NAME.json (a small, complete definition), NAME.scenario.json (participants that answer its commands, and \
      fail at times) and NAME.messages.jsonl (some messages to begin with). Overwrites nothing.

      Example:
        saga init orders
        saga check orders.json
      """)
  @Argument(help: "The saga's name: a letter, then letters, digits, - and _.")
  var name: String
  @Option(help: "Where the files go.")
  var directory = "."
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let isLetter = { (byte: UInt8) in (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    let isName =
      name.utf8.first.map(isLetter) == true && name.utf8.count <= 100
      && name.utf8.allSatisfy { byte in
        isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
      }
    if !isName {
      throw ValidationError(
        "a name begins with a letter and goes on with letters, digits, - and _, at most 100 in all, such as orders or "
          + "order-payment")
    }
    if directory.isEmpty { throw ValidationError("--directory is empty; write the path of a directory there, or .") }
  }

  func run() throws {
    let base = directory == "." ? name : (directory as NSString).appendingPathComponent(name)
    let files = [
      ("\(base).json", Starter.definition(name)), ("\(base).scenario.json", Starter.scenario),
      ("\(base).messages.jsonl", Starter.messages),
    ]
    for (path, _) in files where FileManager.default.fileExists(atPath: path) {
      throw Failure.bad("\(path): exists already; nothing was written. Choose another name, or move it away")
    }
    for (path, text) in files {
      do throws(OutputFile.Fault) { try OutputFile.put(Array(text.utf8), to: path, isNew: true) } catch {
        throw Failure.environment("\(error.path): \(error.reason)")
      }
    }
    if output.json {
      Console.print(["files": .array(files.map { .string($0.0) })])
      return
    }
    Console.print("made \(files.map(\.0).joined(separator: ", "))")
    Console.print(
      """

      Next:
        saga check \(base).json
        saga run --db \(base).db --definitions \(base).json --input \(base).messages.jsonl \\
          --participants \(base).scenario.json --clock events --linger 2h --output \(base).out.jsonl
        saga list --db \(base).db
        saga history --db \(base).db o-1
        saga diagram \(base).json
      """)
  }
}
