import SagaCore
import SagaRuntime

/// The selected instances of all shards in the order in which they started, a page at a time.
struct ChosenInstances {
  /// What was read of a shard and not given out yet.
  private struct Source {
    let snapshot: Snapshot
    var after: InstanceID = 0
    var page: ArraySlice<InstanceView> = []
    var isAtEnd = false

    /// When the next one started.
    var time: Timestamp {
      let first = page.first
      return first?.instance?.startedAt ?? first?.closedAt ?? Timestamp(milliseconds: .min)
    }
  }

  private let selection: InstanceSelection
  private var sources: [Source]
  private var left: Int
  private var isBegun = false

  /// - Parameter limit: at most so many, the first to start.
  init(_ selection: InstanceSelection, in snapshots: [Snapshot], limit: Int?) {
    self.selection = selection
    sources = snapshots.map { Source(snapshot: $0) }
    left = limit ?? .max
  }

  /// - Returns: nil when there are no more.
  /// - Throws: `Failure` (bad) for a saga, a role or a state that has not run here, or what a store throws.
  mutating func next(limit: Int = 1000) throws -> [(view: InstanceView, snapshot: Snapshot)]? {
    if !isBegun {
      isBegun = true
      try sources.first?.snapshot.requireKnown(
        saga: selection.filter.saga, role: selection.filter.role, state: selection.state)
    }
    var page: [(InstanceView, Snapshot)] = []
    while page.count < min(limit, left) {
      for index in sources.indices { try fill(index) }
      let open = sources.indices.filter { !sources[$0].page.isEmpty }
      guard let next = open.min(by: { (sources[$0].time, $0) < (sources[$1].time, $1) }),
        let view = sources[next].page.popFirst()
      else { break }
      page.append((view, sources[next].snapshot))
    }
    left -= page.count
    return page.isEmpty ? nil : page
  }

  /// All of them.
  mutating func all() throws -> [(view: InstanceView, snapshot: Snapshot)] {
    var found: [(InstanceView, Snapshot)] = []
    while let page = try next() { found += page }
    return found
  }

  private mutating func fill(_ index: Int) throws {
    while sources[index].page.isEmpty, !sources[index].isAtEnd {
      if let page = try sources[index].snapshot.finder.next(selection, after: &sources[index].after) {
        sources[index].page = page[...]
      } else {
        sources[index].isAtEnd = true
      }
    }
  }
}
