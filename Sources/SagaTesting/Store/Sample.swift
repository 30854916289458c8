import SagaCore
import SagaRuntime

func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
func hash(_ value: UInt64) -> Hash128 { Hash128(high: value &* 0x9E37_79B9_7F4A_7C15, low: value) }

/// The smallest values that the constraints take.
enum Sample {
  static let machine = StoredMachine(
    id: 1, saga: "order", version: 1, role: "", sha256: [UInt8](repeating: 7, count: 32), source: [1, 2, 3])

  static func machine(_ id: MachineID, version: Int64, role: String = "") -> StoredMachine {
    var machine = machine
    machine.id = id
    machine.version = version
    machine.role = role
    return machine
  }

  static func birth(_ id: InstanceID, at: Int64 = 0) -> JournalRow {
    JournalRow(
      sequence: id, at: time(at), kind: .message, slot: Slot(value: 1), instance: id, revision: 1, input: [1],
      decided: [2])
  }

  /// A later row of an instance; `previous` is its first one unless given.
  static func row(
    _ sequence: JournalSequence, of id: InstanceID, revision: Int64 = 2, previous: JournalSequence? = nil, at: Int64 = 0
  ) -> JournalRow {
    JournalRow(
      sequence: sequence, at: time(at), kind: .message, slot: Slot(value: 1), instance: id, revision: revision,
      previousSequence: previous ?? id, decided: [3])
  }

  /// A row of no instance.
  static func loose(_ sequence: JournalSequence, _ kind: RowKind, at: Int64 = 0) -> JournalRow {
    JournalRow(sequence: sequence, at: time(at), kind: kind, slot: Slot(value: 0), input: [9], decided: [4])
  }

  static func instance(
    _ id: InstanceID, sequence: JournalSequence? = nil, status: Int64 = 1, wakeAt: Int64? = nil, closedAt: Int64? = nil
  ) -> StoredInstance {
    StoredInstance(
      id: id, machine: 1, uid: hash(UInt64(id)), key: "key-\(id)", sequence: sequence ?? id, revision: 1,
      status: status, isPaused: false, wakeAt: wakeAt.map(time), closedAt: closedAt.map(time), state: [5], seen: [6])
  }

  static func parked(_ sequence: JournalSequence, key: UInt64 = 1, expires: Int64 = 50) -> ParkedMessage {
    ParkedMessage(key: hash(key), id: hash(UInt64(sequence) + 1000), sequence: sequence, expiresAt: time(expires))
  }

  static func held(
    _ lane: LaneID, _ sequence: JournalSequence, _ effect: Int64 = 0, attempts: Int64 = 1
  ) -> HeldMessage {
    HeldMessage(
      lane: lane, sequence: sequence, effect: effect, ordering: hash(3), attempts: attempts, nextAt: time(5),
      reason: "down")
  }

  static func lane(_ id: LaneID, sequence: JournalSequence = 0, effect: Int64 = 0) -> LanePosition {
    LanePosition(id: id, name: "lane \(id)", sequence: sequence, effect: effect)
  }
}
