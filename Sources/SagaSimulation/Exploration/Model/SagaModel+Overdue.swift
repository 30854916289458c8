/// Letters that have come too late for anything are taken out at once instead of being delivered at every later moment.
///
/// A reply is overdue when its call is over at the service that made it: answered or given up, owing nothing that the
/// answer could inform. Keys are given once, so a call that is over stays over, and the reply would be late whenever it
/// came: a row without effect. A command is overdue when its reply would be and the participant's ledger has its key, so
/// that nothing would be done. Delivering an overdue letter changes nothing and can be done before anything else; so
/// whatever can happen with it in flight can happen without it, and the other way round.
///
/// The engine is asked about each reply where it is overdue first, and a ledger about each command; a letter that does
/// anything there is delivered like any other.
extension SagaModel {
  /// Whether it may matter that a letter comes twice: the engine does not recognise it, or, for an answer, a second one
  /// under another id would have an effect.
  mutating func comesAgain(_ letter: UInt32, to service: Int, in transition: NodeModel.Transition) throws -> Bool {
    if transition.isForgotten { return true }
    guard world.renames, !tracksTaken, let key = post.letters.calls[Int(letter)], post.issuers[key] == service else {
      return false
    }
    let next = transition.outcome.next
    if services[service][next].openCalls.contains(key) { return true }
    return try !isWithoutEffect(letter, at: service, in: next)
  }

  /// Takes out what is overdue with regard to a service.
  mutating func removeOverdue(of service: Int, in place: inout Place) throws {
    if tracksTaken || !removesOverdue || place.letters == LetterSets.empty { return }
    let state = serviceTuples.component(service, of: place.services)
    var commands: UInt32
    if let known = overdue.known(place.letters, state, service: service) {
      place.letters = known.left
      commands = known.commands
    } else {
      let all = place.letters
      (place.letters, commands) = try sort(all, at: service, in: state)
      overdue.add(all, state, service: service, left: place.letters, commands: commands)
    }
    if commands == LetterSets.empty { return }
    for letter in post.sets[commands] where try isDone(letter, place.ledgers) {
      place.letters = post.sets.removing(letter, from: place.letters)
    }
  }

  /// The service that made the call of a letter.
  func owner(of letter: UInt32) -> Int? { post.letters.calls[Int(letter)].flatMap { post.issuers[$0] } }

  private mutating func sort(_ letters: UInt32, at service: Int, in state: UInt32) throws -> (UInt32, UInt32) {
    let open = services[service][state].openCalls
    var left: [UInt32] = []
    var commands: [UInt32] = []
    for letter in post.sets[letters] {
      guard let key = post.letters.calls[Int(letter)], post.issuers[key] == service, !open.contains(key) else {
        left.append(letter)
        continue
      }
      switch post.letters.receiver(letter) {
      case .node(let receiver):
        if try receiver != service || !isWithoutEffect(letter, at: service, in: state) { left.append(letter) }
      case .participants:
        left.append(letter)
        commands.append(letter)
      }
    }
    return (post.sets.number(of: left), post.sets.number(of: commands))
  }

  private mutating func isWithoutEffect(_ letter: UInt32, at service: Int, in state: UInt32) throws -> Bool {
    if let known = overdue.proven[letter] { return known }
    let key = NodeModel.key(state: state, letter: letter)
    let number = try services[service].knownTransition(key) ?? services[service].deliver(letter, in: state, &post)
    let transition = services[service].transitions[Int(number)]
    let proven =
      transition.outcome.next == state && transition.outcome.sent == LetterSets.empty && !transition.isForgotten
      && !transition.hasCrashes
    overdue.proven[letter] = proven
    return proven
  }

  /// Whether a command would change nothing at its participant.
  private mutating func isDone(_ letter: UInt32, _ ledgers: UInt32) throws -> Bool {
    guard case .participants(let ledger) = post.letters.receiver(letter) else { return false }
    let state = ledgerTuples.component(ledger, of: ledgers)
    guard let key = post.letters.calls[Int(letter)], participants[ledger].knows(key, in: state) else { return false }
    let number = try participants[ledger].deliver(letter, in: state, &post)
    return participants[ledger].outcomes[Int(number)].allSatisfy { $0.next == state }
  }
}
