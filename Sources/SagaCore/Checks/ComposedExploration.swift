/// All roles of a choreography together: every order in which they can move, breadth first, so that the first way found
/// to anything is a shortest one.
///
/// An explicit-state search in the manner of SPIN (Holzmann, "The Model Checker SPIN", 1997), over situations without data:
/// guards may hold or not, participants may give any of their answers, messages may overtake one another. Messages are not
/// lost: the engine delivers at least once.
struct ComposedExploration {
  /// One configuration: the situation of each role, copies under way in each channel, and which outside types have come.
  struct Configuration: Hashable {
    var cells: [Int32]
  }

  /// How a configuration was reached first.
  struct Arrival {
    var parent: Int
    var event: Event
  }

  enum Event {
    case outside(type: Int)
    case moved(role: Int, RoleMove, isTimer: Bool)
    case absorbed(role: Int, type: Int)
    case refused(role: Int, type: Int)
  }

  let vocabulary: ComposedVocabulary
  /// Whether a timer may fire while something else can still happen.
  let timersOvertake: Bool
  let limit: Int
  var automata: [RoleAutomaton]
  let channels: [(type: Int, role: Int)]
  private let channelsOfType: [[Int]]
  private(set) var configurations: [Configuration] = []
  private(set) var arrivals: [Arrival] = []
  private var known: Set<Configuration> = []
  private(set) var isExhausted = true
  private var position = 0

  init(_ roles: [CheckedRole], _ vocabulary: ComposedVocabulary, timersOvertake: Bool, limit: Int) {
    self.limit = limit
    self.vocabulary = vocabulary
    self.timersOvertake = timersOvertake
    automata = roles.map { RoleAutomaton(RoleMoves($0, vocabulary)) }
    var channels: [(type: Int, role: Int)] = []
    var channelsOfType: [[Int]] = Array(repeating: [], count: vocabulary.types.count)
    for type in vocabulary.types.indices {
      for role in vocabulary.receivers[type] {
        channelsOfType[type].append(channels.count)
        channels.append((type, role))
      }
    }
    self.channels = channels
    self.channelsOfType = channelsOfType
    let empty = Configuration(
      cells: Array(repeating: 0, count: automata.count + channels.count + vocabulary.external.count))
    for type in vocabulary.externalStarts { reach(arriving(type, in: empty), from: -1, .outside(type: type)) }
  }

  /// Expands the next configuration; each comes once.
  ///
  /// - Returns: its index, and what is left when nothing can move in it; nil when all have come.
  mutating func next() -> (index: Int, rest: Rest?)? {
    guard position < configurations.count else { return nil }
    defer { position += 1 }
    return (position, expand(position))
  }

  /// A configuration in which nothing moves any more.
  struct Rest {
    var open: [Int]
    var completed: [Int]
    var compensated: [Int]
    /// Channels with a message that a role which never began does not take.
    var undelivered: [Int]
  }

  /// - Returns: what is left when nothing can move.
  private mutating func expand(_ index: Int) -> Rest? {
    let configuration = configurations[index]
    let answers = expandAnswers(configuration, index)
    let hasMessages = expandMessages(configuration, index)
    let isGoingOn = expandOutside(configuration, index)
    var isMoving = answers.any || hasMessages || isGoingOn
    let mayFire = timersOvertake || !(answers.soon || hasMessages)
    if mayFire, expandTimers(configuration, index) { isMoving = true }
    return isMoving ? nil : rest(configuration)
  }

  /// - Returns: whether there is an answer to come, and one that comes before any timer.
  private mutating func expandAnswers(_ configuration: Configuration, _ index: Int) -> (any: Bool, soon: Bool) {
    var result = (any: false, soon: false)
    for role in automata.indices {
      for move in automata[role].options(in: Int(configuration.cells[role])).answers {
        result.any = true
        result.soon = result.soon || !move.move.mayTakeLong
        reach(after(move, of: role, in: configuration), from: index, .moved(role: role, move.move, isTimer: false))
      }
    }
    return result
  }

  private mutating func expandTimers(_ configuration: Configuration, _ index: Int) -> Bool {
    var isMoving = false
    for role in automata.indices {
      for move in automata[role].options(in: Int(configuration.cells[role])).timers {
        isMoving = true
        reach(after(move, of: role, in: configuration), from: index, .moved(role: role, move.move, isTimer: true))
      }
    }
    return isMoving
  }

