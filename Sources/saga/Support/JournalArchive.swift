import Foundation
import SagaCore
import SagaRuntime

/// Journal rows as JSON lines: nothing is left out, and messages can be read.
final class JournalArchive {
  var path: String { file.path }
  private(set) var count = 0
  private let file: LineFile

  /// Opens the file to append to; makes it when there is none. What a killed process has left of a line is cut off: its
  /// rows were not deleted yet, and come again.
  ///
  /// - Throws: `Failure`.
  init(path: String) throws {
    file = try LineFile(path: path, .archive)
    guard file.isPlain else {
      throw Failure.environment(
        "\(path): the archive has no end to append to, since it is no file on a disk; --archive takes a plain file")
    }
    try file.cutTornLine()
  }

  /// Writes rows; they are on disk when it returns.
  ///
  /// - Parameter shard: whose rows they are; nil where the database is not divided.
  /// - Throws: `Failure`.
  func append(_ rows: [JournalRow], shard: Int?) throws {
    var bytes: [UInt8] = []
    for row in rows { bytes += JSONWriter.compact(JournalArchive.json(row, shard)) + [UInt8(ascii: "\n")] }
    do throws(LineFile.Fault) {
      try file.append(bytes)
      try file.synchronize()
    } catch {
      throw Failure.environment(
        "\(path): the archive cannot be written: \(error.reason); nothing more was deleted, so that saga prune can be "
          + "called again when there is room")
    }
    count += rows.count
  }

  private static func json(_ row: JournalRow, _ shard: Int?) -> JSON {
    // With the sequence first, by which a line is known as one of these (`LineFile`).
    var members: [(String, JSON)] = [("sequence", .int(row.sequence))]
    // Each shard numbers its rows and instances by itself.
    if let shard { members.append(("shard", .int(Int64(shard)))) }
    members += [
      ("at", .string(row.at.rfc3339)), ("kind", .string("\(row.kind)")), ("slot", .int(Int64(row.slot.value))),
    ]
    let numbers = [
      ("instance", row.instance), ("revision", row.revision), ("previous", row.previousSequence),
      ("inputSequence", row.inputSequence),
    ]
    members += numbers.compactMap { name, value in value.map { (name, .int($0)) } }
    if let input = row.input {
      if let json = try? JSONParser.parse(input) {
        members.append(("input", json))
      } else {
        members.append(("inputBase64", base64(input)))
      }
    }
    members.append(("decidedBase64", base64(row.decided)))
    if let outgoing = row.outgoing {
      let events = (try? OutgoingRecord.decode(outgoing))?.compactMap { try? JSONParser.parse($0.event) } ?? []
      members += [("outgoing", .array(events)), ("outgoingBase64", base64(outgoing))]
    }
    if let marks = row.marks { members.append(("marksBase64", base64(marks))) }
    return .object(JSONObject(members))
  }

  private static func base64(_ bytes: [UInt8]) -> JSON { .string(Data(bytes).base64EncodedString()) }
}
