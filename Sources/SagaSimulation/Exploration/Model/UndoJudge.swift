import SagaCore

/// Says what is wrong with an undo when a participant carries it out, by all ledgers as they are then.
struct UndoJudge {
  private let traits: DefinitionTraits
  /// By ledger: from a tuple of ledgers and the ledger's state before, the fault's raw value; 0 for none.
  private var known: [WordTable]

  init(_ traits: DefinitionTraits, ledgers: Int) {
    self.traits = traits
    known = [WordTable](repeating: WordTable(), count: ledgers)
  }

  /// - Parameters:
  ///   - ledger: the ledger that something was undone in.
  ///   - before: its state before.
  ///   - tuple: all ledgers after it.
  mutating func fault(
    by ledger: Int, from before: UInt32, to tuple: UInt32, _ view: WorldView
  ) -> Allowance.Fault? {
    let key = UInt64(tuple) << 32 | UInt64(before)
    if let known = known[ledger][key] { return Allowance.Fault(rawValue: known) }
    let fault = fault(from: view.participants[ledger].ledgers[before], in: view.entries(of: tuple))
    known[ledger].add(key, fault?.rawValue ?? 0)
    return fault
  }

  private func fault(from before: ParticipantLedger, in entries: [ParticipantLedger.Entry]) -> Allowance.Fault? {
    for undone in entries where undone.effect == .undone && before[undone.key]?.effect == .done {
      for other in entries where other.source == undone.source && other.effect == .done {
        if traits.pivots.contains(other.command) { return .undoneAfterPivot }
        if isOwedFirst(other, undone, entries) { return .undoneTooEarly }
      }
    }
    return nil
  }

  /// Whether what is done must be undone before the other is: it came after it, and nobody has answered an undo of it.
  private func isOwedFirst(
    _ done: ParticipantLedger.Entry, _ undone: ParticipantLedger.Entry, _ entries: [ParticipantLedger.Entry]
  ) -> Bool {
    traits.undoable.contains(done.command) && traits.isSequential(undone.command, done.command)
      // Of what is done more than once in the life of an instance nobody outside knows which came first; of what was left in
      // flight, or is undone by a command that nobody answers, nobody waits for the end.
      && [undone.command, done.command].allSatisfy { command in
        !traits.repeatable.contains(command) && !traits.leftInFlight.contains(command)
          && !traits.undoneUnanswered.contains(command)
      }
      && !entries.contains { $0.undoes == done.key }
  }
}
