/// What can go wrong between roles that are each right by themselves.
///
/// Two searches: in the first, time passes only when nothing else can happen; what it finds needs no bad luck. In the
/// second a timer may overtake anything; what only it finds is a warning.
func checkComposed(
  _ roles: [CheckedRole], in definition: Definition, limit: Int = CheckLimits.maximumConfigurations,
  _ findings: inout Findings
) {
  guard roles.count > 1, !findings.preventsComposing else { return }
  let vocabulary = ComposedVocabulary(roles)
  var report = ComposedReport(roles: roles, vocabulary: vocabulary)
  for timersOvertake in [false, true] {
    var exploration = ComposedExploration(roles, vocabulary, timersOvertake: timersOvertake, limit: limit)
    while let (index, rest) = exploration.next() { report.look(at: index, rest, in: exploration) }
    if !exploration.isExhausted {
      report.add(
        .composedLimit, definition.position,
        "the roles together have more than \(limit) configurations (maximumConfigurations); only the nearest were looked at",
        mend: "let the simulator look at the rest")
      break
    }
  }
  for finding in report.found { findings.add(finding) }
}

/// Turns what a search meets into findings, each once.
struct ComposedReport {
  let roles: [CheckedRole]
  let vocabulary: ComposedVocabulary
  private(set) var found: [Diagnostic] = []
  private var seen: Set<String> = []
  /// Roles that ended before a failure reached them; how they end is not said again.
  private var deafRoles: Set<Int> = []

  init(roles: [CheckedRole], vocabulary: ComposedVocabulary) {
    self.roles = roles
    self.vocabulary = vocabulary
  }

  mutating func look(at index: Int, _ rest: ComposedExploration.Rest?, in exploration: ComposedExploration) {
    switch exploration.arrivals[index].event {
    case .absorbed(let role, let type): lookAtAbsorbed(role, type, at: index, in: exploration)
    case .refused(let role, let type): reportUndelivered(type, role, at: index, in: exploration)
    case .outside, .moved: break
    }
    guard let rest else { return }
    for channel in rest.undelivered {
      let (type, role) = exploration.channels[channel]
      reportUndelivered(type, role, at: index, in: exploration)
    }
    if lookForSilentTimer(rest, at: index, in: exploration) { return }
    if !rest.open.isEmpty { return reportDeadlock(rest, at: index, in: exploration) }
    if !rest.completed.isEmpty, !rest.compensated.isEmpty { reportSplit(rest, at: index, in: exploration) }
  }

  private mutating func lookAtAbsorbed(_ role: Int, _ type: Int, at index: Int, in exploration: ComposedExploration) {
    guard vocabulary.tellsFailure[type] else { return }
    let situation = exploration.situation(of: role, in: exploration.configurations[index])
    guard situation.phase == .completed else { return }
    deafRoles.insert(role)
    let state = roles[role].states[situation.state]
    let name = vocabulary.types[type]
    report(
      .composedAbsorbed, "\(role) \(type)", state.position,
      "'\(name)' tells role '\(roles[role].role.name)' of a failure when it is already in the final state '\(state.name)' (completed)",
      mend:
        "let '\(roles[role].role.name)' wait for the outcome before it ends, or let nothing fail behind this point (a pivot)",
      at: index, in: exploration)
  }

  private mutating func reportUndelivered(_ type: Int, _ role: Int, at index: Int, in exploration: ComposedExploration)
  {
    let name = vocabulary.types[type]
    let position = roles[role].takenTypes.first { $0.value == name }?.position ?? roles[role].role.position
    report(
      .composedNoReceiver, "\(role) \(type)", position,
      "a '\(name)' finds no instance of role '\(roles[role].role.name)' that takes it, and becomes a dead letter",
      mend: "say in `messages` that this is normal (\"missing\": \"ignore\"), or let it start the role",
      at: index, in: exploration)
  }

