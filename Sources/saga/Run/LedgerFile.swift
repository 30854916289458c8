import Foundation
import SagaCore
import SagaRuntime

/// The ledger of in-process participants as a file: JSON lines, one an effect.
struct LedgerFile {
  /// What the file held when it was opened.
  let entries: [LedgerEntry]
  private let path: String
  private let handle: FileHandle

  private static let newline = UInt8(ascii: "\n")

  /// Opens the file, or makes it when there is none. A last line that is torn is cut off, and said so once.
  ///
  /// - Throws: `Failure` (environment) naming the file, and the line where one is no entry.
  init(path: String) throws {
    self.path = path
    if !FileManager.default.fileExists(atPath: path), !FileManager.default.createFile(atPath: path, contents: nil) {
      throw Failure.environment("\(path): the ledger cannot be made; check the directory and its permissions")
    }
    let content = try Content(try Files.read(path), path: path)
    guard let handle = FileHandle(forUpdatingAtPath: path) else {
      throw Failure.environment("\(path): the ledger cannot be opened for writing; check its permissions")
    }
    self.handle = handle
    entries = content.entries
    do {
      if content.isTorn { try handle.truncate(atOffset: UInt64(content.wholeBytes)) }
      try handle.seekToEnd()
      if content.lacksNewline { try handle.write(contentsOf: Data([LedgerFile.newline])) }
    } catch {
      throw Failure.environment(
        "\(path): the end of the ledger cannot be mended: \(error.localizedDescription); --ledger takes a file that "
          + "can be written at any place")
    }
    if content.isTorn {
      Console.error(
        "\(path):\(content.lines): the last line was torn and is cut off; its command was not answered and comes again")
    }
  }

  /// Adds what participants have done.
  ///
  /// - Throws: `Failure` (environment); then nothing of it may be answered.
  func append(_ entries: [LedgerEntry]) throws {
    if entries.isEmpty { return }
    var bytes: [UInt8] = []
    for entry in entries { bytes += JSONWriter.compact(entry.json) + [LedgerFile.newline] }
    do { try handle.write(contentsOf: Data(bytes)) } catch {
      throw Failure.environment(
        "\(path): the ledger cannot be written: \(error.localizedDescription); its command was not answered: make room "
          + "and start the run again")
    }
  }

  /// The lines of a ledger.
  private struct Content {
    private(set) var entries: [LedgerEntry] = []
    /// Up to the end of the last line that is whole.
    private(set) var wholeBytes = 0
    /// The number of the line that was read last.
    private(set) var lines = 1
    private(set) var isTorn = false
    /// The last line is whole but for its end.
    private(set) var lacksNewline = false

    /// - Throws: `Failure` (environment) with the number of a line that is no entry, unless it is the last and torn.
    init(_ bytes: [UInt8], path: String) throws {
      while let end = bytes[wholeBytes...].firstIndex(of: LedgerFile.newline) {
        if end > wholeBytes {
          do throws(Damage) { entries.append(try Content.entry(bytes[wholeBytes..<end])) } catch {
            // Without the entry its action would be done again.
            throw Failure.environment(
              "\(path):\(lines): is no entry of a ledger (\(error.reason)); put the line back as it was, or begin with "
                + "a new ledger and a new database")
          }
        }
        wholeBytes = end + 1
        lines += 1
      }
      if wholeBytes == bytes.count { return }
      // A line is written before its command is answered, so that one that is torn was never answered.
      do throws(Damage) {
        entries.append(try Content.entry(bytes[wholeBytes...]))
        lacksNewline = true
      } catch {
        isTorn = true
      }
    }

    private struct Damage: Error { var reason: String }

    private static func entry(_ line: ArraySlice<UInt8>) throws(Damage) -> LedgerEntry {
      let json: JSON
      do throws(JSONError) { json = try JSONParser.parse(Array(line), limits: .definition) } catch {
        throw Damage(reason: error.message)
      }
      guard let entry = LedgerEntry(json: json) else {
        throw Damage(reason: "destination, command, key, effect or outcome is missing or has another form")
      }
      return entry
    }
  }
}
