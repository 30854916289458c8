import Foundation
import SagaCore

/// Says to which shards a message goes, on any thread.
///
/// `@unchecked Sendable`: every access to `groups` holds the lock.
final class ShardRouter: @unchecked Sendable {
  let count: Int
  private let lock = NSLock()
  /// The versions of each role, the newest first.
  private var groups: [[Machine]] = []

  init(_ machines: [Machine], among count: Int) {
    self.count = count
    add(machines)
  }

  /// Takes account of definitions that a shard has besides, for sagas that outlive their files.
  func add(_ machines: [Machine]) {
    lock.withLock {
      for machine in machines {
        let (identity, known) = (machine.identity, groups.firstIndex { $0[0].identity.isOfRole(machine.identity) })
        guard let known else {
          groups.append([machine])
          continue
        }
        if groups[known].contains(where: { $0.identity == identity }) { continue }
        groups[known].append(machine)
        groups[known].sort { $0.identity.version > $1.identity.version }
      }
    }
  }

  /// The shards of a message's keys, in their order; what has no key goes to the first.
  func shards(of event: CloudEvent) -> [Int] {
    if count == 1 { return [0] }
    let place = ShardPlace(index: 0, of: count)
    var shards: Set<Int> = []
    let groups = lock.withLock { self.groups }
    for group in groups {
      guard let machine = group.first(where: { $0.names(event.type) }) else { continue }
      do throws(MessageFault) {
        switch try machine.route(event) {
        case .primary(let keys): for key in keys { shards.insert(place.owner(ofKey: key)) }
        case .named(let correlation): shards.insert(place.owner(ofKey: correlation.value))
        case nil: break
        }
      } catch {
        // The shard that takes what has no key finds the same fault, and makes a dead letter of it.
        shards.insert(0)
      }
    }
    return shards.isEmpty ? [0] : shards.sorted()
  }
}

extension MachineIdentity {
  fileprivate func isOfRole(_ other: MachineIdentity) -> Bool { saga == other.saga && role == other.role }
}