  private mutating func reportDeadlock(
    _ rest: ComposedExploration.Rest, at index: Int, in exploration: ComposedExploration
  ) {
    let configuration = exploration.configurations[index]
    let places = rest.open.map { role in
      (role, exploration.situation(of: role, in: configuration).state)
    }
    let (first, state) = places[0]
    let names = places.map { "'\(roles[$0].role.name)' in '\(roles[$0].states[$1].name)'" }.joined(separator: ", ")
    report(
      .composedDeadlock, "\(first) \(state)", roles[first].states[state].position,
      "nothing moves any more and no timer is armed: \(names) wait\(places.count == 1 ? "s" : "") for ever",
      mend: "let another role publish what is waited for on this way too, or add an `after` that gives up and says so",
      at: index, in: exploration)
  }

  private mutating func reportSplit(
    _ rest: ComposedExploration.Rest, at index: Int, in exploration: ComposedExploration
  ) {
    let completed = rest.completed.filter { !deafRoles.contains($0) }
    guard let first = completed.first, let other = rest.compensated.first else { return }
    let configuration = exploration.configurations[index]
    let state = roles[other].states[exploration.situation(of: other, in: configuration).state]
    let key = "\(completed)/\(rest.compensated)"
    report(
      .composedSplitEnd, key, state.position,
      "the roles end differently: \(names(completed)) completed, \(names(rest.compensated)) compensated",
      mend:
        "let '\(roles[first].role.name)' learn of the failure of '\(roles[other].role.name)' before it ends, or the other way round",
      at: index, in: exploration)
  }

  /// A timer by which a role gives up without a word that another role takes.
  private mutating func lookForSilentTimer(
    _ rest: ComposedExploration.Rest, at index: Int, in exploration: ComposedExploration
  ) -> Bool {
    if rest.open.isEmpty, rest.completed.isEmpty { return false }
    for event in exploration.path(to: index) {
      guard case .moved(let role, let move, isTimer: true) = event, move.givesUp else { continue }
      let isHeard = move.sent.contains { type in vocabulary.receivers[type].contains { $0 != role } }
      if isHeard || !rest.compensated.contains(role) { continue }
      let others = rest.open + rest.completed
      report(
        .composedSilentTimer, "\(role) \(move.position.offset)", move.position,
        "role '\(roles[role].role.name)' gives up here and tells nobody, while \(names(others)) \(rest.open.isEmpty ? "completed" : "did not")",
        mend: "publish an event that the other roles take, and let them compensate on it",
        at: index, in: exploration)
      return true
    }
    return false
  }

  private func names(_ roles: [Int]) -> String { quoted(roles.map { self.roles[$0].role.name }) }

  private mutating func report(
    _ code: CheckCode, _ key: String, _ position: SourcePosition, _ message: String, mend: String, at index: Int,
    in exploration: ComposedExploration
  ) {
    guard seen.insert("\(code.rawValue) \(key)").inserted else { return }
    let path = exploration.path(to: index)
    var guarded: Set<Int> = []
    for case .moved(let role, let move, _) in path where move.isGuarded { guarded.insert(role) }
    var severity = code.severity
    var message = message
    if exploration.timersOvertake {
      severity = .warning
      message += "; it takes a timer that fires while messages are under way"
    } else if guarded.count > 1 {
      severity = .warning
      message += "; it takes guards in \(names(guarded.sorted())) that may never hold together"
    }
    let assumed = path.compactMap { event -> String? in
      guard case .outside(let type) = event, !vocabulary.externalStarts.contains(type) else { return nil }
      return vocabulary.types[type]
    }
    if !assumed.isEmpty { message += "; \(quoted(assumed)) would come from outside, since no role publishes it" }
    add(code, position, message, mend: mend, severity: severity, trace: path.map { text($0) })
  }

  private func text(_ event: ComposedExploration.Event) -> String {
    switch event {
    case .outside(let type): "\(vocabulary.types[type]) comes from outside"
    case .moved(_, let move, _): move.text
    case .absorbed(let role, let type): "\(roles[role].role.name): \(vocabulary.types[type]) is late and has no effect"
    case .refused(let role, let type): "\(roles[role].role.name): \(vocabulary.types[type]) becomes a dead letter"
    }
  }

  mutating func add(
    _ code: CheckCode, _ position: SourcePosition, _ message: String, mend: String,
    severity: Diagnostic.Severity? = nil, trace: [String] = []
  ) {
    found.append(
      Diagnostic(
        severity ?? code.severity, code: code.rawValue, file: roles[0].definition.file, position: position,
        message: message, mend: mend, trace: trace))
  }
}
