import Foundation
import SagaCore
import SagaRuntime

/// What happened to one instance, kept in a file: every input with its time, what was decided and sent, and what the instance was then.
///
/// Replayed against a changed definition it shows what would now differ; against the same definition, with a newer library, it shows
/// that nothing does. The file is JSON lines: a header, then a line a journal row as `saga history --json` has them.
///
/// Source of the idea: the replay tests of Temporal's workflow histories.
public struct GoldenHistory: Sendable, Hashable {
  /// The version of the file's form.
  public static let version: Int64 = 1

  /// The instance it was recorded from.
  public var address: InstanceAddress
  /// Of the definition that it was recorded with.
  public var definitionVersion: Int64
  /// The SHA-256 of that definition's file, in hexadecimal digits.
  public var definitionHash: String
  /// Of the database it was recorded from; part of every message's id.
  public var epoch: Int64
  /// The rows, oldest first.
  public var rows: [JSON]

  /// Records what happened to an instance.
  ///
  /// - Throws: `GoldenHistoryError` where there is no such instance or its beginning was swept; what the store throws.
  public static func record(_ address: InstanceAddress, from reader: ShardReader) throws -> GoldenHistory {
    guard let view = try reader.instance(address) else { throw GoldenHistoryError.noInstance(address) }
    let stages = try reader.evolution(of: view.id)
    guard stages.first?.entry.revision == 1 else { throw GoldenHistoryError.pruned(address) }
    let stored = reader.definitions.first { stored in
      MachineIdentity(saga: stored.saga, version: stored.version, role: stored.role) == view.machine
    }
    return GoldenHistory(
      address: address, definitionVersion: view.machine.version,
      definitionHash: hexadecimal(stored?.sha256 ?? []), epoch: reader.recovered.epoch,
      rows: stages.map(GoldenHistory.row))
  }

  /// A row as `saga history --json` has it, without its place in the journal, and what the instance was after it.
  static func row(_ stage: ShardReader.Stage) -> JSON {
    guard case .object(var members) = HistoryReport.json(stage.entry) else { return .null }
    members["sequence"] = nil
    if let after = stage.after {
      members["after"] = [
        "status": .string(after.status.name), "wakeAt": after.wakeAt.map { .string($0.rfc3339) } ?? .null,
        "data": after.data,
      ]
    }
    return .object(members)
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// The file.
extension GoldenHistory {
  /// Reads a history from its file.
  ///
  /// - Throws: `GoldenHistoryError.unreadable`.
  public init(path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw GoldenHistoryError.unreadable(path: path, line: nil, reason: "it is not there, or may not be read")
    }
    try self.init(jsonLines: Array(data), file: path)
  }

  /// - Parameters:
  ///   - bytes: the history, one row a line.
  ///   - file: for errors.
  /// - Throws: `GoldenHistoryError.unreadable`.
  public init(jsonLines bytes: [UInt8], file: String) throws {
    var lines: [JSON] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      do throws(JSONError) {
        lines.append(try JSONParser.parse(Array(line)))
      } catch {
        throw GoldenHistoryError.unreadable(path: file, line: index + 1, reason: error.message)
      }
    }
    guard let header = lines.first, header["history"]?.intValue == GoldenHistory.version,
      let saga = header["saga"]?.stringValue, let key = header["key"]?.stringValue,
      let version = header["version"]?.intValue, let epoch = header["epoch"]?.intValue
    else {
      let reason =
        "it is no header of a history of version \(GoldenHistory.version); record one with `saga history --export`"
      throw GoldenHistoryError.unreadable(path: file, line: 1, reason: reason)
    }
    self.init(
      address: InstanceAddress(saga: saga, role: header["role"]?.stringValue ?? "", key: key),
      definitionVersion: version, definitionHash: header["definition"]?.stringValue ?? "", epoch: epoch,
      rows: Array(lines.dropFirst()))
  }

  /// What the file holds.
  public var jsonLines: [UInt8] {
    let header: JSON = [
      "history": .int(GoldenHistory.version), "saga": .string(address.saga), "role": .string(address.role),
      "key": .string(address.key), "version": .int(definitionVersion), "definition": .string(definitionHash),
      "epoch": .int(epoch),
    ]
    return ([header] + rows).flatMap { JSONWriter.compact($0) + [UInt8(ascii: "\n")] }
  }
}

/// Why a history cannot be recorded, read or replayed.
public enum GoldenHistoryError: Error, CustomStringConvertible, Sendable {
  /// The database has no such instance.
  case noInstance(InstanceAddress)
  /// The beginning of the history was swept: what the first inputs were is not known any more.
  case pruned(InstanceAddress)
  /// The file is no history, from this line on.
  case unreadable(path: String, line: Int?, reason: String)
  /// No definition that was given has the history's saga and role.
  case noDefinition(InstanceAddress)
  /// The row has an input that cannot be given to an engine again.
  case notReplayable(row: Int, reason: String)

  public var description: String {
    switch self {
    case .noInstance(let address): "there is no instance of \(GoldenHistoryError.name(address)) to record"
    case .pruned(let address):
      "the beginning of the history of \(GoldenHistoryError.name(address)) was pruned; record it before `saga prune` runs"
    case .unreadable(let path, let line, let reason): "\(path)\(line.map { ":\($0)" } ?? ""): \(reason)"
    case .noDefinition(let address):
      "no definition has \(GoldenHistoryError.name(address)); give the file that the history belongs to"
    case .notReplayable(let row, let reason): "row \(row) of the history cannot be replayed: \(reason)"
    }
  }

  private static func name(_ address: InstanceAddress) -> String {
    "\(address.saga)\(address.role.isEmpty ? "" : "/" + address.role) \(address.key)"
  }
}
