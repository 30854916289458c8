import SagaCore

/// Why the engine cannot go on. Nothing of the call that throws is acknowledged.
public enum EngineError: Error, CustomStringConvertible {
  /// An earlier commit ended in doubt, or the engine lost its shard: make a new engine on a reopened store.
  case poisoned
  /// Nobody knows whether the commit is durable; the engine is poisoned.
  case outcomeUnknown(any Error)
  /// The store has no room; nothing was written.
  case full
  /// Another owner has the shard; the engine is poisoned.
  case fenced(Epoch)
  /// Something else wrote rows that only an engine may write; the engine is poisoned.
  case foreignWriter(JournalSequence)
  /// The store refused what cannot be dead-lettered.
  case refused(constraint: String)
  /// Another definition is stored under this saga, version and role: give the changed one a new version.
  case definitionConflict(MachineIdentity)
  /// Open instances need a definition that was not loaded and cannot be compiled from its stored source.
  case definitionMissing(MachineIdentity, reason: String)
  /// The store owns the slots of another shard than the engine is to run.
  case wrongShard(ShardPlace?, expected: ShardPlace)
  /// A definition finds instances by recorded values, and the stores cannot be looked into by each other (`EngineConfiguration.keys`).
  case undividable(MachineIdentity, type: String)
  /// The last run was cut off while one message set off others; only an engine with its lanes can go on with it.
  case interrupted
  /// The journal does not say what it should.
  case corrupt(String)

  public var description: String {
    switch self {
    case .poisoned: "the engine has stopped after an earlier error; open the store again with a new engine"
    case .outcomeUnknown(let error): "nobody knows whether the last commit is durable (\(error)); open the store again"
    case .full: "the store has no room; nothing was written. Free space and start again"
    case .fenced(let epoch): "another engine owns the shard (epoch \(epoch))"
    case .foreignWriter(let sequence): "journal row \(sequence) was written by something that is not this engine"
    case .refused(let constraint): "the store refused a row of the engine's own: \(constraint)"
    case .definitionConflict(let identity):
      "another definition is stored as \(identity); give the changed one a new version"
    case .definitionMissing(let identity, let reason): "open instances need \(identity): \(reason)"
    case .wrongShard(let found, let expected):
      "the store is \(found.map { "\($0)" } ?? "no shard"), and the engine is to run \(expected); open the right one"
    case .undividable(let identity, let type):
      "\(identity) finds its instances of \(type) by a value that they record (`correlate`), and these shards cannot look into each "
        + "other's stores; run it with one shard, or on stores that can"
    case .interrupted:
      "the last run was cut off in the middle of its work; start the engine once and stop it, then divide"
    case .corrupt(let what): "the journal is damaged: \(what)"
    }
  }
}
