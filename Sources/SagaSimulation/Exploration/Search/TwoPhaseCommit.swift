/// Two-phase commit, as specified by the TLA+ module `TwoPhase` of Gray and Lamport, "Consensus on Transaction Commit"
/// (ACM TODS 31:1, 2006): resource managers prepare, a transaction manager decides, messages are never lost nor forgotten.
///
/// Its numbers of distinct states are published, so that a search that finds them is known to find every state once. No
/// symmetry is made use of.
public struct TwoPhaseCommit: TransitionSystem, Sendable {
  public enum Action: Sendable, Hashable {
    /// The transaction manager hears that this resource manager is prepared.
    case transactionManagerReceivesPrepared(Int)
    /// The transaction manager has heard from all and decides to commit.
    case transactionManagerCommits
    /// The transaction manager decides to abort.
    case transactionManagerAborts
    /// This resource manager prepares and says so.
    case prepares(Int)
    /// This resource manager aborts by itself before it is prepared.
    case choosesToAbort(Int)
    /// This resource manager hears that the transaction is committed.
    case receivesCommit(Int)
    /// This resource manager hears that the transaction is aborted.
    case receivesAbort(Int)
  }

  /// At most 15, so that a state fits in a word.
  public let resourceManagers: Int
  /// A broken transaction manager commits without waiting for everybody.
  public let isBroken: Bool

  /// The protocol, or a broken one that a search must find wrong.
  public init(resourceManagers: Int, isBroken: Bool = false) {
    precondition((1...15).contains(resourceManagers), "a state of more than 15 resource managers fits in no word")
    self.resourceManagers = resourceManagers
    self.isBroken = isBroken
  }

  // A word: two bits for each resource manager's state, one for its being known to the transaction manager as prepared,
  // one for its message, and at the end what the transaction manager decided, which is also the message it sent.
  private static let working: UInt64 = 0
  private static let prepared: UInt64 = 1
  private static let committed: UInt64 = 2
  private static let aborted: UInt64 = 3

  private var knownShift: Int { 2 * resourceManagers }
  private var sentShift: Int { 3 * resourceManagers }
  private var everyone: UInt64 { (1 << UInt64(resourceManagers)) - 1 }
  private var commitMessage: UInt64 { 1 << UInt64(4 * resourceManagers) }
  private var abortMessage: UInt64 { 2 << UInt64(4 * resourceManagers) }

  public func initialStates() -> [PackedState] { [PackedState(low: 0)] }

  public func appendSteps(from state: PackedState, to steps: inout [Step<Action>]) {
    let word = state.low
    let isUndecided = word & (commitMessage | abortMessage) == 0
    if isUndecided {
      if isBroken || (word >> UInt64(knownShift)) & everyone == everyone {
        steps.append(Step(.transactionManagerCommits, to: PackedState(low: word | commitMessage)))
      }
      steps.append(Step(.transactionManagerAborts, to: PackedState(low: word | abortMessage)))
    }
    for manager in 0..<resourceManagers {
      let place = UInt64(2 * manager)
      let mine = (word >> place) & 3
      let others = word & ~(3 << place)
      let sent: UInt64 = 1 << UInt64(sentShift + manager)
      if isUndecided, word & sent != 0 {
        let known = word | 1 << UInt64(knownShift + manager)
        steps.append(Step(.transactionManagerReceivesPrepared(manager), to: PackedState(low: known)))
      }
      if mine == TwoPhaseCommit.working {
        let prepared = others | TwoPhaseCommit.prepared << place | sent
        steps.append(Step(.prepares(manager), to: PackedState(low: prepared)))
        steps.append(Step(.choosesToAbort(manager), to: PackedState(low: others | TwoPhaseCommit.aborted << place)))
      }
      if word & commitMessage != 0 {
        steps.append(Step(.receivesCommit(manager), to: PackedState(low: others | TwoPhaseCommit.committed << place)))
      }
      if word & abortMessage != 0 {
        steps.append(Step(.receivesAbort(manager), to: PackedState(low: others | TwoPhaseCommit.aborted << place)))
      }
    }
  }

  /// Two resource managers never disagree: `TCConsistent` of the module `TCommit`.
  public func violation(in state: PackedState) -> String? {
    var hasCommitted = false
    var hasAborted = false
    for manager in 0..<resourceManagers {
      let mine = (state.low >> UInt64(2 * manager)) & 3
      if mine == TwoPhaseCommit.committed { hasCommitted = true }
      if mine == TwoPhaseCommit.aborted { hasAborted = true }
    }
    return hasCommitted && hasAborted ? "one resource manager has committed and another aborted" : nil
  }

  public func describe(_ action: Action, from state: PackedState) -> String {
    switch action {
    case .transactionManagerReceivesPrepared(let manager): "the transaction manager hears that \(manager) is prepared"
    case .transactionManagerCommits: "the transaction manager commits"
    case .transactionManagerAborts: "the transaction manager aborts"
    case .prepares(let manager): "\(manager) prepares"
    case .choosesToAbort(let manager): "\(manager) chooses to abort"
    case .receivesCommit(let manager): "\(manager) receives the commit"
    case .receivesAbort(let manager): "\(manager) receives the abort"
    }
  }

  /// Looks at every state.
  public func explore(limit: Int = .max) -> Exploration {
    var search = BreadthFirstSearch(self, limit: limit)
    do {
      return try search.run()
    } catch {
      preconditionFailure("this model throws nothing: \(error)")
    }
  }
}
