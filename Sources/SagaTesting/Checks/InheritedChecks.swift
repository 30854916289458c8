import SagaCore
import SagaRuntime

extension StoreConformance {
  private static func inherited(
    _ key: UInt64, from owner: InstanceID, closedAt: Int64 = 10, recent: [MessageIdentity] = []
  ) -> InheritedIDs {
    InheritedIDs(key: hash(key), formerOwner: owner, closedAt: time(closedAt), recent: recent)
  }

  private static func identity(_ id: UInt64, body: UInt64 = 1) -> MessageIdentity {
    MessageIdentity(id: hash(id), body: body)
  }

  /// Of the ids 1 … 9, those that a key has, with their body hashes.
  private static func ids(of key: UInt64, _ store: any Store) throws -> [UInt64: UInt64] {
    let wanted = (1...9).map { InheritedProbe(key: hash(key), id: hash($0)) }
    let loaded = try store.load { $0.inherited = wanted + wanted }.inherited
    var found: [UInt64: UInt64] = [:]
    for (index, probe) in wanted.enumerated() { found[UInt64(index) + 1] = loaded[probe] }
    return found
  }

  static let inheritedChecks =
    [
      Check("a key inherits the ids named and all spilled ones of its former owner, and no other key does") {
        examination in
        let store = try examination.store()
        try store.addClosed()
        try examination.expect(!store.recover().hasInheritedIDs, "no inherited ids in a store where no key passed")
        try store.add {
          $0.fold = FoldPortion(
            instances: [],
            spilled: [
              SpilledID(instance: 1, id: hash(1), body: .max), SpilledID(instance: 1, id: hash(2), body: 2),
              SpilledID(instance: 2, id: hash(3), body: 3),
            ])
        }
        try store.add { $0.inherited = [inherited(7, from: 1, recent: [identity(4, body: 0x0102_0304)])] }
        try examination.equal(ids(of: 7, store), [1: .max, 2: 2, 4: 0x0102_0304], "the ids of the key")
        try examination.equal(ids(of: 8, store), [:], "the ids of another key")
        try examination.expect(store.recover().hasInheritedIDs, "the store to say that it has inherited ids")
      },
      Check("ids are inherited in the commit in which they are spilled, whether it names them or not") { examination in
        let store = try examination.store()
        try store.addClosed()
        try store.add {
          $0.inherited = [inherited(7, from: 1, recent: [identity(1), identity(2)])]
          $0.fold = FoldPortion(instances: [], spilled: [SpilledID(instance: 1, id: hash(1), body: 1)])
        }
        try examination.equal(ids(of: 7, store), [1: 1, 2: 1], "the ids of the key")
      },
      Check("a key that passes again adds ids, and one that it has already keeps its body") { examination in
        let store = try examination.store()
        try store.addClosed()
        try store.add { $0.inherited = [inherited(7, from: 1, recent: [identity(1), identity(2)])] }
        try store.add { $0.inherited = [inherited(7, from: 2, recent: [identity(2, body: 9), identity(3)])] }
        try examination.equal(ids(of: 7, store), [1: 1, 2: 1, 3: 1], "the ids of the key")
      },
      Check("a refused batch hands no ids on") { examination in
        let store = try examination.store()
        try store.addClosed()
        try store.add { $0.keys = [.insert(hash(1), 1)] }
        let refused = try store.batch {
          $0.keys = [.insert(hash(1), 3)]
          $0.inherited = [inherited(1, from: 1, recent: [identity(1)])]
        }
        try examination.expectRefused(store, refused, "a key that is taken")
        try examination.equal(ids(of: 1, store), [:], "the ids of the key")
      },
    ]
    + [1, 2, 1000].map { rows in
      Check("forgetting takes ids inherited from owners that closed before the cut, \(rows) at a time") { examination in
        let store = try examination.store()
        try store.addClosed()
        try store.add {
          $0.inherited = [
            inherited(6, from: 1, closedAt: 10, recent: [identity(1), identity(2)]),
            inherited(7, from: 1, closedAt: 10, recent: [identity(1), identity(2), identity(3)]),
            inherited(7, from: 2, closedAt: 20, recent: [identity(3), identity(4)]),
          ]
        }
        try examination.finish(store, .forget(closedBefore: time(10)), rows: rows)
        try examination.equal(ids(of: 7, store).count, 4, "the ids that a cut at the closing time leaves")
        try examination.finish(store, .forget(closedBefore: time(20)), rows: rows)
        try examination.equal(ids(of: 6, store), [:], "the ids of the key whose owner closed first")
        try examination.equal(ids(of: 7, store), [3: 1, 4: 1], "the ids that the later owner had too, or alone")
        try examination.finish(store, .forget(closedBefore: time(21)), rows: rows)
        try examination.expect(!store.recover().hasInheritedIDs, "none left")
      }
    } + [
      Check("inherited ids are there after the store is opened again", needs: .reopening) { examination in
        let store = try examination.store()
        try store.addClosed()
        try store.add { $0.inherited = [inherited(7, from: 1, recent: [identity(1)])] }
        guard let reopened = try examination.harness.reopen?(store) else { return }
        try examination.equal(ids(of: 7, reopened), [1: 1], "the ids of the key")
        try examination.expect(reopened.recover().hasInheritedIDs, "the store to say that it has inherited ids")
      }
    ]
}
