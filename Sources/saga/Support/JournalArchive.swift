import Foundation
import SagaCore
import SagaRuntime

/// Journal rows as JSON lines: nothing is left out, and messages can be read.
final class JournalArchive {
  let path: String
  private(set) var count = 0
  private let handle: FileHandle

  /// Opens the file to append to; makes it when there is none.
  ///
  /// - Throws: `Failure`.
  init(path: String) throws {
    self.path = path
    if !FileManager.default.fileExists(atPath: path), !FileManager.default.createFile(atPath: path, contents: nil) {
      throw Failure.environment("\(path): the archive cannot be made; check the directory and its permissions")
    }
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw Failure.environment("\(path): the archive cannot be opened for writing; check its permissions")
    }
    self.handle = handle
    do { try handle.seekToEnd() } catch {
      throw Failure.environment(
        "\(path): the archive has no end to append to: \(error.localizedDescription); --archive takes a plain file")
    }
  }

  /// Writes rows; they are on disk when it returns.
  ///
  /// - Throws: `Failure`.
  func append(_ rows: [JournalRow]) throws {
    var bytes: [UInt8] = []
    for row in rows { bytes += JSONWriter.compact(JournalArchive.json(row)) + [UInt8(ascii: "\n")] }
    do {
      try handle.write(contentsOf: Data(bytes))
      try handle.synchronize()
    } catch {
      throw Failure.environment(
        "\(path): the archive cannot be written: \(error.localizedDescription); nothing more was deleted, so that "
          + "saga prune can be called again when there is room")
    }
    count += rows.count
  }

  private static func json(_ row: JournalRow) -> JSON {
    var members: [(String, JSON)] = [
      ("sequence", .int(row.sequence)), ("at", .string(row.at.rfc3339)), ("kind", .string("\(row.kind)")),
      ("slot", .int(Int64(row.slot.value))),
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
