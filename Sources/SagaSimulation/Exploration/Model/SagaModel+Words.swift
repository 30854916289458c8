import SagaCore

extension SagaModel {
  func describe(_ action: SagaAction, from state: PackedState) throws -> String {
    let place = Place(state)
    let base: String
    switch action.kind {
    case .deliver: base = "deliver \(post.letters.event(action.letter).type) to \(services[Int(action.service)].name)"
    case .lose:
      let letter = post.letters[action.letter]
      let receiver =
        switch letter.receiver {
        case .node(let service): services[service].name
        case .participants: letter.destination
        }
      base = "lose \(post.letters.event(action.letter).type) on its way to \(receiver)"
    case .answer: base = word(ofAnswer: action, from: place)
    case .fire:
      let service = services[Int(action.service)]
      let node = service[serviceTuples.component(Int(action.service), of: place.services)]
      let late = node.firings[Int(action.detail)].milliseconds(since: node.contents.clock)
      base = "time passes at \(service.name), \(late) ms: the timer \(node.timer) fires"
    case .replay:
      let service = services[Int(action.service)]
      let node = serviceTuples.component(Int(action.service), of: place.services)
      base =
        "an operator replays the dead letter \(service.type(ofLetter: Int(action.detail), in: node)) of \(service.name)"
    case .outside: base = "\(world.outsides[Int(action.detail)].event.type) comes from outside"
    }
    switch action.mishap {
    case .none: return base
    case .twice: return base + ", and it will come again"
    case .crash(let point):
      return base
        + "; \(services[Int(action.service)].name) crashes after its commit (at point \(point + 1)) and recovers"
    }
  }

  private func word(ofAnswer action: SagaAction, from place: Place) -> String {
    let letter = post.letters[action.letter]
    let event = post.letters.event(action.letter)
    let ledger = Int(action.service)
    var copy = participants[ledger]
    var office = post
    let state = ledgerTuples.component(ledger, of: place.ledgers)
    guard let number = try? copy.deliver(action.letter, in: state, &office) else { return event.type }
    let outcome = copy.outcomes[Int(number)][Int(action.detail)]
    return "\(letter.destination) takes \(event.type) and answers \(outcome.word)"
  }
}
