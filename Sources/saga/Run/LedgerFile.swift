import Foundation
import SagaCore
import SagaRuntime

/// The ledger of in-process participants as a file: JSON lines, one an effect.
struct LedgerFile {
  /// What the file held when it was read.
  let entries: [LedgerEntry]
  private let file: LineFile

  private static let newline = UInt8(ascii: "\n")

  /// Opens the file, or makes it when there is none. Nothing is read from it yet.
  ///
  /// - Throws: `Failure` (environment) naming the file.
  static func opened(path: String) throws -> LineFile {
    let file = try LineFile(path: path, .ledger)
    guard file.isPlain else {
      throw Failure.environment("\(path): is no plain file, and a ledger is read again; --ledger takes a plain file")
    }
    return file
  }

  /// Reads the file. A last line that is torn is cut off, and said so once. The database must be locked: another run could
  /// be writing the file still, and what it does meanwhile would be done again.
  ///
  /// - Parameter file: as `opened` returned it.
  /// - Throws: `Failure` (environment) naming the file, and the line where one is no entry.
  init(_ file: LineFile) throws {
    self.file = file
    let path = file.path
    let content = try Content(try Files.read(path), path: path)
    entries = content.entries
    if content.lacksNewline { try write([LedgerFile.newline]) }
    if content.isTorn {
      try file.cut(to: off_t(content.wholeBytes))
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
    try write(bytes)
  }

  private func write(_ bytes: [UInt8]) throws {
    do throws(LineFile.Fault) { try file.append(bytes) } catch {
      throw Failure.environment(
        "\(file.path): the ledger cannot be written: \(error.reason); its command was not answered: start the run "
          + "again")
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
        guard LineFile.Kind.ledger.isTorn(bytes[wholeBytes...], isAlone: wholeBytes == 0) else {
          throw LineFile.Kind.ledger.refusal(path, line: lines)
        }
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
