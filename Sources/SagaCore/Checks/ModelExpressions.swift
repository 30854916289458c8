extension MachineModel {
  /// Every expression of the model, in no particular order.
  func forEachExpression(_ body: (Expression) -> Void) {
    for transition in parts.transitions { transition.forEachExpression(body) }
    for node in parts.nodes { node.forEachExpression(body) }
    for entry in parts.after + parts.states.flatMap(\.after) { entry.delay.forEachExpression(body) }
    parts.settle.forEachExpression(body)
    for message in parts.messages.values {
      switch message.key {
      case .primary(let key), .named(_, let key): body(key)
      case nil: break
      }
      for accepted in message.accepts { accepted.upcast.forEachExpression(body) }
    }
  }
}

extension TransitionModel {
  func forEachExpression(_ body: (Expression) -> Void) {
    if let when { body(when) }
    if let compensate { body(compensate) }
    for assignment in set + correlate { assignment.value.forEachExpression(body) }
    for publication in publish { publication.payload.forEachExpression(body) }
  }
}

extension NodeModel {
  func forEachExpression(_ body: (Expression) -> Void) {
    switch kind {
    case .sequence, .parallel, .attempt: break
    case .call(let call): call.forEachExpression(body)
    case .set(let assignments): for assignment in assignments { assignment.value.forEachExpression(body) }
    case .fail(let reason): body(reason)
    case .publish(let publications, let undo):
      for publication in publications { publication.payload.forEachExpression(body) }
      undo?.forEachExpression(body)
    case .forEach(let list, _, _): body(list)
    case .choose(let choices): for choice in choices { choice.when.map(body) }
    }
  }
}

extension CallModel {
  func forEachExpression(_ body: (Expression) -> Void) {
    command?.with.forEachExpression(body)
    timeout?.forEachExpression(body)
    retry.delay.forEachExpression(body)
    retry.maxDelay.forEachExpression(body)
    for reply in replies.values.flatMap({ $0 }) {
      reply.when.map(body)
      reply.fail.map(body)
      reply.again?.forEachExpression(body)
      for assignment in reply.set + reply.correlate { assignment.value.forEachExpression(body) }
    }
    undo?.forEachExpression(body)
  }
}

extension UndoModel {
  func forEachExpression(_ body: (Expression) -> Void) {
    switch form {
    case .call(let call): call.forEachExpression(body)
    case .publish(let publications): for publication in publications { publication.payload.forEachExpression(body) }
    }
  }
}

extension DelayModel {
  func forEachExpression(_ body: (Expression) -> Void) {
    if case .expression(let expression) = self { body(expression) }
  }
}

extension TemplateModel {
  func forEachExpression(_ body: (Expression) -> Void) {
    switch self {
    case .constant: break
    case .expression(let expression): body(expression)
    case .array(let elements): for element in elements { element.forEachExpression(body) }
    case .object(let members): for member in members { member.value.forEachExpression(body) }
    }
  }
}
