import CEL
import SagaCore
import SagaRuntime

/// Something that several sagas read and write: what sagas give up is isolation, and this makes it visible.
///
/// The anomalies are those of Berenson and others, "A Critique of ANSI SQL Isolation Levels" (1995), as Frank and Zahle,
/// "Semantic ACID properties in multidatabases" (1998), apply them to sagas. They are reported, not failed: which of them
/// matter is for the definition's author to say, and countermeasures (semantic locks, commutative updates, re-reading)
/// are his.
public struct SharedResource: Sendable {
  /// What reports call it.
  public var name: String
  /// CEL over `command`: which one of its kind a command touches.
  let key: CELProgram
  let writes: Set<String>
  let reads: Set<String>

  static let environment = CELEnvironment(variables: [("command", .dyn)])
}

/// Finds anomalies in what participants did.
struct IsolationAudit {
  private struct Access {
    var order: Int
    var saga: String
    var isWrite: Bool
    /// When the write was taken back; nil when it stayed.
    var undoneOrder: Int?
  }

  /// The anomalies of a ledger, by name, with how often each came.
  ///
  /// - Throws: `MessageFault` when a resource's key cannot be computed for a command.
  static func anomalies(
    of resource: SharedResource, in ledger: ParticipantLedger
  ) throws(MessageFault) -> [(name: String, count: Int)] {
    var accesses: [String: [Access]] = [:]
    var keys: [String] = []
    for entry in ledger.entries where entry.effect != .tombstone && entry.effect != .refused {
      let isWrite = resource.writes.contains(entry.command)
      guard isWrite || resource.reads.contains(entry.command) else { continue }
      let key = try resource.value(for: entry)
      if accesses[key] == nil { keys.append(key) }
      accesses[key, default: []].append(
        Access(order: entry.order, saga: entry.source, isWrite: isWrite, undoneOrder: entry.undoneOrder))
    }
    var counts = [0, 0, 0]
    for key in keys { count(accesses[key, default: []].sorted { $0.order < $1.order }, &counts) }
    let names = ["dirty read", "lost update", "fuzzy read"]
    return zip(names, counts).filter { $0.1 > 0 }.map { ("\($0.0) of \(resource.name)", $0.1) }
  }

  private static func count(_ accesses: [Access], _ counts: inout [Int]) {
    for (index, access) in accesses.enumerated() {
      // Somebody else's write was there and was taken back later.
      let sawDirt = accesses[..<index].contains { earlier in
        earlier.isWrite && earlier.saga != access.saga && (earlier.undoneOrder ?? 0) > access.order
      }
      if sawDirt { counts[0] += 1 }
      guard let last = accesses[..<index].lastIndex(where: { $0.saga == access.saga }) else { continue }
      let between = accesses[(last + 1)..<index].contains { $0.isWrite && $0.saga != access.saga }
      if between { counts[access.isWrite ? 1 : 2] += 1 }
    }
  }
}

extension SharedResource {
  fileprivate func value(for entry: ParticipantLedger.Entry) throws(MessageFault) -> String {
    let command: JSON = [
      "type": .string(entry.command), "sagakey": .string(entry.sagaKey), "data": entry.data,
    ]
    do {
      return "\(try JSON(cel: key.evaluate(ResourceActivation(command: CELValue(command)))))"
    } catch {
      throw MessageFault(
        code: "scenario.resource", message: "the key of resource \(name) fails for \(entry.command): \(error)")
    }
  }
}

private struct ResourceActivation: CELActivation {
  var command: CELValue
  func value(forVariable index: Int) -> CELValue? { command }
}
