import SagaCore

/// Writes the instance table behind the journal: a pass fixes what is dirty and the position it will reach, and goes out
/// in portions that ride on commits, sorted by id so that neighbouring rows share pages.
struct FoldPass {
  /// A portion and how to take it as done.
  struct Portion {
    var instances: [(instance: LiveInstance, spilled: Int)]
    /// The position that the pass has reached with this portion.
    var completes: JournalSequence?
  }

  /// Instances that changed since they were last folded, in the order they changed.
  private var dirty: [LiveInstance] = []
  /// What is left of the running pass, the greatest id first.
  private var rest: [LiveInstance] = []
  /// The running pass's position; nil between passes.
  private(set) var target: JournalSequence?
  private var size = 0

  var isRunning: Bool { target != nil }

  var hasWork: Bool { isRunning || !dirty.isEmpty }

  mutating func markDirty(_ instance: LiveInstance) {
    if instance.isQueuedForFold { return }
    instance.isQueuedForFold = true
    dirty.append(instance)
  }

  /// Begins a pass that ends at `target`.
  mutating func begin(target: JournalSequence) {
    precondition(!isRunning, "a flush pass is running")
    self.target = target
    rest = dirty.sorted { $0.id > $1.id }
    size = rest.count
    dirty.removeAll(keepingCapacity: true)
  }

  /// How many instances must go with `rows` new rows so that the pass ends within `span` rows.
  func portion(rows: Int, span: Int) -> Int { max(1, (size * rows + span - 1) / max(1, span)) }

  /// The next `count` instances; nothing changes until `finish`.
  func next(_ count: Int, inlineSeenIDs: Int) -> Portion {
    let instances = rest.suffix(count).reversed()
    #if SAGA_MUTANTS
      if Mutant.is(.foldAheadOfInstances) {
        return Portion(
          instances: instances.map { ($0, $0.seen.overflow(inline: inlineSeenIDs).count) }, completes: target)
      }
    #endif
    return Portion(
      instances: instances.map { ($0, $0.seen.overflow(inline: inlineSeenIDs).count) },
      completes: instances.count == rest.count ? target : nil)
  }

  /// The portion is durable: its instances were written as they were when the commit was made.
  mutating func finish(_ portion: Portion) {
    rest.removeLast(portion.instances.count)
    for (instance, spilled) in portion.instances {
      instance.isQueuedForFold = false
      instance.seen.spill(spilled)
      instance.foldedSequence = instance.current.sequence
    }
    if portion.completes != nil { target = nil }
  }
}

extension FoldPass.Portion {
  /// As the store takes it.
  func stored(clock: Timestamp, lanes: [LanePosition]) -> FoldPortion {
    FoldPortion(
      instances: instances.map { $0.instance.stored(skippingSeen: $0.spilled) },
      spilled: instances.flatMap { instance, spilled in
        instance.seen.recent.prefix(spilled).map { SpilledID(instance: instance.id, id: $0.id, body: $0.body) }
      },
      completion: completes.map { FoldCompletion(foldedSequence: $0, clock: clock, lanes: lanes) })
  }
}
