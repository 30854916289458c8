import SagaCore

/// A key passes from a closed instance to the next one that claims it.
struct Inheritance {
  let key: Hash128
  let former: LiveInstance
  let closedAt: Timestamp

  init(key: Hash128, former: LiveInstance, now: Timestamp) {
    self.key = key
    self.former = former
    closedAt = former.current.instance?.closedAt ?? former.tombstone?.closedAt ?? now
  }

  var stored: InheritedIDs {
    InheritedIDs(key: key, formerOwner: former.id, closedAt: closedAt, recent: former.seen.recent)
  }
}

extension ShardEngine {
  /// The body hash of an id that a former owner of the key has taken.
  func inheritedBody(_ id: Hash128, under key: Hash128, _ batch: Batch) throws -> UInt64? {
    for inheritance in batch.inherited where inheritance.key == key {
      if let body = try seenBody(id, at: inheritance.former) { return body }
    }
    guard mayHaveInherited else { return nil }
    let probe = InheritedProbe(key: key, id: id)
    if let known = probedInherited[probe] { return known }
    var wanted = LoadRequest()
    wanted.inherited = [probe]
    return try store.load(wanted).inherited[probe]
  }

  /// What becomes of a message whose id a former owner has taken.
  ///
  /// - Returns: nil for a dead letter of that owner, which kept the message and refused it later: its replay goes on.
  func recognise(
    _ inbound: Inbound, inherited body: UInt64, at instance: LiveInstance, _ batch: Batch
  ) throws -> Outcome? {
    guard body == inbound.identity.body else { return try contradict(inbound, at: instance, batch) }
    return inbound.replaysAt == nil ? .duplicate : nil
  }

  /// Refuses a message whose id came before with another body.
  func contradict(_ inbound: Inbound, at instance: LiveInstance, _ batch: Batch) throws -> Outcome {
    let text = "The id \(inbound.event.id) of \(inbound.event.source) came before with another body."
    return try refuse(inbound, MessageFault(code: FaultCode.conflict, message: text), at: instance, batch)
  }
}