  private mutating func expandMessages(_ configuration: Configuration, _ index: Int) -> Bool {
    var isMoving = false
    for (channel, (type, role)) in channels.enumerated() where configuration.cells[automata.count + channel] > 0 {
      var taken = configuration
      taken.cells[automata.count + channel] -= 1
      switch automata[role].reception(of: type, in: Int(configuration.cells[role])) {
      case .kept: continue
      case .late: reach(taken, from: index, .absorbed(role: role, type: type))
      case .refused: reach(taken, from: index, .refused(role: role, type: type))
      case .moves(let moves):
        for move in moves {
          reach(after(move, of: role, in: taken), from: index, .moved(role: role, move.move, isTimer: false))
        }
      }
      isMoving = true
    }
    return isMoving
  }

  /// Lets a message come from outside, once for each type, where some role would act on it.
  ///
  /// - Returns: whether one of them leads on; a cancel or a role-wide request does not count as a way out.
  private mutating func expandOutside(_ configuration: Configuration, _ index: Int) -> Bool {
    var leadsOn = false
    for (number, type) in vocabulary.external.enumerated() {
      let hasCome = configuration.cells[automata.count + channels.count + number] > 0
      var isTaken = false
      for role in vocabulary.receivers[type] {
        guard case .moves(let moves) = automata[role].reception(of: type, in: Int(configuration.cells[role])) else {
          continue
        }
        isTaken = true
        let situation = automata[role].situations[Int(configuration.cells[role])]
        let isOwn =
          situation.phase == .running
          && automata[role].moves.model.states[situation.state].on[vocabulary.types[type]] != nil
        if isOwn, moves.contains(where: { !$0.move.givesUp && $0.move.next.state != situation.state }) {
          leadsOn = true
        }
      }
      if isTaken, !hasCome { reach(arriving(type, in: configuration), from: index, .outside(type: type)) }
    }
    return leadsOn
  }

  private func arriving(_ type: Int, in configuration: Configuration) -> Configuration {
    var next = configuration
    send(type, &next)
    if let number = vocabulary.external.firstIndex(of: type) {
      next.cells[automata.count + channels.count + number] = 1
    }
    return next
  }

  private func after(_ move: RoleAutomaton.NumberedMove, of role: Int, in configuration: Configuration) -> Configuration
  {
    var next = configuration
    next.cells[role] = Int32(move.next)
    for type in move.move.sent { send(type, &next) }
    return next
  }

  private func send(_ type: Int, _ configuration: inout Configuration) {
    for channel in channelsOfType[type] {
      let cell = automata.count + channel
      configuration.cells[cell] = min(configuration.cells[cell] + 1, Int32(CheckLimits.maximumCopies))
    }
  }

  private mutating func reach(_ configuration: Configuration, from parent: Int, _ event: Event) {
    if case .moved(_, let move, _) = event, move.isCut { isExhausted = false }
    if configurations.count >= limit {
      if !known.contains(configuration) { isExhausted = false }
      return
    }
    guard known.insert(configuration).inserted else { return }
    configurations.append(configuration)
    arrivals.append(Arrival(parent: parent, event: event))
  }

  private func rest(_ configuration: Configuration) -> Rest {
    var rest = Rest(open: [], completed: [], compensated: [], undelivered: [])
    for role in automata.indices {
      switch situation(of: role, in: configuration).phase {
      case .absent: break
      case .running: rest.open.append(role)
      case .completed: rest.completed.append(role)
      case .compensated: rest.compensated.append(role)
      }
    }
    for (channel, (_, role)) in channels.enumerated() where configuration.cells[automata.count + channel] > 0 {
      if situation(of: role, in: configuration).phase == .absent { rest.undelivered.append(channel) }
    }
    return rest
  }

  func situation(of role: Int, in configuration: Configuration) -> RoleSituation {
    automata[role].situations[Int(configuration.cells[role])]
  }

  /// The events that lead to a configuration, from the start.
  func path(to index: Int) -> [Event] {
    var events: [Event] = []
    var index = index
    while index >= 0 {
      events.append(arrivals[index].event)
      index = arrivals[index].parent
    }
    return events.reversed()
  }
}
