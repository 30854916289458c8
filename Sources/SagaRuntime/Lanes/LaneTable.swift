import SagaCore

/// The lanes of a shard by name and number.
struct LaneTable {
  /// In the order of their numbers.
  private(set) var lanes: [Lane] = []
  private var byName: [String: Lane] = [:]
  private var byID: [LaneID: Lane] = [:]

  /// There are a few lanes at most times, and a scan finds one faster than a hash.
  private static let scanLimit = 8

  subscript(_ name: String) -> Lane? {
    if lanes.count > LaneTable.scanLimit { return byName[name] }
    for lane in lanes where lane.name == name { return lane }
    return nil
  }

  subscript(id id: LaneID) -> Lane? { byID[id] }

  mutating func add(_ lane: Lane) {
    lanes.append(lane)
    byName[lane.name] = lane
    byID[lane.id] = lane
  }

  /// The lane of a name; a new one begins at `sequence`.
  mutating func lane(named name: String, from sequence: JournalSequence) -> Lane {
    if let lane = self[name] { return lane }
    let lane = Lane(
      id: (lanes.last?.id ?? 0) + 1, name: name, position: OutgoingPosition(sequence: sequence, effect: 0),
      isAnnounced: false, isInTable: false)
    add(lane)
    return lane
  }

  /// Cursor moves that no durable row has.
  var marks: [LaneMark] { lanes.filter(\.needsMark).map(\.mark) }

  /// The first row that some lane still needs.
  var leastSequence: JournalSequence? { lanes.map(\.position.sequence).min() }
}
