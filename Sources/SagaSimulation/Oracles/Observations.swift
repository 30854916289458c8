import SagaCore
import SagaRuntime

/// What the world has seen from outside: commands on the network, answers that were taken, messages that were
/// acknowledged. The oracles judge by it and by the participants' ledgers.
struct Observations {
  /// A command by its idempotency key.
  struct Command {
    var key: String
    var type: String
    /// `/sagas/NAME/ROLE/KEY`
    var source: String
    var saga: String
    var service: Int
    var undoes: String?
    var data: JSON
    /// When the network first carried it.
    var firstSent: Int
    /// The journal row that asks for it.
    var row: JournalSequence
    /// When the saga took its answer as the one it waited for, what it said (nil where only the saga can tell), and by which
    /// row at the latest.
    var answered: (order: Int, meaning: ReplyMeanings.Meaning?, row: JournalSequence)?
    /// When an answer came that the saga no longer waited for, or keeps for later.
    var lateAnswer: Int?
    /// Whether an attempt may have gone unanswered for too long, or did not reach the participant: then even a refusal
    /// does not say that nothing was done.
    var isDoubtful = false
    /// How often it was sent, each time under another message id.
    var attempts = 1
  }

  /// Whom a message is for, as it says itself.
  enum Address: Hashable {
    /// Whoever has this primary key.
    case key(String)
    /// Whoever gave the command with this idempotency key.
    case call(String)
  }

  /// What leaves in order.
  struct OrderedBy: Hashable {
    var lane: String
    var key: String
  }

  /// In the order in which they were first sent.
  private(set) var commands: [Command] = []
  private var positions: [String: Int] = [:]
  /// Messages that a service has acknowledged.
  private var acknowledged: [Int: Set<String>] = [:]
  /// Keys of commands whose participant took back its word.
  var contradicted: Set<String> = []
  /// Instances that an operator closed or moved on by hand.
  var handled: Set<String> = []
  /// Those of them that were closed as they are: other roles of the key hear nothing of that.
  var closedByHand: Set<String> = []
  /// Sources of which a sweep may have left nothing but how they ended.
  var swept: Set<String> = []
  /// Those of them for which an answer came after that: nothing was left that could have owed an undo for it.
  var answeredTooLate: Set<String> = []
  /// The last message each service took.
  var lastTaken: [Int: [UInt8]] = [:]
  /// What crashed or frozen services last had in memory.
  private(set) var memories: [Int: [InstanceID: Instance]] = [:]
  /// The types of messages that were taken and acknowledged, by the hash of their bytes: the journal must have them.
  var taken: [Int: [UInt64: String]] = [:]
  /// Whom messages that the network carried are for, by the hash of their bytes.
  var addresses: [UInt64: Address] = [:]
  /// Identities of the messages that services sent, by their place in the journal.
  var sent: [Int: [OutgoingPosition: String]] = [:]
  /// Those of them that their destination has taken.
  var confirmed: [Int: Set<OutgoingPosition>] = [:]
  /// Hashes of forged bodies.
  var forged: Set<UInt64> = []
  /// By service, lane and ordering key, where the last message stood that was sent for the first time.
  var lastPositions: [Int: [OrderedBy: OutgoingPosition]] = [:]
  /// By service and message, the roles that a message had reached in vain when it was acknowledged, and until when they knew it.
  var unknowing: [Int: [String: [RoleName: Timestamp]]] = [:]
  /// Ids of messages that the network has carried, with their bodies' hashes.
  var sentIDs: [String: UInt64] = [:]

  /// The undo commands of an action, in the order in which they were sent.
  private(set) var undos: [String: [String]] = [:]
  /// The keys of an instance's commands, undos aside, in the order in which they were sent.
  private(set) var actions: [String: [String]] = [:]

  subscript(key: String) -> Command? {
    get { positions[key].map { commands[$0] } }
    set {
      guard let newValue else { return }
      if let position = positions[key] {
        commands[position] = newValue
      } else {
        positions[key] = commands.count
        commands.append(newValue)
        if let action = newValue.undoes {
          undos[action, default: []].append(key)
        } else {
          actions[newValue.source, default: []].append(key)
        }
      }
    }
  }

  /// An attempt of the command did not arrive, for all the saga knows.
  mutating func doubt(_ key: String) {
    guard let position = positions[key] else { return }
    commands[position].isDoubtful = true
  }

  /// Nobody outside knows whether the answer was taken: the call that took it failed.
  mutating func loseSight(of key: String, order: Int) {
    guard let position = positions[key], commands[position].lateAnswer == nil else { return }
    commands[position].lateAnswer = order
  }

  /// A timer of the instance fired: whatever it still waits for may have timed out.
  mutating func noteFiring(_ source: String) {
    for key in actions[source] ?? [] {
      guard let position = positions[key], commands[position].answered == nil else { continue }
      commands[position].isDoubtful = true
    }
  }

  /// - Returns: whether it is acknowledged for the first time.
  mutating func acknowledge(_ message: String, at service: Int) -> Bool {
    acknowledged[service, default: []].insert(message).inserted
  }

  /// Keeps what a service had in memory: recovery must bring back what of it was durable.
  mutating func remember(_ service: SimulatedService) {
    guard let engine = service.engine else { return }
    memories[service.index] = Dictionary(uniqueKeysWithValues: engine.inspected.map { ($0.id, $0.instance) })
  }

  /// Forgets instances by id and revision.
  mutating func forgetMemory(of service: Int, where isLost: (InstanceID, Int64) -> Bool) {
    memories[service] = memories[service]?.filter { !isLost($0.key, $0.value.revision) }
  }

  mutating func forgetMemory(of service: Int) { memories[service] = nil }
}
